package stats

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// mostColumns bounds the unknowns of a fit: all subsets of them are tried.
const mostColumns = 12

// NonNegative finds x >= 0 that minimises the sum of weights[i]*(rows[i]*x - y[i])^2.
// It solves the unbounded problem for every subset of columns and keeps the best whose
// solution is not negative: exact, and quick enough for a dozen columns.
func NonNegative(rows [][]float64, y, weights []float64) ([]float64, error) {
	if len(rows) == 0 || len(rows[0]) > mostColumns {
		return nil, errors.New("stats: no rows, or too many unknowns")
	}
	columns := len(rows[0])
	best, least := make([]float64, columns), SquaresLeft(rows, y, weights, make([]float64, columns))
	for subset := 1; subset < 1<<columns; subset++ {
		var chosen []int
		for c := range columns {
			if subset>>c&1 == 1 {
				chosen = append(chosen, c)
			}
		}
		if len(chosen) > len(rows) {
			continue
		}
		x, ok := solveSome(rows, y, weights, chosen)
		if !ok {
			continue
		}
		if sum := SquaresLeft(rows, y, weights, x); sum < least {
			best, least = x, sum
		}
	}
	return best, nil
}

// solveSome is the weighted least-squares solution over some columns, the others being 0;
// false when it is not unique or has a negative value.
func solveSome(rows [][]float64, y, weights []float64, chosen []int) ([]float64, bool) {
	a := mat.NewDense(len(rows), len(chosen), nil)
	b := mat.NewVecDense(len(rows), nil)
	for i, row := range rows {
		root := math.Sqrt(weights[i])
		for j, c := range chosen {
			a.Set(i, j, root*row[c])
		}
		b.SetVec(i, root*y[i])
	}
	var found mat.VecDense
	if err := found.SolveVec(a, b); err != nil {
		return nil, false
	}
	x := make([]float64, len(rows[0]))
	for j, c := range chosen {
		if x[c] = found.AtVec(j); x[c] < 0 {
			return nil, false
		}
	}
	return x, true
}

// SquaresLeft is the weighted sum of squared residuals.
func SquaresLeft(rows [][]float64, y, weights, x []float64) float64 {
	sum := 0.0
	for i, row := range rows {
		r := -y[i]
		for j, v := range row {
			r += v * x[j]
		}
		sum += weights[i] * r * r
	}
	return sum
}

// Condition is the condition number of a matrix whose columns are scaled to length 1:
// how much the columns look alike. A column of zeros makes it infinite.
func Condition(rows [][]float64) float64 {
	columns := len(rows[0])
	a := mat.NewDense(len(rows), columns, nil)
	for j := range columns {
		length := 0.0
		for i := range rows {
			length += rows[i][j] * rows[i][j]
		}
		if length == 0 {
			return math.Inf(1)
		}
		for i := range rows {
			a.Set(i, j, rows[i][j]/math.Sqrt(length))
		}
	}
	return mat.Cond(a, 2)
}
