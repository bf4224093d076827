package stats

import (
	"math"
	"slices"
)

// ranked is the list of values off which a rank test is read: its statistic is how many
// of them lie above or below a hypothesis, its estimate is their median, its confidence
// bounds are two of them. So test, estimate and bounds cannot contradict each other.
type ranked struct {
	values []float64 // ascending
	law    []float64 // null distribution of the number above: symmetric, 0 .. len(values)
}

// HodgesLehmann is the median of the values: the estimate of the centre, or of the shift.
// NaN for an empty sample.
func (r ranked) HodgesLehmann() float64 { return Median(r.values) }

// PAbove is the exact one-sided p value against "the centre, or the shift, is at most x":
// P(T >= number of values above x). It is 1 for an empty sample.
func (r ranked) PAbove(x float64) float64 {
	i, _ := slices.BinarySearchFunc(r.values, x, func(a, x float64) int {
		if a > x {
			return 1
		}
		return -1
	})
	return r.atLeast(len(r.values) - i)
}

// PBelow is the exact one-sided p value against "the centre, or the shift, is at least x":
// P(T >= number of values below x). It is 1 for an empty sample.
func (r ranked) PBelow(x float64) float64 {
	i, _ := slices.BinarySearch(r.values, x)
	return r.atLeast(i)
}

// atLeast is P(T >= w). The law is symmetric, so that the small terms are added.
func (r ranked) atLeast(w int) float64 {
	if len(r.values) == 0 {
		return 1
	}
	p := 0.0
	for _, f := range r.law[:len(r.values)-w+1] {
		p += f
	}
	return min(p, 1)
}

// Bound is one end of a confidence interval. Level is the exact probability,
// at most the one asked for, with which a bound made this way lies on the
// wrong side of the centre.
type Bound struct {
	Value float64
	Level float64
}

// Lower returns the one-sided lower confidence bound at level alpha: the k-th
// smallest value, k = max{k : P(T <= k-1) <= alpha}. With too few observations
// for that level it is -Inf with Level 0.
func (r ranked) Lower(alpha float64) Bound {
	k, level := r.rank(alpha)
	if k == 0 {
		return Bound{Value: math.Inf(-1)}
	}
	return Bound{Value: r.values[k-1], Level: level}
}

// Upper is the mirror image of Lower: the k-th largest value, or +Inf.
func (r ranked) Upper(alpha float64) Bound {
	k, level := r.rank(alpha)
	if k == 0 {
		return Bound{Value: math.Inf(1)}
	}
	return Bound{Value: r.values[len(r.values)-k], Level: level}
}

// rank returns max{k : P(T <= k-1) <= alpha} and that probability, or 0, 0.
func (r ranked) rank(alpha float64) (k int, level float64) {
	cumulated := 0.0
	for i, f := range r.law {
		cumulated += f
		if cumulated > alpha || i >= len(r.values) {
			break
		}
		k, level = i+1, cumulated
	}
	return k, level
}
