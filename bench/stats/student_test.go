package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The interval holds the centre of a normal law as often as it says.
func TestStudentCovers(t *testing.T) {
	const samples = 4000
	for _, n := range []int{2, 3, 5} {
		covered := 0
		for seed := range uint64(samples) {
			rng := rand.New(rand.NewPCG(seed, uint64(n)))
			var sample []float64
			for range n {
				sample = append(sample, 7+2*rng.NormFloat64())
			}
			if low, mean, high := Student(sample, 0.05); low <= 7 && 7 <= high && low <= mean && mean <= high {
				covered++
			}
		}
		if share := float64(covered) / samples; math.Abs(share-0.9) > 0.015 {
			t.Errorf("%d values: %.3f of the intervals hold the centre; want 0.9", n, share)
		}
	}
	if low, _, high := Student([]float64{1}, 0.05); !math.IsInf(low, -1) || !math.IsInf(high, 1) {
		t.Errorf("one value has the interval %v to %v", low, high)
	}
}
