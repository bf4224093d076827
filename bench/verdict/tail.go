package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"oauthbench/bench/stats"
)

const (
	// tailLevel is the probability of a false alarm about tails at one look, all
	// gating comparisons together.
	tailLevel = 0.01
	// tailUnits is the level at which units with outliers are compared beside trials:
	// three against none, however many units there are. A start that happens to be slow
	// makes all of its trials slow, and two such starts are no evidence.
	tailUnits = 1.0 / 8
)

// tail counts outliers: what the Hodges-Lehmann estimate hides is a slowdown in fewer
// than about 29 % of the units (its breakdown point).
type tail struct {
	threshold time.Duration
	trials    stats.Table
	units     stats.Table // with at least one outlier
}

// tail finds the trials whose log-quantile lies above the pooled median + 3 x 1.4826
// MAD, and above it by more than the margin: the MAD of nearly equal trials is nearly
// zero, and a change too small to matter is no instability.
func (s series) tail(margin float64) tail {
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

	var baseline, candidate int
	units, baselineUnits, candidateUnits := map[int]bool{}, map[int]bool{}, map[int]bool{}
	for _, t := range s.trials {
		units[t.unit] = true
		if t.baseline > threshold {
			baseline++
			baselineUnits[t.unit] = true
		}
		if t.candidate > threshold {
			candidate++
			candidateUnits[t.unit] = true
		}
	}
	table := func(a, b, n int) stats.Table {
		return stats.Table{HitsA: a, MissesA: n - a, HitsB: b, MissesB: n - b}
	}
	return tail{
		threshold: time.Duration(math.Exp(threshold)),
		trials:    table(baseline, candidate, len(s.trials)),
		units:     table(len(baselineUnits), len(candidateUnits), len(units)),
	}
}

// judge returns Regression when the candidate has more outliers beyond chance, by
// Fisher's exact test over trials, corrected for the number of gating comparisons.
// When they come from so few units that it may be the luck of the starts it returns
// Inconclusive, else "".
func (t tail) judge(gates int) Decision {
	switch {
	case stats.FisherMoreInB(t.trials) >= tailLevel/float64(max(gates, 1)):
		return ""
	case stats.FisherMoreInB(t.units) >= tailUnits:
		return Inconclusive
	}
	return Regression
}

func (t tail) String() string {
	return fmt.Sprintf("%d of the candidate's %d trials lie far above the rest (more than %s), against %d of the baseline's",
		t.trials.HitsB, t.trials.HitsB+t.trials.MissesB, Milliseconds(t.threshold), t.trials.HitsA)
}
