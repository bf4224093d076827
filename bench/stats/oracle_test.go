package stats

import "math"

// The oracles: slow, obvious computations by full enumeration.

// signPatterns calls f with the signed-rank statistic of every assignment of
// signs to the ranks 1..n.
func signPatterns(n int, f func(w int)) {
	for pattern := range 1 << n {
		w := 0
		for i := range n {
			if pattern>>i&1 == 1 {
				w += i + 1
			}
		}
		f(w)
	}
}

// rankSum is Wilcoxon's T+ from its definition: the sum of the ranks of the
// absolute values of the positive observations. No ties, no zeros.
func rankSum(x []float64) int {
	w := 0
	for _, a := range x {
		if a <= 0 {
			continue
		}
		for _, b := range x {
			if math.Abs(b) <= math.Abs(a) {
				w++
			}
		}
	}
	return w
}

// choose is the binomial coefficient by Pascal's triangle.
func choose(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	row := []float64{1}
	for i := 1; i <= n; i++ {
		next := make([]float64, i+1)
		for j := range next {
			if j > 0 {
				next[j] += row[j-1]
			}
			if j < i {
				next[j] += row[j]
			}
		}
		row = next
	}
	return row[k]
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(a), math.Abs(b)) }
