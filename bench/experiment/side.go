package experiment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// Side is one deployment as an experiment drives it.
type Side struct {
	Deployment string // its name in the run
	Client     *generator.Client
	// Prepare makes the requests of one trial before its clock starts. Arrival i is due at
	// schedule.At(i).Due, all at once in a closed loop, and is of the stream of load.Streams that
	// schedule.At(i) says. The same seed asks for the same sequence of requests on every
	// deployment.
	Prepare func(
		ctx context.Context, load bench.Load, schedule bench.Schedule, seed uint64,
	) (generator.Workload, error)
	// Spent reads what the deployment has spent so far; it may take milliseconds, for
	// it is only called with nothing in flight.
	Spent func() bench.Spending
	// Death tells how the server's process ended, "" while it lives; nil where that cannot
	// be known. It is called with nothing in flight.
	Death func(ctx context.Context) string
	// Causes are what the deployment's own parts say is wrong with them; nil where they cannot
	// be asked. It may take seconds, and is called after a trial in which something failed.
	Causes func() []bench.Cause
	// Watch looks at what the database's connections wait for until stop is called; nil where that
	// cannot be, or is not wanted.
	Watch func() (stop func() *bench.Waits)
	// ResetPeak starts the server's peak memory anew; nil where that cannot be.
	ResetPeak func()
}

// causes asks the deployment what is wrong with it.
func (s Side) causes() []bench.Cause {
	if s.Causes == nil {
		return nil
	}
	return s.Causes()
}

// Because puts what the deployment's own parts say is wrong with them before an error that a full disk or
// a part that ended may have brought about.
func (s Side) Because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	err = OwnLimit(err)
	if _, own := errors.AsType[*OwnLimitError](err); own {
		return err
	}
	var said []string
	for _, c := range s.causes() {
		said = append(said, c.String())
	}
	if said == nil {
		return err
	}
	return fmt.Errorf("%s: %w", strings.Join(said, "; "), err)
}

// died is what became of the server, "" while it lives or when the run itself is over.
func (s Side) died(ctx context.Context) string {
	if s.Death == nil || ctx.Err() != nil {
		return ""
	}
	return s.Death(ctx)
}
