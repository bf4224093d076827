package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Student returns the mean of a sample and its two-sided confidence interval, alpha on each
// side, by Student's t. Fewer than two values give infinities: nothing is known.
func Student(sample []float64, alpha float64) (low, mean, high float64) {
	n := float64(len(sample))
	if n < 2 {
		return math.Inf(-1), math.NaN(), math.Inf(1)
	}
	mean, deviation := stat.MeanStdDev(sample, nil)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(1-alpha) * deviation / math.Sqrt(n)
	return mean - half, mean, mean + half
}
