package summary

import (
	"math"
	"oauthbench/bench/verdict"
	"strings"
)

// ratio prints what a comparison found, with times as its sign: "×1.06 [0.98, 1.14]".
// An undecided one prints "~" for the estimate: the bounds tell why.
func ratio(c *verdict.Comparison, times string) string {
	if c == nil {
		return none
	}
	estimate := "~"
	if decided(c) && !math.IsNaN(c.Ratio.Estimate) {
		estimate = times + factor(c.Ratio.Estimate)
	}
	return strings.TrimSpace(estimate + " " + interval(c.Ratio))
}

func decided(c *verdict.Comparison) bool {
	return c.Decision == verdict.Pass || c.Decision == verdict.Regression
}
