package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"oauthbench/bench/verdict"
	"oauthbench/internal/clustersize"
	"oauthbench/internal/judged"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
)

// Exit codes. They are part of the interface: CI jobs gate on them.
const (
	exitPass         = 0
	exitRegression   = 1 // or an SLO was missed, or an answer was wrong
	exitUsage        = 2 // the command line or the plan is at fault
	exitInconclusive = 3 // or the environment makes the run invalid, or it was interrupted
	exitNoTarget     = 4 // a target could not start, or cannot be measured
)

// exitCode is the code that a command ends with. All codes are made here.
func exitCode(err error) int {
	var ended *ended
	var unfinished *unfinished
	var start *targets.StartError
	var store *session.StoreError
	var beyond *clustersize.BeyondError
	var unjudged *judged.Error
	switch {
	case err == nil:
		return exitPass
	case errors.As(err, &unfinished), errors.As(err, &store), errors.As(err, &beyond), errors.As(err, &unjudged),
		errors.Is(err, session.ErrNothingMeasured):
		return exitInconclusive
	case errors.As(err, &ended) && ended.code == exitRegression:
		return exitRegression // also when a server died for good
	case errors.As(err, &start):
		return exitNoTarget
	case errors.As(err, &ended):
		return ended.code
	}
	return exitUsage // targets.UsageError, and what cobra refuses: flags and arguments
}

// ended is the end of a command that has said all it had to say.
type ended struct{ code int }

func (e *ended) Error() string { return "" }

// exitWith ends a command with a code and nothing more to say.
func exitWith(code int) error {
	if code == exitPass {
		return nil
	}
	return &ended{code}
}

// unfinished is a result that could not be judged, written or shown to its end.
type unfinished struct{ err error }

func (e *unfinished) Error() string { return e.err.Error() }
func (e *unfinished) Unwrap() error { return e.err }

// codeOf is the exit code of a decision.
func codeOf(d verdict.Decision) int {
	switch d {
	case verdict.Pass, verdict.Measured:
		return exitPass
	case verdict.Regression, verdict.Failed:
		return exitRegression
	default:
		return exitInconclusive
	}
}

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that ends at the first ^C, SIGTERM or SIGHUP. After that
// the signals have their usual effect: a second ^C ends the program at once, and the
// servers it started notice and end themselves.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup wants the run to go on
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		select {
		case <-signals:
			signal.Stop(signals)
			cancel(errInterrupted)
		case <-ctx.Done():
			signal.Stop(signals)
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}
