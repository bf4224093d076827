package summary

import (
	"oauthbench/bench"
	"oauthbench/bench/verdict"
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
