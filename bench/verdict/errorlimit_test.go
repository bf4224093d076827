package verdict

import (
	"math/rand/v2"
	"testing"
)

// unansweredWorld is one in which requests stay without a right answer: each by itself, and
// a further share in the trials that meet a burst.
type unansweredWorld struct {
	name                string
	baseline, candidate float64 // share of requests
	burst, share        float64 // share of trials that meet one, share of their requests
	least, most         float64 // per cent of the runs that regress
}

func (w unansweredWorld) run(r *rand.Rand) Input {
	in := limitedErrors(run(Quick(), 8, nil), DefaultMostErrors)
	for i := range in.Pairs {
		p := &in.Pairs[i]
		p.Baseline, p.Candidate = w.strike(r, p.Baseline, w.baseline), w.strike(r, p.Candidate, w.candidate)
	}
	return in
}

func (w unansweredWorld) strike(r *rand.Rand, t Trial, share float64) Trial {
	if r.Float64() < w.burst {
		share += w.share
	}
	o, failed := t.Operations[0], 0
	for range o.Counts.Arrivals {
		if r.Float64() < share {
			failed++
		}
	}
	return t.failing(failed, rejected)
}

// The limit of errors convicts a candidate that is worse, and of two equal versions near the
// limit hardly one in a hundred, whichever of them comes to lie above it.
func TestErrorLimitKnowsChance(t *testing.T) {
	for _, w := range []unansweredWorld{
		{"equal below the limit", .009, .009, 0, 0, 0, 2},
		{"equal at the limit", .01, .01, 0, 0, 0, 2},
		{"equal above the limit", .011, .011, 0, 0, 0, 2},
		{"equal with bursts in a tenth of the trials", 0, 0, .1, .1, 0, 2},
		{"equal with rare long bursts", 0, 0, .02, .5, 0, 2},
		{"twice the limit against a tenth of it", .001, .02, 0, 0, 99, 100},
		{"a third is refused", 0, .33, 0, 0, 100, 100},
	} {
		t.Run(w.name, func(t *testing.T) {
			runs, regressions := enough(1000), 0
			for i := range runs {
				in := w.run(rand.New(rand.NewPCG(uint64(i), 0xe1)))
				v, err := Judge(in)
				if err != nil {
					t.Fatal(err)
				}
				if v.Decision == Regression {
					regressions++
				}
				if above := len(in.aboveErrorLimit(in.Pairs, Candidate)) > 0; v.Decision == Pass && above {
					t.Fatalf("run %d passes above the limit: %q", i, v.Reasons)
				}
			}
			share := 100 * float64(regressions) / float64(runs)
			slack := 0.0
			if testing.Short() {
				slack = 3
			}
			if share < w.least-slack || share > w.most+slack {
				t.Errorf("%.1f %% regress; want %v to %v", share, w.least, w.most)
			}
		})
	}
}
