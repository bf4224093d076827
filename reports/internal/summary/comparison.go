package summary

import (
	"math"
	"strings"

	"oauthbench/bench/verdict"
	"oauthbench/reports/internal/units"
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

func Decided(c *verdict.Comparison) bool {
	return c.Decision == verdict.Pass || c.Decision == verdict.Regression
}

// BarScale is the common scale of the interval bars in the table: logarithmic and
// even around 1, because that is where decisions are. What lies beyond ends in an
// arrow.
type BarScale struct{ Reach float64 } // natural logarithm of the largest ratio shown

// NewBarScale reaches a little beyond the widest margin: what matters is on which
// side of it an interval lies. A ratio far beyond would squeeze all others.
func NewBarScale(comparisons []verdict.Comparison) BarScale {
	reach := math.Log(1.2)
	for _, c := range comparisons {
		if c.Margin > 0 && units.Finite(c.Margin) {
			reach = max(reach, 2.2*math.Log1p(c.Margin))
		}
	}
	return BarScale{reach}
}

// At places a ratio from -1 to 1, with 1 in the middle; beyond tells that it lies outside the scale.
func (b BarScale) At(v float64) (place float64, beyond bool) {
	l := math.Inf(-1)
	if v > 0 {
		l = math.Log(v)
	}
	within := min(max(l, -b.Reach), b.Reach)
	return within / b.Reach, within != l
}

// BesideGates is what stands behind the decision of a comparison that does not gate.
func BesideGates(c *verdict.Comparison) string {
	if c.Sentinel {
		return ", sentinel"
	}
	return ", advisory"
}
