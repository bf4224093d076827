package experiment

import (
	"context"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Experiment runs trials in a given order and hands each to Store as it ends.
type Experiment struct {
	Loads []bench.Load // by Slot.Part
	Sides map[bench.Role]Side
	// Settle is the pause before each trial, with nothing in flight.
	Settle time.Duration
	// KeepPartial stores a trial that the context cut short, as far as it came. A
	// comparison leaves it out: half a trial has no partner.
	KeepPartial bool
	Store       func(bench.Trial) error
	// Watch, when not nil, is told the intended start and the response time of every
	// arrival, failed ones as the recorder counts them.
	Watch    func(operation string, intended, response time.Duration)
	Progress *Progress
}

// Run does the trials of slots in order. It ends early when ctx is done, with the
// context's cause, or when a trial cannot be prepared or stored; the trials that
// ended before that are stored.
func (e *Experiment) Run(ctx context.Context, slots []bench.Slot) error {
	for _, slot := range slots {
		trial, err := e.trial(ctx, slot)
		if err != nil {
			return err
		}
		if err := e.Store(trial); err != nil {
			return err
		}
		e.Progress.done()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}
