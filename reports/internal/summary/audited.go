package summary

import (
	"slices"

	"oauthbench/bench/verdict"
	"oauthbench/reports/internal/audit"
)

// Audit returns one sentence for each contradiction among the figures of a report.
func Audit(r Report) []string { return audit.Of(r.Run, r.Verdict.Comparisons) }

// audited is what is left of a verdict when the stored figures contradict each other. What
// counts against a version stands, so that the audit never hides an error or a missed
// limit; a decision that rests on comparisons of response times, and a pass, do not.
func audited(v verdict.Verdict, contradictions []string) verdict.Verdict {
	if len(contradictions) == 0 {
		return v
	}
	against := v.Decision == verdict.Regression || v.Decision == verdict.Failed
	if !against || v.ByPercentiles {
		return verdict.Verdict{Decision: verdict.Invalid, Reasons: contradictions, SLOs: v.SLOs}
	}
	return verdict.Verdict{Decision: v.Decision, Reasons: slices.Concat(v.Reasons, contradictions), SLOs: v.SLOs}
}
