// Package exitcode has the codes that commands end with, and is the only place that makes
// them of errors and decisions. It prints nothing.
package exitcode

import (
	"errors"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/clustersize"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Exit codes. They are part of the interface: CI jobs gate on them.
const (
	Pass         = 0
	Regression   = 1 // or an SLO was missed, or an answer was wrong
	Usage        = 2 // the command line or the plan is at fault
	Inconclusive = 3 // or the environment makes the run invalid, or it was interrupted
	NoTarget     = 4 // a target could not start, or cannot be measured
)

// Of is the code that a command ends with. All codes are made here.
func Of(err error) int {
	var ended *ended
	var unfinished *Unfinished
	var start *targets.StartError
	var store *session.StoreError
	var limit *session.LimitError
	var beyond *clustersize.BeyondError
	var unjudged *judged.Error
	switch {
	case err == nil:
		return Pass
	case errors.As(err, &unfinished), errors.As(err, &store), errors.As(err, &limit),
		errors.As(err, &beyond), errors.As(err, &unjudged),
		errors.Is(err, session.ErrNothingMeasured):
		return Inconclusive
	case errors.As(err, &ended) && ended.code == Regression:
		return Regression // also when a server died for good
	case errors.As(err, &start):
		return NoTarget
	case errors.As(err, &ended):
		return ended.code
	}
	return Usage // targets.UsageError, and what cobra refuses: flags and arguments
}

// ended is the end of a command that has said all it had to say.
type ended struct{ code int }

func (e *ended) Error() string { return "" }

// With ends a command with a code and nothing more to say.
func With(code int) error {
	if code == Pass {
		return nil
	}
	return &ended{code}
}

// Unfinished is a result that could not be judged, written or shown to its end.
type Unfinished struct{ Err error }

func (e *Unfinished) Error() string { return e.Err.Error() }
func (e *Unfinished) Unwrap() error { return e.Err }

// OfDecision is the exit code of a decision.
func OfDecision(d verdict.Decision) int {
	switch d {
	case verdict.Pass, verdict.Measured:
		return Pass
	case verdict.Regression, verdict.Failed:
		return Regression
	default:
		return Inconclusive
	}
}
