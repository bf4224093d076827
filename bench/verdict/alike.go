package verdict

import (
	"slices"

	"oauthbench/bench/stats"
)

// wrongAlike tells whether whatever the candidate answered wrongly, the baseline did, too,
// and about as often: a server that breaks a specification in the same way at both versions
// is wrong, and no worse than itself.
func wrongAlike(pairs []Pair) bool {
	baseline, candidate := tally(pairs, Baseline), tally(pairs, Candidate)
	for name, c := range candidate {
		b := baseline[name]
		if c.counts.Invalid > 0 && (b.counts.Invalid == 0 || !within(c.wrong, b.wrong) ||
			moreOftenWrong(b.counts, c.counts)) {
			return false
		}
	}
	return within(flawsOf(pairs, Candidate), flawsOf(pairs, Baseline))
}

// within tells whether every element of some is among others.
func within[T comparable](some, others []T) bool {
	return !slices.ContainsFunc(some, func(x T) bool { return !slices.Contains(others, x) })
}

// moreOftenWrong tells whether the candidate's share of wrong answers is larger beyond
// chance.
func moreOftenWrong(baseline, candidate Counts) bool {
	return stats.FisherMoreInB(stats.Table{
		HitsA: baseline.Invalid, MissesA: baseline.Arrivals - baseline.Invalid,
		HitsB: candidate.Invalid, MissesB: candidate.Arrivals - candidate.Invalid,
	}) <= errorLevel
}

// failAlike is the end of a verdict on versions that are wrong alike: the candidate cannot
// be passed, and is a regression only if something else makes it one.
func (v *Verdict) failAlike(wrong []string) {
	if v.Decision == Regression {
		v.Reasons = append(v.Reasons, wrong...)
		return
	}
	v.Decision, v.Reasons, v.ByPercentiles = Failed, wrong, false
}
