package verdict

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"
)

const (
	// tailLevel is the probability of a false alarm about tails at one look, all
	// gating comparisons together.
	tailLevel = 0.01
	// tailUnits is the level at which units with outliers are compared beside trials:
	// four against none, of 8 to 15 units. A start that happens to be slow makes all of
	// its trials slow, and three such starts are no evidence.
	tailUnits = 0.05
)

// tail counts outliers: what the Hodges-Lehmann estimate hides is a slowdown in fewer
// than about 29 % of the units (its breakdown point).
type tail struct {
	threshold           time.Duration
	trials              stats.Table
	baseline, candidate map[int]bool // units with at least one outlier
	units               int
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

	t := tail{threshold: time.Duration(math.Exp(threshold)), baseline: map[int]bool{}, candidate: map[int]bool{},
		units: len(s.units)}
	for _, pair := range s.trials {
		t.trials.MissesA, t.trials.MissesB = t.trials.MissesA+1, t.trials.MissesB+1
		if pair.baseline > threshold {
			t.trials.HitsA, t.trials.MissesA = t.trials.HitsA+1, t.trials.MissesA-1
			t.baseline[pair.unit] = true
		}
		if pair.candidate > threshold {
			t.trials.HitsB, t.trials.MissesB = t.trials.HitsB+1, t.trials.MissesB-1
			t.candidate[pair.unit] = true
		}
	}
	return t
}

// anyTail is the units in which any of the comparisons has an outlier: one test for all
// of them, however much they depend on each other.
func anyTail(all []tail) tail {
	sum := tail{baseline: map[int]bool{}, candidate: map[int]bool{}}
	for _, t := range all {
		maps.Copy(sum.baseline, t.baseline)
		maps.Copy(sum.candidate, t.candidate)
		sum.units = max(sum.units, t.units)
	}
	return sum
}

// byUnits is Fisher's exact p value over units.
func (t tail) byUnits() float64 {
	a, b := len(t.baseline), len(t.candidate)
	return stats.FisherMoreInB(stats.Table{HitsA: a, MissesA: t.units - a, HitsB: b, MissesB: t.units - b})
}

// judge returns Regression when the candidate has more outliers beyond chance, by
// Fisher's exact test over trials, corrected for the number of gating comparisons, and
// over units, its own and those of all gates together. When they come from so few units
// that it may be the luck of the starts it returns Inconclusive, else "".
func (t tail) judge(gates []tail) Decision {
	switch {
	case stats.FisherMoreInB(t.trials) >= tailLevel/float64(max(len(gates), 1)):
		return ""
	case max(t.byUnits(), anyTail(gates).byUnits()) >= tailUnits:
		return Inconclusive
	}
	return Regression
}

func (t tail) String() string {
	return fmt.Sprintf("%d of the candidate's %d trials lie far above the rest (more than %s), against %d of "+
		"the baseline's",
		t.trials.HitsB, t.trials.HitsB+t.trials.MissesB, Milliseconds(t.threshold), t.trials.HitsA)
}
