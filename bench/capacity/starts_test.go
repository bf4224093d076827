package capacity

import (
	"math"
	"math/rand/v2"
	"testing"
)

// startsOf is a search on a server that holds with a probability which falls over so wide a range of ln rate,
// and of which the second start carries a share of what the first does; its trials are by start.
func startsOf(width, share float64, seed uint64) [][]Trial {
	rng := rand.New(rand.NewPCG(seed, 8))
	search := New(DefaultDesign(200))
	starts := [][]Trial{nil}
	for {
		step, more := search.Next()
		if !more {
			return starts
		}
		if step.Fresh {
			starts = append(starts, nil)
		}
		last := len(starts) - 1
		carries := 400.0
		if last%2 == 1 {
			carries *= share
		}
		outcome := Failed
		if rng.Float64() < 1/(1+math.Pow(step.Rate/carries, 1/width)) {
			outcome = Held
		}
		search.Record(outcome)
		starts[last] = append(starts[last], Trial{step, outcome})
	}
}

// Equal starts seldom look different, however softly the server fails; starts that differ by a quarter do.
func TestStartsDifferBeyondChance(t *testing.T) {
	const seeds, factor = 200, 20
	for _, c := range []struct {
		width, share float64
		least, most  int // in per cent of the seeds
	}{
		{0.005, 1, 0, 2}, {0.03, 1, 0, 2}, {0.1, 1, 0, 2}, {0.2, 1, 0, 2}, {0.005, 0.75, 90, 100},
		{0.02, 0.75, 70, 100},
	} {
		found := 0
		for seed := range uint64(seeds) {
			if StartsDiffer(startsOf(c.width, c.share, seed)) >= factor {
				found++
			}
		}
		t.Logf("width %v, every other start carries %v of the others: found in %d of %d", c.width, c.share, found,
			seeds)
		if 100*found < c.least*seeds || 100*found > c.most*seeds {
			t.Errorf("width %v, share %v: found in %d of %d; want %d to %d per cent", c.width, c.share, found, seeds,
				c.least, c.most)
		}
	}
}

func TestStartsWithoutACurveDoNotDiffer(t *testing.T) {
	held := []Trial{{Step{Rate: 100}, Held}, {Step{Rate: 120}, Held}}
	for _, starts := range [][][]Trial{nil, {nil, nil}, {held, held}} {
		if got := StartsDiffer(starts); got != 1 {
			t.Errorf("%v: %v; want 1", starts, got)
		}
	}
}
