package stats

import (
	"math"
	"slices"
)

// Walsh holds the n(n+1)/2 averages (x_i + x_j)/2, i <= j, of a sample in
// ascending order. The signed-rank test, its point estimate and its
// confidence bounds are all read off this one list, so that they cannot
// contradict each other. Make one with NewWalsh.
//
// Ties and zeros: the number of averages strictly above x is the signed-rank
// statistic of the differences x_i - x. A pair of tied differences with
// opposite signs averages exactly x and is not counted, nor is a difference of
// zero. Both make the statistic smaller, hence every p value from it larger:
// ties cost power, they never make the test anti-conservative.
//
// Source: Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963);
// Tukey's identity in Hollander, Wolfe & Chicken, 3.1-3.3.
type Walsh struct {
	n        int
	averages []float64
}

// NewWalsh computes the Walsh averages of a sample. It keeps no reference to
// the sample.
func NewWalsh(sample []float64) Walsh {
	n := len(sample)
	w := make([]float64, 0, n*(n+1)/2)
	for i, x := range sample {
		for _, y := range sample[i:] {
			w = append(w, x/2+y/2)
		}
	}
	slices.Sort(w)
	return Walsh{n: n, averages: w}
}

// N is the size of the sample.
func (w Walsh) N() int { return w.n }

// HodgesLehmann is the median of the averages: the estimate of the sample's
// centre of symmetry. NaN for an empty sample.
func (w Walsh) HodgesLehmann() float64 { return Median(w.averages) }

// PAbove is the exact one-sided p value against "the centre is at most x":
// P(T >= number of averages above x). It is 1 for an empty sample.
func (w Walsh) PAbove(x float64) float64 {
	i, _ := slices.BinarySearchFunc(w.averages, x, func(a, x float64) int {
		if a > x {
			return 1
		}
		return -1
	})
	return SignedRankAtLeast(w.n, len(w.averages)-i)
}

// PBelow is the exact one-sided p value against "the centre is at least x":
// P(T >= number of averages below x). It is 1 for an empty sample.
func (w Walsh) PBelow(x float64) float64 {
	i, _ := slices.BinarySearch(w.averages, x)
	return SignedRankAtLeast(w.n, i)
}

// Bound is one end of a confidence interval. Level is the exact probability,
// at most the one asked for, with which a bound made this way lies on the
// wrong side of the centre.
type Bound struct {
	Value float64
	Level float64
}

// Lower returns the one-sided lower confidence bound at level alpha: the k-th
// smallest average, k = max{k : P(T <= k-1) <= alpha}. With too few
// observations for that level (2^-n > alpha) it is -Inf with Level 0.
func (w Walsh) Lower(alpha float64) Bound {
	k, level := w.rank(alpha)
	if k == 0 {
		return Bound{Value: math.Inf(-1)}
	}
	return Bound{Value: w.averages[k-1], Level: level}
}

// Upper is the mirror image of Lower: the k-th largest average, or +Inf.
func (w Walsh) Upper(alpha float64) Bound {
	k, level := w.rank(alpha)
	if k == 0 {
		return Bound{Value: math.Inf(1)}
	}
	return Bound{Value: w.averages[len(w.averages)-k], Level: level}
}

// rank returns max{k : P(T <= k-1) <= alpha} and that probability, or 0, 0.
func (w Walsh) rank(alpha float64) (k int, level float64) {
	cumulated := 0.0
	for i, f := range SignedRankLaw(w.n) {
		cumulated += f
		if cumulated > alpha || i >= len(w.averages) {
			break
		}
		k, level = i+1, cumulated
	}
	return k, level
}

// HodgesLehmann is NewWalsh(sample).HodgesLehmann().
func HodgesLehmann(sample []float64) float64 { return NewWalsh(sample).HodgesLehmann() }
