package bench

import "math/rand/v2"

// poissonPoints draws a Poisson process of unit rate on [0, n), given that it has n
// points: then they are n independent uniform ones in order (Kingman, Poisson
// Processes, 1993, section 2.4). Fixing the count keeps the offered rate and the
// number of requests of a trial what the plan says; the gaps stay exponential.
// The order statistics come from normalised exponential spacings, without sorting.
func poissonPoints(n int, rng *rand.Rand) []float64 {
	points := make([]float64, n)
	var sum float64
	for i := range points {
		sum += rng.ExpFloat64()
		points[i] = sum
	}
	sum += rng.ExpFloat64()
	for i := range points {
		points[i] *= float64(n) / sum
	}
	return points
}
