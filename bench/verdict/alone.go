package verdict

import "fmt"

// JudgeAlone decides about a run that compares nothing: Loose trials of the
// candidate, their merged quantiles, and SLOs. A wrong answer or a missed SLO is a
// regression, an interrupted or unverified run is inconclusive, a run without
// arrivals is invalid, one with an operation that mostly failed is inconclusive: its
// times are the timeout's, not the version's. Everything else passes. Profile, Gates, Margins and Pairs
// are not looked at.
func JudgeAlone(in Input) Verdict {
	in.Pairs = nil
	v := Verdict{Comparisons: []Comparison{}}
	all := in.answered()
	v.SLOs = judgeSLOs(in, Candidate)
	totals, arrivals := tally(all, Candidate), 0
	for _, t := range totals {
		arrivals += t.counts.Arrivals
	}
	v.find(Regression, wrongAnswers(all, Candidate)...)
	if arrivals == 0 {
		v.find(Invalid, "nothing was measured")
	}
	for _, text := range unverified(all) {
		v.doubt(text)
	}
	if in.Interrupted {
		v.doubt("interrupted: this is a part of what was planned")
	}
	if v.Decision == "" {
		v.judgeCandidateSLOs(in)
	}
	for _, operation := range operations(all) {
		c := totals[operation].counts
		if failed := c.Errors(); 2*failed > c.Arrivals {
			v.doubt(fmt.Sprintf("%s: %d of %d requests failed, so its times are mostly those of failures", operation, failed, c.Arrivals))
		}
	}
	v.find(Inconclusive, v.doubts...)
	if v.Decision == "" {
		reason := "no answer was wrong"
		if len(v.SLOs) > 0 {
			reason += " and every SLO held"
		}
		v.find(Pass, reason)
	}
	return v
}
