package exitcode

import "github.com/oauthbench/oauthbench/bench/verdict"

// FailOn says which decisions fail a job. The zero value is FailInconclusive.
type FailOn string

const (
	FailRegression   FailOn = "regression"   // only what was found to be worse
	FailInconclusive FailOn = "inconclusive" // everything that did not pass
	FailNever        FailOn = "never"        // nothing that was decided
)

// FailOns are all of them, the default first.
var FailOns = []FailOn{FailInconclusive, FailRegression, FailNever}

// Code is the exit code of a decision. Usage errors, targets that did not start and
// reports that could not be written have codes of their own, whatever it says.
func (f FailOn) Code(d verdict.Decision) int {
	code := OfDecision(d)
	switch {
	case f == FailNever, f == FailRegression && code == Inconclusive:
		return Pass
	}
	return code
}
