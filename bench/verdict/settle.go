package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// doubt records something that withholds a pass without being a regression.
func (v *Verdict) doubt(reason string) { v.doubts = append(v.doubts, reason) }

// settle decides by the percentiles, once nothing before them has.
func (v *Verdict) settle(in Input) {
	if short := v.short(in); short != "" {
		v.find(Inconclusive, short)
		v.find(Inconclusive, v.doubts...)
		v.find(Inconclusive, v.reasonsFor(Inconclusive)...)
		return
	}
	decision := v.PerProtocol
	if decision == Invalid {
		v.find(Invalid, "no operation has enough requests for a gating percentile: lengthen the trials or "+
			"raise the rate")
		return
	}
	// Which pairs are left out is decided by the machine's counters alone, which know
	// neither versions nor response times: the others keep the level of their test.
	if opposite := v.PerProtocol == Pass && v.IntentionToTreat == Regression || v.PerProtocol == Regression &&
		v.IntentionToTreat == Pass; opposite {
		v.find(Inconclusive, fmt.Sprintf("the undisturbed pairs say %s, all pairs say %s: leaving out %s turns the "+
			"answer round, so nothing is decided",
			v.PerProtocol, v.IntentionToTreat, digits.Count(v.Excluded, "disturbed pair")))
	}
	if v.lopsided != "" && (v.PerProtocol == Pass || v.PerProtocol != v.IntentionToTreat) {
		v.find(Inconclusive, v.lopsided)
	}
	// A server that still warms up is not measured yet: not slow, and not fast either.
	v.find(Inconclusive, v.unsteady...)
	v.judgeControls(decision)
	if decision == Regression && v.Decision == "" {
		v.find(Regression, v.reasonsFor(Regression)...)
		v.ByPercentiles = true
		return
	}
	v.find(Inconclusive, v.hiding...)
	v.find(Inconclusive, wrongBaseline(in)...)
	v.find(Inconclusive, v.doubts...)
	v.find(Inconclusive, v.undecidedCosts()...)
	if decision == Inconclusive || v.Decision != "" {
		v.find(Inconclusive, v.reasonsFor(decision)...)
		return
	}
	v.find(Pass, v.reasonsFor(Pass)...)
	v.ByPercentiles = true
}

// judgeControls withholds a decision when a control failed, except a
// regression so large that the drift cannot be its cause.
func (v *Verdict) judgeControls(decision Decision) {
	for _, control := range v.Controls {
		beyond := slices.ContainsFunc(v.Comparisons, func(c Comparison) bool {
			return c.Tested() && c.Decision == Regression && !control.explains(c)
		})
		switch {
		case control.Failed && !(decision == Regression && beyond):
			v.find(Inconclusive, control.String()+": a quieter environment is needed")
		case control.Drifts:
			v.warn("%v", control)
		}
	}
}

// wrongBaseline withholds a pass: a baseline that answers wrongly, perhaps
// because it skips work, is no measure of how long right answers take. The
// candidate is not to blame, so it is no regression either.
func wrongBaseline(in Input) []string {
	reasons := wrongAnswers(in.answered(), Baseline)
	for i := range reasons {
		reasons[i] += ": its percentiles are no reference"
	}
	return reasons
}

// reasonsFor collects the reasons of the comparisons that brought a decision about.
func (v *Verdict) reasonsFor(d Decision) []string {
	var reasons []string
	for _, c := range v.Comparisons {
		if c.Decision == d && (c.Gating || c.Sentinel && d == Regression) {
			reasons = append(reasons, strings.Join(c.Reasons, "; "))
		}
	}
	return reasons
}

// remark adds what the reader must know whatever the decision.
func (v *Verdict) remark(in Input, pairs []Pair) {
	if in.Profile.Unit == UnitPair && !in.Profile.FreshPairs {
		v.note("one start per version: restart effects are not covered")
	}
	if v.Decision == Pass && in.Profile.Unit == UnitEpoch && len(in.Profile.Watched) > 0 {
		v.Unseen = "a slowdown by half in a quarter of the candidate's starts would pass in about 12 % of runs"
		v.note("what such a run cannot see: %s", v.Unseen)
	}
	if from := convictedFrom(v.Comparisons); from != "" {
		v.note("a margin that noise chose is what a pass certifies; %s", from)
	}
	if in.GatesCosts() {
		v.note("costs do not see what takes time and no work: locks, waits, pauses of a garbage collector")
	}
	for _, text := range v.costs.uncounted {
		v.warn("costs decide nothing: %s", text)
	}
	for _, text := range v.costs.drifting {
		v.warn("%s; it decides nothing, the other costs do", text)
	}
	for _, c := range v.Costs {
		if c.Sentinel && v.suspected(c) {
			v.warn("%s is probably higher: %v, its margin is ×%.2f; this run cannot convict it",
				c.Name(), c.Ratio, 1+c.Margin)
		}
	}
	if v.Excluded > 0 {
		v.note("%s left out (%s); with all pairs the percentiles say %s, without these %s",
			digits.Count(v.Excluded, "disturbed pair"), strings.Join(disturbances(pairs), "; "), v.IntentionToTreat,
			v.PerProtocol)
	}
	if v.Decision != Inconclusive {
		for _, d := range v.doubts {
			v.warn("%s", d)
		}
		for _, w := range wrongAnswers(in.answered(), Baseline) {
			v.warn("%s", w)
		}
	}
	for _, c := range v.Comparisons {
		if v.suspected(c) {
			v.warn("%s is probably slower: %v, its margin is ×%.2f; among so many comparisons this run "+
				"cannot convict it", c.Name(), c.Ratio, 1+c.Margin)
		}
	}
	for _, text := range v.shared {
		v.warn("%s", text)
	}
	for _, c := range v.Comparisons {
		v.Warnings = append(v.Warnings, c.Warnings...)
		if !c.Tested() && c.Decision == Regression {
			v.warn("advisory: %s", strings.Join(c.Reasons, "; "))
		}
	}
	for _, r := range v.SLOs {
		if r.Side == Baseline && r.Known() && !r.Held {
			v.warn("SLO %v by the baseline", r)
		}
	}
	recorded := false
	for _, side := range []Side{Baseline, Candidate} {
		for _, t := range tally(pairs, side) {
			recorded = recorded || t.counts.Arrivals > 0
		}
	}
	if !recorded && len(pairs) > 0 {
		v.note("the input has no counts: errors and the length of trials were not judged")
	}
}

// convictedFrom names the gates that convict from less than their margins, "" when none does.
func convictedFrom(all []Comparison) string {
	var names []string
	for _, c := range all {
		if c.Gating && c.Convicts > 0 {
			names = append(names, fmt.Sprintf("%s convicts from %+.3g %% on", c.Name(), 100*c.Convicts))
		}
	}
	return strings.Join(names, ", ")
}
