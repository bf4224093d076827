package summary

import (
	"fmt"
	"math"
	"strings"

	"oauthbench/bench/verdict"
)

// power says what a comparison rests on and what it could have found, with times as
// the sign of multiplication. "" when nothing is known.
func power(c *verdict.Comparison, times string) string {
	var parts []string
	if c.Units > 0 {
		parts = append(parts, plural(c.Units, string(c.UnitName)))
	}
	if finite(c.MDE80) {
		parts = append(parts, "could detect "+times+factor(1+c.MDE80))
	}
	if finite(c.Certifiable) && c.Certifiable > 0 {
		parts = append(parts, fmt.Sprintf("could certify %+.0f %%", math.Ceil(100*c.Certifiable)))
	}
	if finite(c.PSlow) && c.Decision == verdict.Regression && !c.Unstable {
		parts = append(parts, fmt.Sprintf("p = %.2g against no slowdown", c.PSlow))
	}
	if finite(c.PNonInferior) && c.Decision == verdict.Pass {
		parts = append(parts, fmt.Sprintf("p = %.2g against a slowdown by the margin", c.PNonInferior))
	}
	if c.UnitsNeeded > c.Units && !decided(c) {
		parts = append(parts, plural(c.UnitsNeeded, string(c.UnitName))+" in all may decide")
	}
	return strings.Join(parts, ", ")
}

// power lists what each comparison rests on, with its reasons.
func (s *summary) power() []string {
	if !s.judged() {
		return nil
	}
	var lines []string
	for i := range s.verdict.Comparisons {
		c := &s.verdict.Comparisons[i]
		parts := []string{power(c, "×")}
		parts = append(parts, c.Reasons...)
		lines = append(lines, plain(c.Name()+": "+strings.Trim(strings.Join(parts, "; "), "; ")))
	}
	return lines
}
