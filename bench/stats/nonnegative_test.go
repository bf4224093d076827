package stats

import (
	"math/rand/v2"
	"testing"
)

// The fit has the least squares of all that are not negative: no step in any direction
// that stays within the bound makes it better.
func TestNonNegativeIsTheBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 200 {
		var rows [][]float64
		var y, weights []float64
		for range 6 {
			rows = append(rows, []float64{1, rng.NormFloat64(), rng.NormFloat64()})
			y, weights = append(y, rng.NormFloat64()), append(weights, rng.Float64())
		}
		x, err := NonNegative(rows, y, weights)
		if err != nil {
			t.Fatal(err)
		}
		least := SquaresLeft(rows, y, weights, x)
		for j := range x {
			for _, step := range []float64{-1e-4, 1e-4} {
				moved := append([]float64{}, x...)
				if moved[j] += step; moved[j] < 0 {
					continue
				}
				if sum := SquaresLeft(rows, y, weights, moved); sum < least-1e-12 {
					t.Fatalf("%v has %v, and %v has %v", x, least, moved, sum)
				}
			}
		}
	}
}
