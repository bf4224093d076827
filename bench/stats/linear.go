package stats

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Linear is a fit of y = rows*c by weighted least squares. A weight is the reciprocal of a
// variance, up to a factor that the residuals tell.
type Linear struct {
	Coefficients []float64
	Freedom      int // Freedom is how many rows there are beyond the coefficients.
	covariance   *mat.Dense
	variance     float64 // variance is that of a row with weight 1.
}

// FitLinear fits as many coefficients as a row has. It fails when the rows do not tell them
// apart, or when none is left to show how much they scatter.
func FitLinear(rows [][]float64, y, weights []float64) (Linear, error) {
	if len(rows) == 0 || len(rows) <= len(rows[0]) {
		return Linear{}, errors.New("stats: a fit needs more rows than coefficients")
	}
	n, columns := len(rows), len(rows[0])
	a, b := mat.NewDense(n, columns, nil), mat.NewVecDense(n, nil)
	for i, row := range rows {
		root := math.Sqrt(weights[i])
		for j, v := range row {
			a.Set(i, j, v*root)
		}
		b.SetVec(i, y[i]*root)
	}
	var normal, inverse mat.Dense
	normal.Mul(a.T(), a)
	if err := inverse.Inverse(&normal); err != nil {
		return Linear{}, errors.New("stats: the rows do not tell the coefficients apart")
	}
	var right, found mat.VecDense
	right.MulVec(a.T(), b)
	found.MulVec(&inverse, &right)
	l := Linear{Freedom: n - columns, covariance: &inverse}
	for j := range columns {
		l.Coefficients = append(l.Coefficients, found.AtVec(j))
	}
	l.variance = SquaresLeft(rows, y, weights, l.Coefficients) / float64(l.Freedom)
	return l, nil
}

// Slope is that of the straight line of least squares through points, with its standard deviation. A
// weight is the reciprocal of a variance that is known; where only the scatter tells it, FitLinear has
// an interval.
func Slope(x, y, weights []float64) (slope, deviation float64) {
	var sum, meanX, meanY float64
	for i, w := range weights {
		sum, meanX, meanY = sum+w, meanX+w*x[i], meanY+w*y[i]
	}
	meanX, meanY = meanX/sum, meanY/sum
	var xx, xy float64
	for i, w := range weights {
		xx += w * (x[i] - meanX) * (x[i] - meanX)
		xy += w * (x[i] - meanX) * (y[i] - meanY)
	}
	return xy / xx, 1 / math.Sqrt(xx)
}

// Interval is the sum of v*c with its two-sided confidence interval, alpha on each side, by
// Student's t. beside is a further variance: that of a single row, for a prediction.
func (l Linear) Interval(v []float64, alpha, beside float64) (low, estimate, high float64) {
	estimate = dot(v, l.Coefficients)
	half := l.t(alpha) * math.Sqrt(l.between(v, v)+beside)
	return estimate - half, estimate, estimate + half
}

// Variance is that of a row with weight 1.
func (l Linear) Variance() float64 { return l.variance }

// Ratio is the confidence interval of u*c / v*c, alpha on each side, by Fieller's theorem
// (1954). It is false when v*c may be 0, for then the ratio may be anything.
func (l Linear) Ratio(u, v []float64, alpha float64) (low, high float64, ok bool) {
	t2 := l.t(alpha) * l.t(alpha)
	x, y := dot(u, l.Coefficients), dot(v, l.Coefficients)
	// All r with (x - r*y)^2 <= t2 * variance of (u - r*v)*c.
	a := y*y - t2*l.between(v, v)
	b := x*y - t2*l.between(u, v)
	c := x*x - t2*l.between(u, u)
	if a <= 0 {
		return math.Inf(-1), math.Inf(1), false
	}
	root := math.Sqrt(max(b*b-a*c, 0))
	return (b - root) / a, (b + root) / a, true
}

func (l Linear) t(alpha float64) float64 { return StudentQuantile(1-alpha, l.Freedom) }

// between is the covariance of two combinations of the coefficients.
func (l Linear) between(u, v []float64) float64 {
	sum := 0.0
	for i := range u {
		for j := range v {
			sum += u[i] * v[j] * l.covariance.At(i, j)
		}
	}
	return sum * l.variance
}

func dot(u, v []float64) float64 {
	sum := 0.0
	for i := range u {
		sum += u[i] * v[i]
	}
	return sum
}
