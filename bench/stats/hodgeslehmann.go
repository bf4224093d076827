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
	ranked
	n int
}

// NewWalsh computes the Walsh averages of a sample. It keeps no reference to
// the sample.
func NewWalsh(sample []float64) Walsh {
	if slices.ContainsFunc(sample, math.IsNaN) {
		return Walsh{}
	}
	return Walsh{ranked{walshAverages(sample), signedRankLaw(len(sample))}, len(sample)}
}

// walshAverages ascend.
func walshAverages(sample []float64) []float64 {
	n := len(sample)
	w := make([]float64, 0, n*(n+1)/2)
	for i, x := range sample {
		for _, y := range sample[i:] {
			w = append(w, x/2+y/2)
		}
	}
	slices.Sort(w)
	return w
}

// N is the size of the sample.
func (w Walsh) N() int { return w.n }

// HodgesLehmann is NewWalsh(sample).HodgesLehmann(), without the law.
func HodgesLehmann(sample []float64) float64 {
	if slices.ContainsFunc(sample, math.IsNaN) {
		return math.NaN()
	}
	return Median(walshAverages(sample))
}
