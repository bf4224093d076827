package verdict

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// Comparison is the candidate against the baseline for one operation and
// quantile. Figures that the data do not support are NaN, in JSON null.
type Comparison struct {
	Operation string  `json:"operation"`
	Quantile  float64 `json:"quantile"`
	// Baseline and Candidate are headline figures from merged histograms; 0
	// when the input had none. The ratio is not their quotient: it comes from
	// the units.
	Baseline  time.Duration `json:"baseline_ns"`
	Candidate time.Duration `json:"candidate_ns"`
	Ratio     Interval      `json:"ratio"`
	// Margin as a fraction: 0.10 accepts up to x1.10.
	Margin float64 `json:"margin"`
	// Convicts is the fraction from which it convicts where that is less than Margin, else 0.
	Convicts float64 `json:"convicts,omitempty"`
	Units    int     `json:"units"`
	UnitName Unit    `json:"unit"`
	// PSlow is the exact one-sided p value against "not slower"; PAdjusted the
	// same after correction for all gating comparisons; PNonInferior the one
	// against "slower by the margin or more".
	PSlow        float64 `json:"p_slow"`
	PAdjusted    float64 `json:"p_slow_adjusted"`
	PNonInferior float64 `json:"p_non_inferior"`
	// MDE80 is the slowdown, as a fraction, that a run of this size and noise
	// would notice four times in five.
	MDE80 float64 `json:"mde80"`
	// PairDeviation is the standard deviation of ln(candidate/baseline) over the pairs: how noisy
	// the machine was. 0 when there are fewer than two.
	PairDeviation float64 `json:"pair_deviation,omitempty"`
	// Certifiable is the smallest margin, as a fraction, that these data would
	// have certified at 5 %. It is not positive when the candidate is faster.
	Certifiable float64 `json:"certifiable"`
	// UnitsNeeded is the total number of units with which a candidate that is
	// no slower would pass four times in five; 0 when unknown.
	UnitsNeeded int  `json:"units_needed,omitempty"`
	Gating      bool `json:"gating"`
	// Sentinel: the comparison can convict, and a pass does not wait for it.
	Sentinel bool     `json:"sentinel,omitempty"`
	Decision Decision `json:"decision"`
	// Unstable: the regression is that some trials lie far above the rest, which the
	// ratio and its p values do not show.
	Unstable bool     `json:"unstable,omitempty"`
	Reasons  []string `json:"reasons"`
	Warnings []string `json:"warnings,omitempty"`
}

// Tested tells whether the comparison can convict: as a gate or as a sentinel.
func (c Comparison) Tested() bool { return c.Gating || c.Sentinel }

type plainComparison Comparison

type comparisonJSON struct {
	plainComparison
	// Change is the ratio less one: 0.06 for ×1.06.
	Change       Interval `json:"change"`
	PSlow        *float64 `json:"p_slow"`
	PAdjusted    *float64 `json:"p_slow_adjusted"`
	PNonInferior *float64 `json:"p_non_inferior"`
	MDE80        *float64 `json:"mde80"`
	Certifiable  *float64 `json:"certifiable"`
}

func (c Comparison) MarshalJSON() ([]byte, error) {
	return json.Marshal(comparisonJSON{
		plainComparison(c), c.Ratio.less(1), finite(c.PSlow), finite(c.PAdjusted), finite(c.PNonInferior),
		finite(c.MDE80),
		finite(c.Certifiable),
	})
}

func (c *Comparison) UnmarshalJSON(b []byte) error {
	var j comparisonJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("comparison: %w", err)
	}
	*c = Comparison(j.plainComparison)
	nan := math.NaN()
	c.PSlow, c.PAdjusted, c.PNonInferior = orElse(j.PSlow, nan), orElse(j.PAdjusted, nan), orElse(j.PNonInferior, nan)
	c.MDE80, c.Certifiable = orElse(j.MDE80, nan), orElse(j.Certifiable, nan)
	return nil
}

// Percentile is the quantile as people say it: "P95", "P99.9".
func Percentile(quantile float64) string {
	return "P" + strconv.FormatFloat(math.Round(quantile*1e6)/1e4, 'f', -1, 64)
}

// Name is "token P99", or of a cost "server CPU per request".
func (c Comparison) Name() string {
	if c.OfCost() {
		return c.Operation + " per request"
	}
	return c.Operation + " " + Percentile(c.Quantile)
}

// Convicting is the slowdown from which the comparison convicts, as a fraction.
func (c Comparison) Convicting() float64 {
	if c.Convicts > 0 {
		return c.Convicts
	}
	return c.Margin
}

