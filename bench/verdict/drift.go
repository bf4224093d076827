package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Control is the negative control of one gating comparison: the baseline
// against itself. In a block ABBA or BAAB the two baseline trials differ in
// nothing but the time; if the later is consistently slower or faster, the
// environment changes faster than the blocks can cancel, and the run decides
// nothing.
type Control struct {
	Operation string  `json:"operation"`
	Quantile  float64 `json:"quantile"`
	// Ratio is later/earlier trial of the baseline within a block.
	Ratio Interval `json:"ratio"`
	// P is the exact two-sided p value against "no change".
	P      float64 `json:"p"`
	Blocks int     `json:"blocks"`
	// Drifts: the change is no chance. Failed: it is large enough to matter.
	Drifts bool `json:"drifts"`
	Failed bool `json:"failed"`
}

// size is the absolute logarithm of the change.
func (c Control) size() float64 { return math.Abs(math.Log(c.Ratio.Estimate)) }

func (c Control) String() string {
	return fmt.Sprintf("%s %s: the baseline differs from itself: in a block its later trial takes %.2f [%.2f, %.2f] "+
		"times as long as its earlier one (p=%.1g), so the environment drifts",
		c.Operation, Percentile(c.Quantile), c.Ratio.Estimate, c.Ratio.Low, c.Ratio.High, c.P)
}

// explains says whether a drift of this size could account for a regression.
func (c Control) explains(r Comparison) bool {
	return math.Log(r.Ratio.Low) <= math.Log1p(r.Convicting())+c.size()
}

// controlLevel below which a control fails: strict, because it is asked once
// per comparison and look and must not cost good runs. Ten blocks cannot
// reach it.
const controlLevel = 0.001

// controlShare of the margin (of its logarithm) that the change must also
// exceed to fail the control: a table that grows makes every later trial half
// a percent slower, reliably, and no decision rests on that. A smaller change
// is a warning.
const controlShare = 0.25

func controls(p Profile, all []series, comparisons []Comparison) []Control {
	var out []Control
	for i, s := range all {
		if !comparisons[i].Gating {
			continue
		}
		changes := s.withinBlocks()
		w := stats.NewWalsh(changes)
		c := Control{
			Operation: s.operation, Quantile: s.quantile, Blocks: len(changes),
			Ratio: Interval{math.Exp(w.HodgesLehmann()), math.Exp(w.Lower(bound95).Value),
				math.Exp(w.Upper(bound95).Value)},
			P: min(1, 2*min(w.PAbove(0), w.PBelow(0))),
		}
		c.Drifts = c.P < controlLevel
		c.Failed = c.Drifts && c.size() > controlShare*math.Log1p(comparisons[i].Convicting())
		out = append(out, c)
	}
	return out
}

// withinBlocks returns ln(later/earlier) of the two baseline trials of each
// block of exactly two pairs.
func (s series) withinBlocks() []float64 {
	type block struct{ epoch, block int }
	var order []block
	trials := map[block][]float64{}
	for _, t := range s.trials {
		b := block{t.pair.Epoch, t.pair.Block}
		if trials[b] == nil {
			order = append(order, b)
		}
		trials[b] = append(trials[b], t.baseline)
	}
	var changes []float64
	for _, b := range order {
		if pair := trials[b]; len(pair) == 2 {
			changes = append(changes, pair[1]-pair[0])
		}
	}
	return changes
}

// warmingLevel is the probability of calling a steady version unsteady, for one
// comparison.
const warmingLevel = 0.001

// hidingLevel is the probability, for one comparison, of seeing the ratio of two steady versions rise. A
// run whose pass it withholds cost some minutes; a candidate that was slower passes where nobody saw that
// the baseline beside it was still warming up.
const hidingLevel = 0.005

// trendLevelOfBoth is the probability, for each version, of seeing a trend in one that has
// none. Both must have one, and it is a footnote.
const trendLevelOfBoth = 0.001

// warming returns a sentence for each version whose trials in the last quarter of the
// run were faster than in the first, beyond chance and by more than half of what convicts
// (of its logarithm), or whose first few were all far slower than all later ones: it was
// still warming up, and its times say nothing of how it will be. A version alone counts: a
// change that both have cancels in the ratio and is a footnote.
// hiding are weaker signs that withhold a pass and nothing else: of a baseline that became faster behind a
// candidate that did not.
func warming(all []series, comparisons []Comparison) (unsteady, hiding, shared []string) {
	for i, s := range all {
		c := comparisons[i]
		if !c.Tested() || len(s.trials) == 0 {
			continue
		}
		var baseline, candidate []float64
		for _, t := range s.trials {
			baseline, candidate = append(baseline, t.baseline), append(candidate, t.candidate)
		}
		tolerated := math.Log1p(c.Convicting()) / 2
		own, ofBaseline, ofCandidate := difference(baseline, candidate, tolerated), gain(baseline), gain(candidate)
		side, gained := Candidate, ofCandidate
		if own.gain > 0 {
			side, gained = Baseline, ofBaseline
		}
		switch cold := c.coldStart(baseline, candidate); {
		// What one version gained that the other did not is what tilts the ratio.
		case own.sure && math.Abs(own.gain) > tolerated && gained.gain < -tolerated:
			unsteady = append(unsteady, fmt.Sprintf("%s: the %s was still warming up: its last quarter of trials "+
				"took %.2f times %s its first, beside the other %.2f",
				c.Name(), side, math.Exp(gained.gain), c.asMuch(), math.Exp(-math.Abs(own.gain))))
		// Chance makes the first two of eight trials the slowest once in 28: a sentinel that convicts nobody withholds
		// no pass by it.
		case cold != "" && (!c.Sentinel || c.Decision == Regression):
			unsteady = append(unsteady, c.Name()+": "+cold)
		case ofBaseline.gain < -tolerated && hides(baseline, candidate, tolerated):
			hiding = append(hiding, fmt.Sprintf(
				"%s: the baseline may have been warming up: its last quarter of trials "+
					"took %.2f times %s its first, and beside it the candidate took more and more", c.Name(),
				math.Exp(ofBaseline.gain), c.asMuch()))
		case c.fades(baseline, candidate):
			unsteady = append(unsteady, c.Name()+
				": the candidate may have been warming up: beside the baseline it took less "+
				"and less, and the later half of the trials alone is below what convicts")
		default:
			if text := c.together(baseline, candidate, tolerated); text != "" {
				shared = append(shared, c.Name()+": "+text)
			}
		}
	}
	return unsteady, hiding, shared
}

