package stats

import (
	"math"
	"slices"
)

// RankSumLaw returns the exact null distribution of the Mann-Whitney statistic U
// for samples of m and n observations without ties: element u is P(U = u), for
// u = 0 .. mn, where U counts the pairs in which the second sample's member is the
// larger. An empty sample gives the law of a constant 0.
//
// The largest of all m+n observations belongs to the second sample with probability
// n/(m+n), and then wins m pairs: f(m,n)(u) = n/(m+n) f(m,n-1)(u-m) +
// m/(m+n) f(m-1,n)(u). All terms are positive, so that nothing cancels.
//
// Source: Mann & Whitney, Annals of Mathematical Statistics 18 (1947).
func RankSumLaw(m, n int) []float64 {
	m, n = max(m, 0), max(n, 0)
	// laws[j] is the law for i and j observations, i growing.
	laws := make([][]float64, n+1)
	for j := range laws {
		laws[j] = []float64{1}
	}
	for i := 1; i <= m; i++ {
		next := make([][]float64, n+1)
		next[0] = []float64{1}
		for j := 1; j <= n; j++ {
			law := make([]float64, i*j+1)
			second, first := float64(j)/float64(i+j), float64(i)/float64(i+j)
			for u, p := range next[j-1] {
				law[u+i] += second * p
			}
			for u, p := range laws[j] {
				law[u] += first * p
			}
			next[j] = law
		}
		laws = next
	}
	return laws[n]
}

// Shifts holds the mn differences b - a between the members of two samples that were
// not measured in pairs, in ascending order. The rank-sum test, its point estimate and
// its confidence bounds are all read off this list, as those of paired data are read
// off Walsh. Make one with NewShifts.
//
// The test is exact when all m+n observations could have come in any order: when
// nothing but the version differs between the two samples. Two sessions on one machine
// differ in more than that, and no statistic of the samples shows it.
//
// Ties: a difference of exactly x counts for neither side, which makes every p value
// larger. Ties cost power, they never make the test anti-conservative.
//
// Source: Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963); Hollander,
// Wolfe & Chicken, "Nonparametric Statistical Methods", 4.1-4.3.
type Shifts struct{ ranked }

// NewShifts computes the differences. It keeps no reference to the samples.
func NewShifts(a, b []float64) Shifts {
	if slices.ContainsFunc(slices.Concat(a, b), math.IsNaN) {
		return Shifts{}
	}
	d := make([]float64, 0, len(a)*len(b))
	for _, y := range b {
		for _, x := range a {
			d = append(d, y-x)
		}
	}
	slices.Sort(d)
	return Shifts{ranked{d, rankSumLaw(len(a), len(b))}}
}
