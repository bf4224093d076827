package stats

import "math"

// Trend tests whether values rise or fall in their order: Mann and Kendall's test, exact
// without ties. pRising is the probability, were their order chance, that as many pairs rise
// as do, pFalling that as few do. A tie counts as half a pair, never in favour of a trend.
// Fewer than two values have no trend: both are 1.
//
// Source: Mann, Econometrica 13 (1945); Kendall, Biometrika 30 (1938).
func Trend(values []float64) (pRising, pFalling float64) {
	rising := 0.0
	for j, later := range values {
		for _, earlier := range values[:j] {
			switch {
			case later > earlier:
				rising++
			case later == earlier:
				rising += .5
			}
		}
	}
	for pairs, p := range kendallLaws.of(len(values), func() []float64 { return kendallLaw(len(values)) }) {
		if float64(pairs) >= math.Floor(rising) {
			pRising += p
		}
		if float64(pairs) <= math.Ceil(rising) {
			pFalling += p
		}
	}
	return min(pRising, 1), min(pFalling, 1)
}

// kendallLaw is the distribution of the number of pairs that rise in a random order of n
// different values: element k is P(k pairs rise). The m-th value rises above any number of
// those before it with equal probability.
func kendallLaw(n int) []float64 {
	law := []float64{1}
	for m := 2; m <= n; m++ {
		next := make([]float64, len(law)+m-1)
		for k, p := range law {
			for more := range m {
				next[k+more] += p / float64(m)
			}
		}
		law = next
	}
	return law
}
