package stats

import "math"

// QuantileRanks are two places in a sorted sample of n, from 1, between which a quantile (between 0
// and 1) of its law lies but for tail at each end, by the binomial law of how many values lie below
// it; 0 and n+1 are beyond the sample.
func QuantileRanks(n int, quantile, tail float64) (low, high int) {
	below := 0.0 // chance that at most k of n lie below the quantile
	high = n + 1
	for k := range n + 1 {
		below += math.Exp(logChoose(n, k) + float64(k)*math.Log(quantile) + float64(n-k)*math.Log1p(-quantile))
		if below <= tail {
			low = k + 1
		}
		if below >= 1-tail {
			high = k + 1
			break
		}
	}
	return low, high
}
