package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// StudentQuantile is the quantile p of Student's t with so many degrees of freedom.
func StudentQuantile(p float64, freedom int) float64 {
	return studentQuantiles.of(level{p, freedom}, func() []float64 {
		return []float64{distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.Quantile(p)}
	})[0]
}

type level struct {
	p       float64
	freedom int
}

var studentQuantiles memo[level]

// Student returns the mean of a sample and its two-sided confidence interval, alpha on each
// side, by Student's t. Fewer than two values give infinities: nothing is known.
func Student(sample []float64, alpha float64) (low, mean, high float64) {
	n := float64(len(sample))
	if n < 2 {
		return math.Inf(-1), math.NaN(), math.Inf(1)
	}
	mean, deviation := stat.MeanStdDev(sample, nil)
	half := StudentQuantile(1-alpha, len(sample)-1) * deviation / math.Sqrt(n)
	return mean - half, mean, mean + half
}
