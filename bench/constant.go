package bench

import "math/rand/v2"

// constantPoints are n points one apart. The phase of the first is random, so that
// two constant streams in one load do not fire together for ever.
func constantPoints(n int, rng *rand.Rand) []float64 {
	phase := rng.Float64()
	points := make([]float64, n)
	for i := range points {
		points[i] = float64(i) + phase
	}
	return points
}
