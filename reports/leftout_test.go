package reports

import (
	"math"
	"slices"
	"strings"
	"testing"

	"oauthbench/bench"
)

// A trial whose pair was disturbed is in no headline figure, whether it was disturbed
// itself or not, and every part of the report says the same of it.
func TestMateOfADisturbedTrialIsLeftOut(t *testing.T) {
	r := usualReport()
	run := r.Run
	disturbed := slices.IndexFunc(run.Trials, func(t bench.Trial) bool { return len(t.Excluded) > 0 })
	mate := slices.IndexFunc(run.Trials, func(t bench.Trial) bool { return t.Pair == run.Trials[disturbed].Pair && len(t.Excluded) == 0 })
	m := &run.Trials[mate].Measurements[0]
	m.Outcomes.OK, m.Outcomes.Invalid, m.Cases = m.Outcomes.OK-1, 1, map[string]int64{"a lie": 1}
	s := summarize(r)
	for i := range run.Trials {
		want := i != disturbed && i != mate
		if got := newPageTrial(s, i).State == "counts"; got != want {
			t.Errorf("the table of trials says %q of trial %d", newPageTrial(s, i).State, i+1)
		}
	}
	if got := newPageTrial(s, mate).State; got != "left out with its pair" {
		t.Errorf("the table of trials says %q of the mate", got)
	}
	for i, l := range layTrials(run, s.deciding) {
		if want := i == disturbed || i == mate; l.out != want {
			t.Errorf("time-line: trial %d is left out: %v; want %v", i+1, l.out, want)
		}
	}
	for _, c := range interferenceFigure(s, wide)[0].charts() {
		grey := c.Values[len(c.Values)-1] // the last column is of what does not count
		for i, v := range grey {
			if want := i == disturbed || i == mate; math.IsNaN(float64(v)) == want {
				t.Errorf("%s: trial %d does not count: %v; want %v", c.Title, i+1, !math.IsNaN(float64(v)), want)
			}
		}
	}
	if !slices.ContainsFunc(s.notes, func(n string) bool { return strings.Contains(n, "does not count, but its wrong answers do") }) {
		t.Error("no footnote tells of the wrong answer of the mate, which is in no table")
	}
}

// Where every pair was disturbed no trial is in a comparison, though figures are shown.
func TestNoTrialCountsWhenAllPairsAreDisturbed(t *testing.T) {
	s := summarize(situations()["invalid"])
	for i := range s.run.Trials {
		if got := newPageTrial(s, i).State; got == "counts" {
			t.Errorf("trial %d counts", i+1)
		}
	}
	if slices.Contains(s.deciding, true) || !slices.Contains(s.counting, true) {
		t.Errorf("deciding %v, shown %v", s.deciding, s.counting)
	}
}

// A run of one version keeps disturbed trials, so no picture of it says they are excluded.
func TestLimitOfARunOfOneVersion(t *testing.T) {
	for name, want := range map[string]string{"usual": "a trial above is excluded", "single": "a trial above is disturbed"} {
		for _, c := range interferenceFigure(summarize(situations()[name]), wide)[0].charts() {
			for _, rule := range c.Rules {
				if rule.Label != want {
					t.Errorf("%s, %s: %q; want %q", name, c.Title, rule.Label, want)
				}
			}
		}
	}
}
