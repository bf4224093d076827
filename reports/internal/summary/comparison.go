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
