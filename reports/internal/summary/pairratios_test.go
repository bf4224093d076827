package summary_test

import (
	"testing"

	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

func TestPairRatios(t *testing.T) {
	run := fixture.Usual.Run()
	run.Trials[0].Excluded = []string{"disturbed"}
	pairs := summary.PairRatios(summary.Of(summary.Report{Run: run}), "token")
	if len(pairs) != 5 {
		t.Fatalf("%d pairs; want 5: one lost a trial", len(pairs))
	}
	for _, p := range pairs {
		if p.Pair == run.Trials[0].Pair {
			t.Errorf("pair %d has an excluded trial", p.Pair)
		}
		if r := p.Ratios[0]; r < .28 || r > .36 {
			t.Errorf("pair %d: ratio of medians %v; want about 7/22", p.Pair, r)
		}
	}
}