// OfCost tells whether what is compared is a cost, and no response time.
func (c Comparison) OfCost() bool { return c.Quantile == 0 }

// String is the one line a terminal shows:
//
//	token P99 12.4 ms -> 13.1 ms  ×1.06 [0.98, 1.14], +5.6 % [-2.0 %, +14 %] (90 %, 12 epochs)  margin ×1.15  PASS
//	p=0.004 | could detect ×1.09 | could certify +14 %
func (c Comparison) String() string {
	var b strings.Builder
	b.WriteString(c.Name())
	if c.Baseline > 0 && c.Candidate > 0 {
		fmt.Fprintf(&b, " %s -> %s", Milliseconds(c.Baseline), Milliseconds(c.Candidate))
	}
	fmt.Fprintf(&b, "  %v, %s (90 %%, %s)  margin ×%.2f  ", c.Ratio, c.Ratio.Change(),
		digits.Count(c.Units, string(c.UnitName)),
		1+c.Margin)
	p := c.PNonInferior
	if c.Decision == Regression {
		p = c.PSlow
	}
	switch {
	case c.Decision == Inconclusive || finite(p) == nil:
		b.WriteString("~ " + string(c.Decision))
	case c.Unstable:
		b.WriteString("REGRESSION unstable")
	default:
		fmt.Fprintf(&b, "%s p=%.2g", strings.ToUpper(string(c.Decision)), p)
	}
	if finite(c.MDE80) != nil {
		fmt.Fprintf(&b, " | could detect ×%.2f", 1+c.MDE80)
	}
	if finite(c.Certifiable) != nil {
		fmt.Fprintf(&b, " | could certify %+.0f %%", math.Ceil(100*c.Certifiable))
	}
	if !c.Gating {
		b.WriteString(" | advisory")
	}
	return b.String()
}

// Milliseconds prints a response time with three significant digits:
// "0.152 ms", "12.4 ms", "1310 ms".
func Milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	digits := 3
	for limit := 1.0; digits > 0 && ms >= limit; limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(ms, 'f', digits, 64) + " ms"
}

// Interval is an estimated ratio candidate/baseline with its confidence
// interval: 1.06 is 6 % slower. Low and High are one-sided 95 % bounds each,
// together a 90 % interval. With too few units Low is 0 and High +Inf; without
// any, Estimate is NaN. JSON has null for those that are not finite.
type Interval struct {
	Estimate float64
	Low      float64
	High     float64
}

// less is the interval moved down by d.
func (i Interval) less(d float64) Interval { return Interval{i.Estimate - d, i.Low - d, i.High - d} }

// Change is "+5.6 % [-2.0 %, +14 %]", or "~" when nothing was estimated.
func (i Interval) Change() string {
	percent := func(ratio float64) string {
		digits := 0
		if math.Abs(ratio-1) < 0.0995 {
			digits = 1
		}
		text := strconv.FormatFloat(100*(ratio-1), 'f', digits, 64)
		if ratio >= 1 {
			text = "+" + text
		}
		return text + " %"
	}
	switch {
	case finite(i.Estimate) == nil:
		return "~"
	case finite(i.High) == nil:
		return percent(i.Estimate) + " [?, ?]"
	}
	return percent(i.Estimate) + " [" + percent(i.Low) + ", " + percent(i.High) + "]"
}

type intervalJSON struct {
	Estimate *float64 `json:"estimate"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
}

func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal(intervalJSON{finite(i.Estimate), finite(i.Low), finite(i.High)})
}

func (i *Interval) UnmarshalJSON(b []byte) error {
	var j intervalJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("interval: %w", err)
	}
	*i = Interval{orElse(j.Estimate, math.NaN()), orElse(j.Low, 0), orElse(j.High, math.Inf(1))}
	return nil
}

// String is "×1.06 [0.98, 1.14]", or "~" when nothing was estimated.
func (i Interval) String() string {
	switch {
	case finite(i.Estimate) == nil:
		return "~"
	case finite(i.High) == nil:
		return times(i.Estimate) + " [?, ?]"
	}
	return times(i.Estimate) + " [" + Factor(i.Low) + ", " + Factor(i.High) + "]"
}

// Factor prints a finite ratio without its sign of multiplication: "1.06", "0.043", "120".
func Factor(v float64) string {
	switch {
	case v != 0 && v < 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case v >= 99.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// times is Factor with the sign: "×1.06".
func times(v float64) string { return "×" + Factor(v) }

// finite returns a pointer to x, or nil where JSON has no number for it.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func orElse(p *float64, otherwise float64) float64 {
	if p == nil {
		return otherwise
	}
	return *p
}
