package stats

// MSER returns how many leading observations of a series to discard as
// warm-up: the d in [0, len/2] that minimises the squared standard error of the
// mean of the rest, S_d / (k-d)^2 with S_d = sum of (z_b - mean_d)^2 over the
// k-d remaining observations. The smallest such d wins a draw.
//
// settled is false when the minimum lies at the end of the search range: the
// series may not have reached its steady state, and a longer pilot is needed.
// Fewer than 4 observations are never settled.
//
// Source: White, "An effective truncation heuristic for bias reduction in
// simulation output", Simulation 69 (1997); Hoad & Robinson, WSC 2011, for
// batched observations and the half-length rule.
func MSER(series []float64) (discard int, settled bool) {
	k := len(series)
	if k < 4 {
		return 0, false
	}
	// Walk from the end, adding one observation at a time by Welford's update:
	// the plain sum of squares loses its digits when the level is high.
	var mean, squares, best float64
	for d := k - 1; d >= 0; d-- {
		n := float64(k - d)
		delta := series[d] - mean
		mean += delta / n
		squares += delta * (series[d] - mean)
		if d > k/2 {
			continue
		}
		if error2 := squares / (n * n); d == k/2 || error2 <= best {
			discard, best = d, error2
		}
	}
	return discard, discard < k/2
}
