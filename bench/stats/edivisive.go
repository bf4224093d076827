package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// ChangePoint is a place at which a series changed.
type ChangePoint struct {
	At int     // index of the first observation of the new level
	P  float64 // of its permutation test, at least 1/500
}

const (
	// shortest stretch between two change points: the divergence needs distances
	// within each side.
	shortestStretch = 2
	randomOrders    = 499
)

// ChangePoints finds where a series changes its distribution, by E-divisive: the
// stretch is cut where the energy distance between both sides is largest, the cut is
// kept when fewer than a share level of random orders of the same values has one as
// large, and both parts are searched again. It assumes nothing about the law of the
// values but independence; a slow creep is found as one or more steps. The answer
// ascends; seed decides the random orders, so the same input has the same answer.
//
// Eight observations are the fewest that can show a change at 5 %: of fewer, too large
// a share of all orders is as tidy as the tidiest. Time is quadratic in the length of
// the series: a hundred observations take a fraction of a second.
//
// Source: Matteson & James, "A nonparametric approach for multiple change point
// analysis of multivariate data", JASA 109 (2014), with alpha = 1; its use on
// performance series: Daly et al., ICPE 2020.
func ChangePoints(series []float64, level float64, seed uint64) []ChangePoint {
	rng := rand.New(rand.NewPCG(seed, 0xed17))
	stretches := [][]float64{series}
	var found []ChangePoint
	for {
		at, observed := cutAnywhere(stretches)
		if at == 0 {
			break
		}
		as := 0
		for range randomOrders {
			if _, q := cutAnywhere(shuffled(stretches, rng)); q >= observed*(1-1e-9) {
				as++
			}
		}
		p := float64(as+1) / (randomOrders + 1)
		if p > level {
			break
		}
		found = append(found, ChangePoint{at, p})
		stretches = split(stretches, at)
	}
	slices.SortFunc(found, func(a, b ChangePoint) int { return a.At - b.At })
	return found
}

// cutAnywhere returns the best cut of all stretches, as an index into the whole
// series, and its divergence. 0 means that no stretch can be cut.
func cutAnywhere(stretches [][]float64) (at int, divergence float64) {
	offset := 0
	for _, x := range stretches {
		if tau, q := cut(x); tau > 0 && q > divergence {
			at, divergence = offset+tau, q
		}
		offset += len(x)
	}
	return at, divergence
}

// cut returns the place that maximises mn/(m+n) times the energy distance between the
// m observations before it and the n after it, up to any end: a change that is undone
// later is not diluted by what follows.
func cut(x []float64) (tau int, divergence float64) {
	n := len(x)
	// sums[i][j] is the sum of |x_a - x_b| over a < i, b < j.
	sums := make([][]float64, n+1)
	sums[0] = make([]float64, n+1)
	for i := 1; i <= n; i++ {
		sums[i] = make([]float64, n+1)
		row := 0.0
		for j := 1; j <= n; j++ {
			row += math.Abs(x[i-1] - x[j-1])
			sums[i][j] = sums[i-1][j] + row
		}
	}
	block := func(from, to, from2, to2 int) float64 {
		return sums[to][to2] - sums[from][to2] - sums[to][from2] + sums[from][from2]
	}
	for t := shortestStretch; t <= n-shortestStretch; t++ {
		for end := t + shortestStretch; end <= n; end++ {
			a, b := float64(t), float64(end-t)
			between := 2 * block(0, t, t, end) / (a * b)
			within := block(0, t, 0, t)/(a*(a-1)) + block(t, end, t, end)/(b*(b-1))
			if q := a * b / (a + b) * (between - within); q > divergence {
				tau, divergence = t, q
			}
		}
	}
	return tau, divergence
}

// shuffled returns the stretches with each in a random order.
func shuffled(stretches [][]float64, rng *rand.Rand) [][]float64 {
	out := make([][]float64, len(stretches))
	for i, x := range stretches {
		out[i] = slices.Clone(x)
		rng.Shuffle(len(x), func(a, b int) { out[i][a], out[i][b] = out[i][b], out[i][a] })
	}
	return out
}

// split cuts the stretch in which at lies.
func split(stretches [][]float64, at int) [][]float64 {
	var out [][]float64
	offset := 0
	for _, x := range stretches {
		if k := at - offset; k > 0 && k < len(x) {
			out = append(out, x[:k], x[k:])
		} else {
			out = append(out, x)
		}
		offset += len(x)
	}
	return out
}
