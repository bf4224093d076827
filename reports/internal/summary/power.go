package summary

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/units"
)

// Power says what a comparison rests on and what it could have found, ""
// when nothing is known.
func Power(c *verdict.Comparison) string {
	var parts []string
	if c.Units > 0 {
		parts = append(parts, units.Plural(c.Units, string(c.UnitName)))
	}
	if units.Finite(c.MDE80) {
		parts = append(parts, "detects "+units.Change(1+c.MDE80))
	}
	if units.Finite(c.Certifiable) && c.Certifiable > 0 {
		parts = append(parts, fmt.Sprintf("certifies %+.0f %%", math.Ceil(100*c.Certifiable)))
	}
	if units.Finite(c.PSlow) && c.Decision == verdict.Regression && !c.Unstable {
		parts = append(parts, fmt.Sprintf("p = %.2g against no slowdown", c.PSlow))
	}
	if units.Finite(c.PNonInferior) && c.Decision == verdict.Pass {
		parts = append(parts, fmt.Sprintf("p = %.2g against a slowdown by the margin", c.PNonInferior))
	}
	if c.UnitsNeeded > c.Units && !Decided(c) {
		parts = append(parts, units.Plural(c.UnitsNeeded, string(c.UnitName))+" in all may decide")
	}
	return strings.Join(parts, ", ")
}

// Powers lists what each comparison rests on, with its reasons.
func Powers(s *Summary) []string {
	if !s.Judged() {
		return nil
	}
	var lines []string
	for _, c := range slices.Concat(s.Verdict.Comparisons, s.Verdict.Costs) {
		parts := []string{Power(&c)}
		parts = append(parts, c.Reasons...)
		lines = append(lines, plaintext.Line(c.Name()+": "+strings.Trim(strings.Join(parts, "; "), "; ")))
	}
	return lines
}
