package verdict

// JudgeAlone decides about a run that compares nothing: Loose trials of the
// candidate, their merged quantiles, and SLOs. A wrong answer or a missed SLO is a
// regression, an interrupted or unverified run is inconclusive, a run without
// arrivals is invalid, and everything else passes. Profile, Gates, Margins and Pairs
// are not looked at.
func JudgeAlone(in Input) Verdict {
	in.Pairs = nil
	v := Verdict{Comparisons: []Comparison{}}
	all := in.answered()
	v.SLOs = judgeSLOs(in, Candidate)
	arrivals := 0
	for _, t := range tally(all, Candidate) {
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