// hides tells whether the ratio rose through all of the run, by more than would matter.
func hides(baseline, candidate []float64, matters float64) bool {
	ratios := ratiosOf(baseline, candidate)
	if gain(ratios).gain <= matters {
		return false
	}
	rising, _ := stats.Trend(ratios)
	return rising <= hidingLevel
}

// ratiosOf are the logarithms of the ratio, by pair.
func ratiosOf(baseline, candidate []float64) []float64 {
	ratios := slices.Clone(candidate)
	for i := range ratios {
		ratios[i] -= baseline[i]
	}
	return ratios
}

// asMuch is how a comparison speaks of more of what it compares.
func (c Comparison) asMuch() string {
	if c.OfCost() {
		return "as much as"
	}
	return "as long as"
}

// together says that both versions became faster, or slower, during the run, "" when not.
func (c Comparison) together(baseline, candidate []float64, tolerated float64) string {
	then, now := gain(baseline).gain, gain(candidate).gain
	if max(then, now) >= -tolerated && min(then, now) <= tolerated {
		return "" // The laws of trends take their time, and are seldom asked.
	}
	up, down := stats.Trend(baseline)
	upCandidate, downCandidate := stats.Trend(candidate)
	say := func(how, why string) string {
		return fmt.Sprintf("both versions became %s during the run: the last quarter of trials took %.2f and %.2f "+
			"times %s the first%s", how, math.Exp(then), math.Exp(now), c.asMuch(), why)
	}
	switch {
	case max(down, downCandidate) <= trendLevelOfBoth && max(then, now) < -tolerated:
		return say("faster", "")
	case max(up, upCandidate) <= trendLevelOfBoth && min(then, now) > tolerated:
		return say("slower", "; what the run leaves at a server may be why, and what was there before it is not known")
	}
	return ""
}

// leastCold is how many trials at the start must be slow to be called a cold start: a single
// slow trial is what rank tests shrug off.
const leastCold = 2

// coldStart says that the first trials of one version, up to a third, were each slower than
// all its later ones by more than what convicts, and the other's were not; "" when not, and
// when the later trials alone show a candidate that is slower by as much.
func (c Comparison) coldStart(baseline, candidate []float64) string {
	far := math.Log1p(c.Convicting())
	cold := map[Side]int{Baseline: coldTrials(baseline, far), Candidate: coldTrials(candidate, far)}
	side, values := Candidate, candidate
	if cold[Baseline] > 0 {
		side, values = Baseline, baseline
	}
	first := cold[side]
	if first == 0 || cold[opposite(side)] > 0 {
		return ""
	}
	var later []float64
	for i := first; i < len(candidate); i++ {
		later = append(later, candidate[i]-baseline[i])
	}
	if stats.HodgesLehmann(later) >= math.Log1p(c.Convicting()) {
		return ""
	}
	rest := slices.Max(values[first:])
	return fmt.Sprintf("the %s was still warming up: its first %d of %d trials took %.2f times %s the "+
		"slowest of all later ones, or more", side, first, len(values),
		math.Exp(slices.Min(values[:first])-rest), c.asMuch())
}

// coldTrials is how many trials at the start were all slower than every later one by far.
func coldTrials(values []float64, far float64) int {
	for first := len(values) / 3; first >= leastCold; first-- {
		if slices.Min(values[:first]) > slices.Max(values[first:])+far {
			return first
		}
	}
	return 0
}

// fadingLevel is how likely chance may make the trend that is held against a regression.
const fadingLevel = 0.05

// fades tells whether a regression rests on the earlier trials: the ratio falls, and the later half alone
// does not lie beyond the margin. A version that is slower to the end is slower there, too.
func (c Comparison) fades(baseline, candidate []float64) bool {
	if c.Decision != Regression || c.Unstable {
		return false
	}
	ratios := ratiosOf(baseline, candidate)
	if stats.HodgesLehmann(ratios[len(ratios)/2:]) >= math.Log1p(c.Convicting()) {
		return false
	}
	_, falling := stats.Trend(ratios)
	return falling <= fadingLevel
}

// change is the shift of log-quantiles from the first to the last quarter of some trials.
type change struct {
	gain float64 // It is negative when the later trials are faster.
	sure bool    // Chance does not explain it.
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

// difference is the gain of the ratio: of what one version did beside the other. Quarters of a short run
// are too few to be sure of one that matters; a trend through all of it can be.
func difference(baseline, candidate []float64, matters float64) change {
	ratios := ratiosOf(baseline, candidate)
	c := gain(ratios)
	if !c.sure && math.Abs(c.gain) > matters {
		up, down := stats.Trend(ratios)
		c.sure = 2*min(up, down) <= warmingLevel
	}
	return c
}
