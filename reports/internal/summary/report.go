package summary

import (
	"slices"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/reports/internal/audit"
)

// Report is a run and what was decided about it. Run must not be nil; the zero
// Verdict stands for a run in which nothing was compared.
type Report struct {
	Run     *bench.Run
	Verdict verdict.Verdict
	// Paths are how the comparisons became known, for a picture; nil leaves it out.
	Paths []verdict.Path
}

// Decision is what the report says was decided: the verdict's decision, or Invalid when the
// run contradicts itself and nothing but response times was found against a version. ""
// means that nothing was compared. A program's exit code must come from here, so that it
// agrees with the page.
func (r Report) Decision() verdict.Decision { return audited(r.Verdict, Audit(r)).Decision }

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
