package verdict

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// warmingRun is a full run whose sides are slower at first by a factor, which fades over
// the first so many epochs.
func warmingRun(seed uint64, baseline, candidate, epochs float64) Input {
	in := Input{Design: Design{Profile: CI(), Gates: []Gate{{"token", .95}}}}
	in.Pairs = quiet95.epochs(rand.New(rand.NewPCG(seed, 5)), 15, .95, 1)
	for i := range in.Pairs {
		fade := math.Max(0, 1-float64(in.Pairs[i].Epoch)/epochs)
		in.Pairs[i].Baseline = in.Pairs[i].Baseline.slower(math.Pow(baseline, fade))
		in.Pairs[i].Candidate = in.Pairs[i].Candidate.slower(math.Pow(candidate, fade))
	}
	return in
}

// A version that becomes faster during the run beside the other decides nothing; what
// both do is a footnote, and a steady one is called warming in no run of a hundred.
func TestWarmingUpDecidesNothing(t *testing.T) {
	for seed := range uint64(100) {
		for _, c := range []struct {
			what                string
			baseline, candidate float64
			want                Decision
			text                string
		}{
			{"the candidate warms up", 1, 1.6, Inconclusive, "the candidate was still warming up"},
			{"the baseline warms up", 1.6, 1, Inconclusive, "the baseline was still warming up"},
			{"both warm up", 1.6, 1.6, Pass, ""},
			{"both are steady", 1, 1, Pass, ""},
		} {
			v, err := Judge(warmingRun(seed, c.baseline, c.candidate, 12))
			if err != nil {
				t.Fatal(err)
			}
			if v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, "\n"), c.text) {
				t.Errorf("%s, seed %d: %s, %q; want %s, %q", c.what, seed, v.Decision, v.Reasons, c.want, c.text)
			}
			if both := strings.Contains(strings.Join(v.Warnings, "\n"),
				"both versions became faster"); both != (c.what == "both warm up") {
				t.Errorf("%s, seed %d: warnings %q", c.what, seed, v.Warnings)
			}
		}
	}
}
