package summary

import "testing"

func TestPairRatios(t *testing.T) {
	run := usual.run()
	run.Trials[0].Excluded = []string{"disturbed"}
	pairs := summarize(Report{Run: run}).pairRatios("token")
	if len(pairs) != 5 {
		t.Fatalf("%d pairs; want 5: one lost a trial", len(pairs))
	}
	for _, p := range pairs {
		if p.pair == run.Trials[0].Pair {
			t.Errorf("pair %d has an excluded trial", p.pair)
		}
		if r := p.ratios[0]; r < .28 || r > .36 {
			t.Errorf("pair %d: ratio of medians %v; want about 7/22", p.pair, r)
		}
	}
}
