package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"oauthbench/bench/stats"
)

// tailUnstable finds what the Hodges-Lehmann estimate hides: a slowdown in
// fewer than about 29 % of the units (its breakdown point). Trials whose
// log-quantile lies above the pooled median + 3 x 1.4826 MAD, and above it by
// more than the margin, are outliers; the candidate is unstable when it has
// more of them than the baseline by Fisher's exact test, p < 0.01.
//
// The margin is part of the threshold because the MAD of nearly equal trials
// is nearly zero, and a change too small to matter is no instability.
func tailUnstable(s series, margin float64) (bool, string) {
	var all []float64
	for _, t := range s.trials {
		all = append(all, t.baseline, t.candidate)
	}
	slices.Sort(all)
	median := stats.Median(all)
	for i, x := range all {
		all[i] = math.Abs(x - median)
	}
	slices.Sort(all)
	threshold := median + max(3*1.4826*stats.Median(all), math.Log1p(margin))
	n := len(s.trials)
	var baseline, candidate int
	for _, t := range s.trials {
		if t.baseline > threshold {
			baseline++
		}
		if t.candidate > threshold {
			candidate++
		}
	}
	if stats.FisherMoreInB(stats.Table{HitsA: baseline, MissesA: n - baseline, HitsB: candidate, MissesB: n - candidate}) >= 0.01 {
		return false, ""
	}
	return true, fmt.Sprintf("%d of the candidate's %d trials lie far above the rest (more than %s), against %d of the baseline's",
		candidate, n, Milliseconds(time.Duration(math.Exp(threshold))), baseline)
}
