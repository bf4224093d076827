package varied

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
)

// atRate measures a cell at the plan's rates: a trial after each of some fresh starts. A run
// that was interrupted goes on after the trials that it has.
func atRate(p plan.Plan) func(context.Context, *session.Chosen) error {
	return func(ctx context.Context, c *session.Chosen) error {
		run := c.Run()
		if len(run.Loads) == 0 {
			h := bench.Header{Slots: starts, Loads: []bench.Load{c.Fixed(length(p))}}
			if err := c.Begin(plan.Run, h); err != nil {
				return err
			}
		}
		load := run.Loads[0]
		progress := &experiment.Progress{}
		one := experiment.Experiment{
			Loads: run.Loads, Sides: c.Sides(), Settle: c.Settle(), Progress: progress,
			Store: func(t bench.Trial) error { return c.Keep(allThereIs(t)) },
		}
		done := len(run.Trials)
		defer c.Follow(progress, starts, time.Duration(starts-done)*load.Length)()
		rng := rand.New(rand.NewPCG(p.Seed, 0x9a1d))
		for i := range starts {
			seed := rng.Uint64N(bench.MaxSeed)
			if i < done {
				continue
			}
			lasting := c.Lasting(bench.Candidate)
			if i > done && !lasting { // The servers were started for the first of them.
				if err := c.Restart(ctx, bench.Candidate, max(int(load.Rate()), 1)); err != nil {
					return err
				}
			}
			start := i
			if lasting {
				start = 0
			}
			slot := bench.Slot{Epoch: start, Block: i, Pair: i, Role: bench.Candidate, Seed: seed}
			if err := one.Run(ctx, []bench.Slot{slot}); err != nil {
				return err
			}
		}
		return nil
	}
}

// allThereIs keeps a trial that other programs disturbed: the reader must know of it, but the
// figures are all there is. What the generator itself did to them is a ground to leave it out.
func allThereIs(t bench.Trial) bench.Trial {
	if !t.GeneratorFailed() {
		t.Warnings, t.Excluded = append(t.Excluded, t.Warnings...), nil
	}
	return t
}
