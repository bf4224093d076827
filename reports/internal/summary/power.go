package summary

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Power says what a comparison rests on and what it could have found, ""
// when nothing is known.
func Power(c *verdict.Comparison) string {
	var parts []string
	if c.Units > 0 {
		parts = append(parts, units.Plural(c.Units, string(c.UnitName)))
	}
	if c.PairDeviation > 0 {
		parts = append(parts, fmt.Sprintf("pairs scatter by %.2g %%", 100*c.PairDeviation))
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

// certified is the smallest margin at which all gates on response times would have been certified, to
// the next whole per cent, and the gate that needs it; 0 where nothing is known of one, or all are faster.
func certified(s *Summary) (margin float64, of *verdict.Comparison) {
	for i := range s.Verdict.Comparisons {
		c := &s.Verdict.Comparisons[i]
		switch {
		case !c.Gating:
		case !units.Finite(c.Certifiable) || c.Units < firstLook(s):
			return 0, nil
		case math.Ceil(100*c.Certifiable)/100 > margin:
			margin, of = math.Ceil(100*c.Certifiable)/100, c
		}
	}
	return margin, of
}

// firstLook is how many units the design wants before anything is decided.
func firstLook(s *Summary) int {
	if len(s.Verdict.Looks) == 0 {
		return 0
	}
	return s.Verdict.Looks[0]
}

// marginsOfGates are those that a pass waited for: "+10 %", or "+5 % to +25 %".
func marginsOfGates(s *Summary) string {
	least, most := math.Inf(1), 0.0
	for _, c := range slices.Concat(s.Verdict.Comparisons, s.Verdict.Costs) {
		if c.Gating && c.Units > 0 {
			least, most = min(least, c.Margin), max(most, c.Margin)
		}
	}
	if units.Margin(least) == units.Margin(most) {
		return units.Margin(most)
	}
	return units.Margin(least) + " to " + units.Margin(most)
}

// undecided says what a run that cannot tell is sure of all the same, "" when of nothing.
func undecided(s *Summary) string {
	most, of := certified(s)
	if of == nil || most <= of.Margin {
		return ""
	}
	return fmt.Sprintf("; what they certify is that no gate is slower by %s (%s, whose margin is %s)",
		units.Margin(most),
		plaintext.Line(of.Name()), units.Margin(of.Margin))
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
