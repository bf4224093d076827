package summary_test

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// A cost that was compared stands in the table with its interval and decision, and the
// answer names the one that convicts.
func TestCostsAreShown(t *testing.T) {
	r := fixture.UsualReport()
	cost := &r.Verdict.Costs[0]
	cost.Ratio = verdict.Interval{Estimate: 1.312, Low: 1.301, High: 1.324}
	cost.Decision = verdict.Regression
	r.Verdict.Decision, r.Verdict.ByPercentiles, r.Verdict.ByCosts = verdict.Regression, false, true
	for i := range r.Verdict.Comparisons {
		r.Verdict.Comparisons[i].Decision = verdict.Pass
	}
	s := summary.Of(r)
	row := ""
	for _, line := range summary.Resources(s) {
		if line.Name == cost.Name() {
			row = line.Change
		}
	}
	if row != "+31 % [+30 %, +32 %] regression" {
		t.Errorf("the row says %q", row)
	}
	if answer := s.Answer(); !strings.Contains(answer, "spends 31 % more: server CPU per request") {
		t.Errorf("the answer is %q", answer)
	}
	if power := strings.Join(summary.Powers(s), "\n"); !strings.Contains(power, "server CPU per request: ") {
		t.Errorf("what it rests on is not said: %q", power)
	}
	r.Verdict.Decision = verdict.Pass // as when costs decide nothing, for one still warmed up
	for _, line := range summary.Resources(summary.Of(r)) {
		if line.Name == cost.Name() && line.Change != "+31 % [+30 %, +32 %] above its margin (decides nothing)" {
			t.Errorf("beside a pass: %q", line.Change)
		}
	}
	cost.Decision = verdict.Inconclusive
	for _, line := range summary.Resources(summary.Of(r)) {
		if line.Name == cost.Name() && line.Change != "~ [+30 %, +32 %] undecided" {
			t.Errorf("undecided: %q", line.Change)
		}
	}
}
