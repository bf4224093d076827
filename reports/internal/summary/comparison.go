package summary

import (
	"fmt"
	"math"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Ratio prints what a comparison found, with times as its sign: "×1.06 [0.98, 1.14]".
// An undecided one prints "~" for the estimate: the bounds tell why.
func Ratio(c *verdict.Comparison, times string) string {
	if c == nil {
		return units.None
	}
	estimate := "~"
	if Decided(c) && !math.IsNaN(c.Ratio.Estimate) {
		estimate = times + units.Factor(c.Ratio.Estimate)
	}
	return strings.TrimSpace(estimate + " " + units.Interval(c.Ratio))
}

// Margin prints what a comparison must stay below to pass: "+10 %"; where less than that convicts already, both:
// "+10…15 %".
func Margin(c *verdict.Comparison) string {
	if c.Convicts == 0 {
		return units.Margin(c.Margin)
	}
	return strings.TrimSuffix(units.Margin(c.Convicts), " %") + "…" + strings.TrimPrefix(units.Margin(c.Margin), "+")
}

// MarginsOfTwo says what the margins of two figures among the comparisons mean, "" when there are none.
func MarginsOfTwo(all []verdict.Comparison) string {
	for i := range all {
		if c := &all[i]; c.Convicts > 0 {
			return fmt.Sprintf("A margin such as %s: what is slower beyond chance convicts from %s on, and a pass "+
				"certifies %s.", Margin(c), units.Margin(c.Convicts), units.Margin(c.Margin))
		}
	}
	return ""
}

func Decided(c *verdict.Comparison) bool {
	return c.Decision == verdict.Pass || c.Decision == verdict.Regression
}

// BarScale is the common scale of the interval bars in a table, as wide as the data: of
// roots of logarithms, so that it is finest around 1, where decisions are, and a version
// five times as fast does not squeeze the margins. What lies beyond ends in an arrow.
type BarScale struct {
	Left, Right float64 // natural logarithms of how much faster and how much slower is shown
}

// widestBar is the largest ratio that a scale shows: an interval without end must not
// squeeze all others.
const widestBar = 30

// NewBarScale reaches on each side to the farthest end of an interval, and to the margins. The
// shorter side has a quarter of what the longer one has at least.
func NewBarScale(comparisons []verdict.Comparison) BarScale {
	b := BarScale{Left: math.Log(1.1), Right: math.Log(1.1)}
	for _, c := range comparisons {
		for _, v := range []float64{c.Ratio.Low, c.Ratio.Estimate, c.Ratio.High, (1 + c.Margin) * (1 + c.Margin)} {
			if v > 0 && units.Finite(v) {
				b.Left, b.Right = max(b.Left, -math.Log(v)), max(b.Right, math.Log(v))
			}
		}
	}
	widest, shortest := math.Log(widestBar), max(b.Left, b.Right)/16 // roots: a quarter
	return BarScale{min(max(b.Left, shortest)*1.05, widest), min(max(b.Right, shortest)*1.05, widest)}
}

// At places a ratio from 0 to 1, left to right; beyond tells that it lies outside the scale.
func (b BarScale) At(v float64) (place float64, beyond bool) {
	l := math.Inf(-1)
	if v > 0 {
		l = math.Log(v)
	}
	within := min(max(l, -b.Left), b.Right)
	left, right := math.Sqrt(b.Left), math.Sqrt(b.Right)
	return (left + math.Copysign(math.Sqrt(math.Abs(within)), within)) / (left + right), within != l
}

// Ends are the ratios at the ends of the scale.
func (b BarScale) Ends() (least, most float64) { return math.Exp(-b.Left), math.Exp(b.Right) }

// DecisionWords are the decision of a comparison, with what a pass or a regression of one
// that does not gate is worth.
func DecisionWords(c *verdict.Comparison) string {
	switch {
	case c.Gating:
		return string(c.Decision)
	case c.Sentinel:
		return string(c.Decision) + " (sentinel)"
	}
	return string(c.Decision) + " (not gated)"
}

// Estimate is the ratio alone: "×1.06", "~" when it is not decided.
func Estimate(c *verdict.Comparison) string {
	estimate, _, _ := strings.Cut(Ratio(c, "×"), " ")
	return estimate
}

// Change is the ratio as a change with its interval: "-68 % [-77 %, -53 %]", without the
// estimate when it is not decided.
func Change(c *verdict.Comparison) string {
	if c == nil {
		return units.None
	}
	estimate := "~"
	if Decided(c) && units.Finite(c.Ratio.Estimate) {
		estimate = units.Change(c.Ratio.Estimate)
	}
	if !units.Finite(c.Ratio.Low) || !units.Finite(c.Ratio.High) {
		return estimate
	}
	return estimate + " [" + units.Change(c.Ratio.Low) + ", " + units.Change(c.Ratio.High) + "]"
}

// Both is the ratio and the change: "×0.32, -68 % [-77 %, -53 %]".
func Both(c *verdict.Comparison) string {
	if c == nil {
		return units.None
	}
	if Estimate(c) == "~" {
		return Change(c)
	}
	return Estimate(c) + ", " + Change(c)
}
