package stats

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
	observed := make([]float64, len(rows))
	for k, r := range rows {
		observed[k] = signFlipP(r, 0)
	}
	order := ascending(observed)
	exceed := make([]int, len(rows))
	for flips := range 1 << n {
		smallest := 1.0
		for i := len(order) - 1; i >= 0; i-- {
			k := order[i]
			smallest = min(smallest, signFlipP(rows[k], flips))
			if smallest <= observed[k] {
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

// signFlipP is a stand-in for the signed-rank p value after flipping the signs
// of the observations whose bit is set: 1 - the share of Walsh averages above
// 0, which orders samples of one size as the p value does.
func signFlipP(x []float64, flips int) float64 {
	above, total := 0, 0
	at := func(i int) float64 {
		if flips>>i&1 == 1 {
			return -x[i]
		}
		return x[i]
	}
	for i := range x {
		for j := i; j < len(x); j++ {
			total++
			if at(i)/2+at(j)/2 > 0 {
				above++
			}
		}
	}
	if total == 0 {
		return 1
	}
	return 1 - float64(above)/float64(total)
}
