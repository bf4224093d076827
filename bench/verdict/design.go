package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Design is the rule that a run is judged by: one value, fixed before the first
// trial and stored with the run, so that it is judged the same whatever later
// versions of a profile say.
type Design struct {
	Profile Profile `json:"profile"`
	// Gates lists the comparisons that decide. Empty means every operation at
	// every quantile for which the profile has a floor and the trials are long
	// enough. A comparison that is observed and not listed is advisory.
	Gates []Gate `json:"gates,omitempty"`
	// Sentinels lists comparisons that can convict and never withhold a pass. Empty
	// means, where no gates are listed either, all that Profile.Watched has.
	Sentinels []Gate `json:"sentinels,omitempty"`
	// Margins override the default margins, the most specific entry first. See
	// Margin.
	Margins []Margin `json:"margins,omitempty"`
	// LeastMargin is the slowdown that never matters, whatever fraction of the
	// baseline it is: no margin is narrower. 0 for none.
	LeastMargin time.Duration `json:"least_margin_ns,omitempty"`
	SLOs        []SLO         `json:"slos,omitempty"`
	// Costs are the costs that are judged beside the percentiles; none is judged that is
	// not listed.
	Costs []CostRule `json:"costs,omitempty"`
	// MostErrors is the share of an operation's arrivals that may stay without a right
	// answer, in [0, 1]; 0 is no limit. An SLO on error_ratio of the operation stands
	// instead of it.
	MostErrors float64 `json:"most_errors,omitempty"`
}

// Resolved is the design with every margin written out that the operations have
// at the quantiles: a default that changes later does not change it.
func (d Design) Resolved(operations []string, quantiles []float64) Design {
	var margins []Margin
	for _, operation := range operations {
		for _, q := range quantiles {
			m := d.asked(operation, q)
			m.Operation, m.Quantile = operation, q
			margins = append(margins, m)
		}
	}
	// What was given stands first, for what is not listed here; the most specific wins.
	d.Margins = append(append([]Margin{}, d.Margins...), margins...)
	if len(d.Profile.Levels) == 0 {
		d.Profile.Levels = d.Profile.levels()
	}
	return d
}

// Margin is the slowdown that does not matter: 0.10 accepts a candidate up to
// 10 % slower. An empty Operation means every operation, Quantile 0 every
// quantile; Margin{Fraction: 0.2} is an overall override.
type Margin struct {
	Operation string  `json:"operation,omitempty"`
	Quantile  float64 `json:"quantile,omitempty"`
	// Fraction of the baseline's response time, above 0; 0 where Time says it.
	Fraction float64 `json:"fraction"`
	// Time is the slowdown itself, whatever share it is; 0 where Fraction says it. It becomes
	// a fraction of the median over the baseline's trials.
	Time time.Duration `json:"time_ns,omitempty"`
	// Convicts is the slowdown from which a gate convicts, as a fraction, where that is less than
	// Fraction: a margin that noise chose says what the run can certify, and not what anybody
	// tolerates. 0 convicts from the margin on.
	Convicts float64 `json:"convicts,omitempty"`
}

// Convicting is the fraction from which a gate with this margin convicts.
func (m Margin) Convicting() float64 {
	if m.Convicts > 0 {
		return m.Convicts
	}
	return m.Fraction
}

// margin returns the fraction that one comparison tolerates: that of its entry, or
// what LeastMargin is of the baseline, whichever is more. baseline are logarithms of
// the quantile in ns, of which the median counts; without any there is no least.
func (d Design) margin(operation string, quantile float64, baseline []float64) float64 {
	return max(d.asked(operation, quantile).of(baseline), Margin{Time: d.LeastMargin}.of(baseline))
}

// convicts returns the fraction from which one comparison convicts where that is less than margin's, and
// 0 where it is not.
func (d Design) convicts(operation string, quantile float64, baseline []float64) float64 {
	from := d.asked(operation, quantile).Convicts
	if from == 0 {
		return 0
	}
	from = max(from, Margin{Time: d.LeastMargin}.of(baseline))
	if from >= d.margin(operation, quantile, baseline) {
		return 0
	}
	return from
}

// of is a margin as a fraction of a baseline, of which margin tells.
func (m Margin) of(baseline []float64) float64 {
	if m.Time == 0 || len(baseline) == 0 {
		return m.Fraction
	}
	return float64(m.Time) / math.Exp(stats.Median(slices.Sorted(slices.Values(baseline))))
}

// leastMarginApplies says why a margin is wider than what was asked for.
func (d Design) leastMarginApplies(c Comparison, baseline []float64) []string {
	if c.Margin <= d.asked(c.Operation, c.Quantile).of(baseline) {
		return nil
	}
	return []string{fmt.Sprintf("%s: the margin is %.0f %%, for a slowdown by less than %.3g ms never "+
		"matters (least-margin)", c.Name(), 100*c.Margin, 1e3*d.LeastMargin.Seconds())}
}

// Fraction is the margin that was asked for, before LeastMargin; 0 when it was asked for as
// a time.
func (d Design) Fraction(operation string, quantile float64) float64 {
	return d.asked(operation, quantile).Fraction
}

// asked is the margin that was asked for: an entry for operation and quantile wins over one
// for the operation, that over one for the quantile, that over the overall one; of equally
// specific entries the last. The defaults are the profile's, and without any they widen with
// the quantile because its noise does: 5 % up to P50, 10 % up to P95, 15 % beyond.
func (d Design) asked(operation string, quantile float64) Margin {
	found, rank := Margin{Fraction: 0.15}, -1
	switch {
	case rounded(quantile) <= 0.5:
		found.Fraction = 0.05
	case rounded(quantile) <= 0.95:
		found.Fraction = 0.10
	}
	for _, m := range d.Profile.Margins {
		if rounded(m.Quantile) == rounded(quantile) {
			found = m
		}
	}
	for _, m := range d.Margins {
		specific := 0
		if m.Operation != "" {
			specific += 2
		}
		if m.Quantile != 0 {
			specific++
		}
		applies := (m.Operation == "" || m.Operation == operation) &&
			(m.Quantile == 0 || rounded(m.Quantile) == rounded(quantile))
		if applies && specific >= rank {
			found, rank = m, specific
		}
	}
	return found
}
