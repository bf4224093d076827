package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// JudgeAlone decides about a run that compares nothing: Loose trials of the candidate,
// their merged quantiles, and limits. Wrong answers, more errors than the limit and a
// missed SLO make it Failed, an interrupted or unverified run is Inconclusive, one
// without arrivals Invalid. A run with SLOs that all held is a Pass; one without any is
// Measured: there are figures, and nothing that they could pass. Profile, Gates, Margins
// and Pairs are not looked at.
func JudgeAlone(in Input) Verdict {
	in.Pairs = nil
	v := Verdict{Comparisons: []Comparison{}}
	all := in.answered()
	v.SLOs = judgeSLOs(in, Candidate)
	totals, arrivals, answers := tally(all, Candidate), 0, 0
	for _, t := range totals {
		arrivals += t.counts.Arrivals
		answers += t.counts.OK + t.counts.Rejected + t.counts.Invalid
	}
	v.find(Failed, wrongAnswers(all, Candidate)...)
	v.find(Failed, deaths(all, Candidate, "server")...)
	if arrivals == 0 {
		v.find(Invalid, "nothing was measured")
	}
	for _, text := range append(unverified(all), outages(all)...) {
		v.doubt(text)
	}
	if in.Interrupted {
		v.doubt("interrupted: this is a part of what was planned")
	}
	for _, operation := range operations(all) {
		c := totals[operation].counts
		if unsent := c.Arrivals - c.OK - c.Invalid - c.Errors(); unsent > 0 {
			v.doubt(fmt.Sprintf("%s: %d of %d requests could not leave this machine", operation, unsent, c.Arrivals))
		}
	}
	above := in.aboveErrorLimit(all, Candidate)
	for _, operation := range operations(all) {
		if text := above[operation]; text != "" {
			v.find(Failed, text)
		}
	}
	v.missedAlone(in)
	v.find(Inconclusive, v.doubts...)
	switch {
	case v.Decision != "":
	case len(v.SLOs) > 0:
		v.find(Pass, fmt.Sprintf("%s, and none was wrong; %s, and none was missed", digits.Count(answers, "answer"),
			digits.Count(len(v.SLOs), "SLO")))
	default:
		if why := in.disturbedAlone(); len(why) > 0 {
			v.find(Measured, "response times are not the server's own: "+strings.Join(why, "; "))
		}
		v.find(Measured, "no limit was set: nothing is passed or failed")
	}
	return v
}

// missedAlone turns missed limits into a failure.
func (v *Verdict) missedAlone(in Input) {
	disturbed := in.disturbedAlone()
	for _, r := range v.SLOs {
		switch {
		case !r.Known():
			v.doubt(fmt.Sprintf("SLO %v: the run has no such figure", r))
		case r.Held:
		case in.Interrupted && r.SLO.Metric != "invalid":
			v.doubt(fmt.Sprintf("SLO %v so far", r))
		case len(disturbed) > 0 && r.SLO.ofTime():
			v.doubt(fmt.Sprintf("SLO %v, but %s", r, strings.Join(disturbed, "; ")))
		default:
			v.find(Failed, fmt.Sprintf("SLO %v", r))
		}
	}
}

// disturbedAlone is why the times of a run that compares nothing are not its version's:
// what disturbed its trials, when every one but the warm-ups was; nil otherwise.
func (in Input) disturbedAlone() (why []string) {
	for _, l := range in.Loose {
		if l.Warmup || l.Side != Candidate {
			continue
		}
		if len(l.Trial.Disturbed) == 0 {
			return nil
		}
		why = append(why, l.Trial.Disturbed...)
	}
	slices.Sort(why)
	return slices.Compact(why)
}

// ofTime tells whether a limit is one that a disturbed machine can miss for the version.
func (s SLO) ofTime() bool {
	m, _ := metricNamed(s.Metric)
	return m.kind == kindTime || s.Metric == "achieved"
}
