package experiment

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/generator"
)

// Side is one deployment as an experiment drives it.
type Side struct {
	Deployment string // its name in the run
	Client     *generator.Client
	// Prepare makes the requests of one trial before its clock starts. Arrival i is due at
	// schedule.Arrivals[i], all at once in a closed loop, and owner[i] is
	// the index in load.Streams that arrival i belongs to. The same seed asks for the
	// same sequence of requests on every deployment.
	Prepare func(
		ctx context.Context, load bench.Load, schedule bench.Schedule, owner []uint8, seed uint64,
	) (generator.Workload, error)
	// Spent reads what the deployment has spent so far; it may take milliseconds, for
	// it is only called with nothing in flight.
	Spent func() bench.Spending
	// ResetPeak starts the server's peak memory anew; nil where that cannot be.
	ResetPeak func()
}

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

func (e *Experiment) trial(ctx context.Context, slot bench.Slot) (bench.Trial, error) {
	side, load := e.Sides[slot.Role], e.Loads[slot.Part]
	schedule, owner, err := load.Draw(slot.Seed)
	if err != nil {
		return bench.Trial{}, fmt.Errorf("schedule: %w", err)
	}
	counters := &generator.Counters{}
	e.Progress.begin(slot, side.Deployment, "preparing", len(schedule.Arrivals), counters)
	workload, err := side.Prepare(ctx, load, schedule, owner, slot.Seed)
	if err != nil {
		return bench.Trial{}, fmt.Errorf("prepare %s: %w", side.Deployment, err)
	}
	tuning, restore, err := generator.Tune(load)
	if err != nil {
		return bench.Trial{}, err
	}
	restored := sync.OnceValue(restore)
	defer restored()
	runtime.GC() // garbage of the preparation is not collected on the clock
	if err := generator.Pause(ctx, e.Settle); err != nil {
		return bench.Trial{}, err
	}

	e.Progress.stage("measuring")
	trial := bench.Trial{Slot: slot, Deployment: side.Deployment, Load: load, Planned: int64(len(schedule.Arrivals))}
	rec := generator.NewRecorder(schedule, load.LeadIn, load.Timeout)
	rec.Watch = e.Watch
	side.Client.TakeConnects() // those of the preparation
	if x, ok := workload.(generator.Expecter); ok {
		rec.Expectation = x.Expectation
	}
	meter := startMeter(side)
	err = generator.Attack{
		Client: side.Client, Schedule: schedule, Workload: workload, Counters: counters,
		MaxWorkers: load.Workers, CatchUp: load.CatchUp, Pacing: tuning.Pacing, Spin: tuning.Spin, Grain: tuning.Grain,
	}.Run(ctx, rec)
	meter.stop(&trial)
	trial.Started = rec.Began()
	if failed := restored(); failed != nil {
		return bench.Trial{}, failed
	}
	trial.Connects = side.Client.TakeConnects()
	if err != nil {
		if !e.KeepPartial {
			return bench.Trial{}, err
		}
		schedule = schedule.Until(rec.Elapsed())
		trial.Planned = counters.Ended()
		trial.Warnings = append(trial.Warnings, fmt.Sprintf("cut short after %v of %v", rec.Elapsed().Round(time.Second), load.Length))
	}

	e.Progress.stage("verifying")
	findings, err := e.verify(ctx, workload)
	if err != nil {
		if ctx.Err() != nil && !e.KeepPartial {
			return bench.Trial{}, context.Cause(ctx)
		}
		// What could not be verified may be wrong: the trial stands, and says so.
		trial.Unverified = err.Error()
	}
	for _, f := range findings {
		rec.Overrule(f.Arrival, workload.Operation(f.Arrival), f.Answer)
	}
	if x, ok := workload.(generator.Observer); ok {
		o := x.Observed()
		trial.Facts, trial.Lags, trial.Notes = o.Facts, o.Lags, o.Notes
	}
	trial.Elapsed = rec.Elapsed()
	trial.InFlight = rec.InFlight()
	trial.Sent = min(counters.Released(), trial.Planned)
	trial.Dropped = min(counters.Dropped(), trial.Planned-trial.Sent)
	trial.Tuning = tuning
	trial.Measurements = rec.Measurements(schedule.Length)
	trial.Gaps = rec.Gaps(schedule.Length)
	trial.Strain.InFlight, trial.Strain.Goroutines = counters.Peak()
	trial.Strain.StoodStill = rec.StoodStill()
	addLag(&trial.Strain, trial.Measurements)
	for _, m := range trial.Measurements {
		trial.Offered += m.Offered
		trial.Achieved += m.Achieved
	}
	exclude(&trial)
	warn(&trial)
	return trial, nil
}

// verifyTimeout bounds the verification of a trial that was cut short.
const verifyTimeout = 15 * time.Second

// verify checks the trial that just ended. When the context has ended, a partial
// trial is still worth verifying, for a while.
func (e *Experiment) verify(ctx context.Context, w generator.Workload) ([]generator.Finding, error) {
	if ctx.Err() != nil && e.KeepPartial {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
		defer cancel()
		ctx = bounded
	}
	return w.Verify(ctx)
}
