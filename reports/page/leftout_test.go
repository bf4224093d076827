package page

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// A trial whose pair was disturbed is in no headline figure, whether it was disturbed
// itself or not, and every part of the report says the same of it.
func TestMateOfADisturbedTrialIsLeftOut(t *testing.T) {
	r := fixture.UsualReport()
	run := r.Run
	disturbed := slices.IndexFunc(run.Trials, func(t bench.Trial) bool { return len(t.Excluded) > 0 })
	mate := slices.IndexFunc(run.Trials, func(t bench.Trial) bool {
		return t.Pair == run.Trials[disturbed].Pair && len(t.Excluded) == 0
	})
	m := &run.Trials[mate].Measurements[0]
	m.Outcomes.OK, m.Outcomes.Invalid, m.Cases = m.Outcomes.OK-1, 1, map[string]int64{"a lie": 1}
	s := summary.Of(r)
	for i := range run.Trials {
		want := i != disturbed && i != mate
		if got := newPageTrial(s, i).State == "counts"; got != want {
			t.Errorf("the table of trials says %q of trial %d", newPageTrial(s, i).State, i+1)
		}
	}
	if got := newPageTrial(s, mate).State; got != "left out with its pair" {
		t.Errorf("the table of trials says %q of the mate", got)
	}
	if !slices.ContainsFunc(s.Notes, func(n string) bool {
		return strings.Contains(n, "does not count, but its wrong answers do")
	}) {
		t.Error("no footnote tells of the wrong answer of the mate, which is in no table")
	}
}

// Where every pair was disturbed no trial is in a comparison, though figures are shown.
func TestNoTrialCountsWhenAllPairsAreDisturbed(t *testing.T) {
	s := summary.Of(fixture.Situations()["invalid"])
	for i := range s.Run.Trials {
		if got := newPageTrial(s, i).State; got == "counts" {
			t.Errorf("trial %d counts", i+1)
		}
	}
	if slices.Contains(s.InComparison, true) || !slices.Contains(s.InHeadline, true) {
		t.Errorf("deciding %v, shown %v", s.InComparison, s.InHeadline)
	}
}
