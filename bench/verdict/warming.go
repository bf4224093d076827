package verdict

import (
	"fmt"
	"math"
	"slices"

	"oauthbench/bench/stats"
)

// warmingLevel is the probability of calling a steady version unsteady, for one
// comparison.
const warmingLevel = 0.001

// warming returns a sentence for each version whose trials in the last quarter of the
// run were faster than in the first, beyond chance and by more than half of the margin
// (of its logarithm): it was still warming up, and its times say nothing of how it
// will be. A version alone counts: a change that both have cancels in the ratio and is a
// footnote.
func warming(all []series, comparisons []Comparison) (unsteady, shared []string) {
	for i, s := range all {
		c := comparisons[i]
		if !c.Tested() || len(s.trials) == 0 {
			continue
		}
		var baseline, candidate []float64
		for _, t := range s.trials {
			baseline, candidate = append(baseline, t.baseline), append(candidate, t.candidate)
		}
		tolerated := math.Log1p(c.Margin) / 2
		own := difference(baseline, candidate)
		side, gained := Candidate, gain(candidate)
		if own.gain > 0 {
			side, gained = Baseline, gain(baseline)
		}
		switch other := gain(baseline); {
		// What one version gained that the other did not is what tilts the ratio.
		case own.sure && math.Abs(own.gain) > tolerated && gained.gain < -tolerated:
			unsteady = append(unsteady, fmt.Sprintf("%s: the %s was still warming up: its last quarter of trials took %.2f times as long as its first, beside the other %.2f",
				c.Name(), side, math.Exp(gained.gain), math.Exp(-math.Abs(own.gain))))
		case other.sure && gain(candidate).sure && max(other.gain, gain(candidate).gain) < -tolerated:
			shared = append(shared, fmt.Sprintf("%s: both versions became faster during the run: the last quarter of trials took %.2f and %.2f times as long as the first",
				c.Name(), math.Exp(other.gain), math.Exp(gain(candidate).gain)))
		}
	}
	return unsteady, shared
}

// change is the shift of log-quantiles from the first to the last quarter of some trials.
type change struct {
	gain float64 // negative when the later ones are faster
	sure bool    // beyond chance
}

// gain compares the last quarter of trials with the first by the exact rank-sum test.
func gain(trials []float64) change {
	n := len(trials) / 4
	if n == 0 {
		return change{}
	}
	shifts := stats.NewShifts(trials[:n], trials[len(trials)-n:])
	p := 2 * min(shifts.PAbove(0), shifts.PBelow(0))
	return change{shifts.HodgesLehmann(), p <= warmingLevel}
}

// difference is the gain of the ratio: of what one version did beside the other.
func difference(baseline, candidate []float64) change {
	ratios := slices.Clone(candidate)
	for i := range ratios {
		ratios[i] -= baseline[i]
	}
	return gain(ratios)
}
