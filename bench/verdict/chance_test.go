package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The chance that is told beforehand is the share of simulated runs that pass.
func TestPassProbabilityIsWhatRunsDo(t *testing.T) {
	runs, near := enough(200), 0.09
	if testing.Short() {
		near = 0.2
	}
	for _, deviation := range []float64{0.06, 0.12, 0.2} {
		passed := 0
		for i := range runs {
			r := rand.New(rand.NewPCG(uint64(i), 77))
			m := noise{trial: deviation / 1.4142}
			in := Input{Design: Design{Profile: CI()}, Pairs: m.epochs(r, 15, .95, 1)}
			if judgedByLooks(t, in).Decision == Pass {
				passed++
			}
		}
		told := CI().PassProbability([]Scatter{{Deviation: deviation, Margin: 0.10}})
		share := float64(passed) / float64(runs)
		t.Logf("pairs scatter by %v: told %.2f, %.2f of %d runs passed", deviation, told, share, runs)
		if math.Abs(told-share) > near {
			t.Errorf("pairs scatter by %v: told %.2f; %.2f of runs passed", deviation, told, share)
		}
	}
}

// More noise asks for a wider margin, and a margin that is given is never narrowed.
func TestChosenMarginGrowsWithNoise(t *testing.T) {
	last := 0.0
	for _, deviation := range []float64{0.03, 0.1, 0.15, 0.2, 0.25, 0.5} {
		margin, chance := CI().ChooseMargin([]Scatter{{Deviation: deviation, Margin: 0.10},
			{Deviation: deviation, Margin: 0.10}, {Deviation: deviation, Margin: 0.10}})
		if margin < last {
			t.Errorf("noise %v: margin %v after %v", deviation, margin, last)
		}
		if margin < 0.25 && chance < LikelyToPass {
			t.Errorf("noise %v: margin %v gives a chance of %v", deviation, margin, chance)
		}
		last = margin
	}
	if last != 0.25 {
		t.Errorf("noise of 50 %% has margin %v; want the widest", last)
	}
	if margin, _ := CI().ChooseMargin([]Scatter{{Deviation: 0.01, Margin: 0.15}}); margin != 0.10 {
		t.Errorf("without noise: %v; want the smallest", margin)
	}
}
