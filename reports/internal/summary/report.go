package summary

import (
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Of is the summary of a report, whose figures are audited first.
func Of(r Report) *Summary {
	return OfAudited(r, Audit(r), map[*bench.Histogram][]time.Duration{})
}

// OfAudited is summarize with the contradictions and quantiles that are known.
func OfAudited(r Report, contradictions []string, known map[*bench.Histogram][]time.Duration) *Summary {
	s := &Summary{known: known, Run: drawable(r.Run), Verdict: r.Verdict, Paths: r.Paths,
		Contradictions: contradictions}
	s.InHeadline = s.Run.Counting()
	s.InComparison = s.InHeadline
	if len(s.Run.Valid(bench.Baseline))+len(s.Run.Valid(bench.Candidate)) == 0 {
		s.InComparison = make([]bool, len(s.Run.Trials))
	}
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		d, deployed := r.Run.Deployments[role]
		measured := slices.ContainsFunc(r.Run.Trials, func(t bench.Trial) bool { return t.Role == role })
		if !deployed && !measured {
			continue
		}
		if d.Name == "" {
			d.Name = string(role)
		}
		s.Sides = append(s.Sides, Side{role, d, s.Run.Shown(role)})
	}
	names := r.Run.Operations()
	for _, c := range r.Verdict.Comparisons {
		if !slices.Contains(names, c.Operation) {
			names = append(names, c.Operation)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		s.Operations = append(s.Operations, s.operation(name))
	}
	collectNotes(s)
	return s
}
