package stats

import "math"

// Jackknife returns a two-sided confidence interval, alpha on each side, around an
// estimate made of groups: without[i] is the same estimate from all groups but the i-th.
// Its width is that of the delete-a-group jackknife with Student's t for the number of
// groups less one. For a quantile the groups must be large, as trials of hundreds of
// requests are: of single observations it is wrong. Fewer than three groups give
// infinities: nothing is known.
//
// Source: Shao and Wu, Annals of Statistics 17 (1989); Kott, Journal of Official
// Statistics 17 (2001).
func Jackknife(estimate float64, without []float64, alpha float64) (low, high float64) {
	n := float64(len(without))
	if n < 3 {
		return math.Inf(-1), math.Inf(1)
	}
	mean := 0.0
	for _, x := range without {
		mean += x / n
	}
	sum := 0.0
	for _, x := range without {
		sum += (x - mean) * (x - mean)
	}
	half := StudentQuantile(1-alpha, len(without)-1) * math.Sqrt((n-1)/n*sum)
	return estimate - half, estimate + half
}
