package stats

import (
	"math"
	"math/bits"
)

// MaxSignFlips is the largest number of observations that StepDown accepts:
// it tries all 2^n assignments of signs.
const MaxSignFlips = 12

// StepDown returns step-down adjusted one-sided p values of several
// signed-rank tests against "the centre is at most 0" that share their n <=
// MaxSignFlips observations: rows[k][j] is observation j of comparison k.
//
// Holm has to assume the worst about the dependence between comparisons: six
// of them after six observations can never reach 5 %, however large the
// effect, because 6 * 2^-6 > 0.05. Here the dependence is known. If the two
// versions are exchangeable, swapping their labels in one observation flips
// the sign of its value in every row at once; the smallest p value over all
// 2^n swaps has an exact law. The answer is never larger than Holm's.
//
// ok is false, and the answer nil, when rows differ in length or are too long.
//
// Source: Westfall & Young, "Resampling-Based Multiple Testing" (1993), free
// step-down min-p, algorithm 2.8; by full enumeration instead of resampling.
func StepDown(rows [][]float64) (adjusted []float64, ok bool) {
	if len(rows) == 0 {
		return nil, true
	}
	n := len(rows[0])
	for _, r := range rows {
		if len(r) != n || n > MaxSignFlips {
			return nil, false
		}
	}
	above := make([][]int, len(rows)) // by row and set of positive signs
	own := make([]int, len(rows))     // the set that was observed
	observed := make([]float64, len(rows))
	for k, r := range rows {
		above[k], own[k] = countsAbove(r)
		observed[k] = -float64(above[k][own[k]])
	}
	order := ascending(observed)
	exceed := make([]int, len(rows))
	for flips := range 1 << n {
		most := 0
		for i := len(order) - 1; i >= 0; i-- {
			k := order[i]
			most = max(most, above[k][own[k]^flips])
			if most >= above[k][own[k]] {
				exceed[k]++
			}
		}
	}
	adjusted = make([]float64, len(rows))
	highest := 0.0
	for _, k := range order {
		highest = max(highest, float64(exceed[k])/float64(int(1)<<n))
		adjusted[k] = highest
	}
	return adjusted, true
}

// countsAbove is how many Walsh averages lie above 0 for each way to give signs to a sample, by
// the set of those that are positive, and the set of the sample itself. It orders samples of one size
// as the signed-rank p value does. An average has the sign of the larger of its two; of two that are
// equally large, it lies above 0 when both do.
func countsAbove(x []float64) (counts []int, own int) {
	smaller, equal := make([]int, len(x)), make([]int, len(x)) // equal is a set
	for i := range x {
		if x[i] > 0 {
			own |= 1 << i
		}
		if x[i] == 0 {
			continue
		}
		smaller[i] = 1 // with itself
		for j := range x {
			switch a, b := math.Abs(x[i]), math.Abs(x[j]); {
			case b < a:
				smaller[i]++
			case b == a && j != i:
				equal[i] |= 1 << j
			}
		}
	}
	counts = make([]int, 1<<len(x))
	for set := 1; set < len(counts); set++ {
		i := bits.TrailingZeros(uint(set))
		rest := set &^ (1 << i)
		counts[set] = counts[rest] + smaller[i] + bits.OnesCount(uint(rest&equal[i]))
	}
	return counts, own
}
