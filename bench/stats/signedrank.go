package stats

// SignedRankLaw returns the exact null distribution of Wilcoxon's signed-rank
// statistic T for n differences without ties and zeros: element w is
// P(T = w), for w = 0 .. n(n+1)/2. n <= 0 gives the law of a constant 0.
//
// It is built by dynamic programming, one rank at a time, each with a fair
// coin: f_i(w) = (f_{i-1}(w) + f_{i-1}(w-i)) / 2. The probabilities are dyadic
// and exact in float64 up to n = 52; beyond, the relative error stays below
// n * 2^-53.
//
// Source: Wilcoxon, Biometrics Bulletin 1 (1945); the recursion is in
// Hollander, Wolfe & Chicken, "Nonparametric Statistical Methods", 3.1.
func SignedRankLaw(n int) []float64 {
	law := []float64{1}
	for i := 1; i <= n; i++ {
		next := make([]float64, len(law)+i)
		for w, p := range law {
			next[w] += p / 2
			next[w+i] += p / 2
		}
		law = next
	}
	return law
}

// SignedRankAtMost returns P(T <= w) for n differences. It is 0 for w < 0.
func SignedRankAtMost(n, w int) float64 {
	p := 0.0
	for i, f := range signedRankLaw(n) {
		if i > w {
			break
		}
		p += f
	}
	return min(p, 1)
}

// SignedRankAtLeast returns P(T >= w) for n differences: the one-sided p value
// of an observed w. The law is symmetric, so this is
// P(T <= n(n+1)/2 - w), which adds the small terms and keeps their precision.
func SignedRankAtLeast(n, w int) float64 {
	return SignedRankAtMost(n, n*(n+1)/2-w)
}
