package stats

import "math"

// Quantile returns the p-quantile of a sample, p in [0, 1], by linear
// interpolation between order statistics: h = p(n-1),
// q = x[floor h] + (h - floor h)(x[floor h + 1] - x[floor h]).
//
// sorted must ascend. The answer has the sample's unit. It is NaN for an empty
// sample and for p outside [0, 1].
//
// Source: Hyndman & Fan, "Sample quantiles in statistical packages", The
// American Statistician 50 (1996), definition 7; the default of R and NumPy.
func Quantile(sorted []float64, p float64) float64 {
	n := len(sorted)
	if n == 0 || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	h := p * float64(n-1)
	i := int(h)
	if i >= n-1 {
		return sorted[n-1]
	}
	x, y, fraction := sorted[i], sorted[i+1], h-float64(i)
	if fraction == 0 {
		return x // also below an infinite y
	}
	// x + fraction*(y-x) can leave [x, y] by one rounding error, and a sample of
	// equal values must have that value as its quantile.
	return min(max(x+fraction*(y-x), x), y)
}

// Median is Quantile(sorted, 0.5).
func Median(sorted []float64) float64 { return Quantile(sorted, 0.5) }
