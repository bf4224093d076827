package experiment

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// attempt is one trial on its way: prepared, measured, verified and summed up, in this order.
type attempt struct {
	*Experiment
	side     Side
	schedule bench.Schedule
	workload generator.Workload
	counters *generator.Counters
	recorder *generator.Recorder
	trial    bench.Trial
	limits   []string // of this machine, that the verification ran into
}

func (e *Experiment) trial(ctx context.Context, slot bench.Slot) (bench.Trial, error) {
	side := e.Sides[slot.Role]
	a := attempt{
		Experiment: e, side: side, counters: &generator.Counters{},
		trial: bench.Trial{Slot: slot, Deployment: side.Deployment, Load: e.Loads[slot.Part]},
	}
	for _, step := range []func(context.Context) error{a.prepare, a.measure, a.verify} {
		if err := step(ctx); err != nil {
			return bench.Trial{}, err
		}
		if a.recorder == nil && a.trial.Died != "" {
			a.trial.Started, a.trial.Planned = time.Now(), 0
			a.trial.Causes = a.side.causes()
			return a.trial, nil
		}
	}
	a.sumUp()
	return a.trial, nil
}

// prepare draws the schedule and has its requests made.
func (a *attempt) prepare(ctx context.Context) (err error) {
	slot, load := a.trial.Slot, a.trial.Load
	schedule, err := load.Draw(slot.Seed)
	if err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	a.schedule = schedule
	a.trial.Planned, a.trial.Drawing = int64(schedule.Count), bench.Drawing
	a.Progress.begin(slot, a.side.Deployment, "preparing", schedule.Count, a.counters)
	if a.workload, err = a.side.Prepare(ctx, load, schedule, slot.Seed); err != nil {
		if a.trial.Died = a.side.died(ctx); a.trial.Died != "" {
			return nil // Nothing was sent: the trial is lost.
		}
		return a.side.Because(ctx, fmt.Errorf("prepare %s: %w", a.side.Deployment, err))
	}
	return nil
}

// measure sends the load. The process is set up for it and set back before it returns.
func (a *attempt) measure(ctx context.Context) (err error) {
	load := a.trial.Load
	tuning, restore, err := generator.Tune(load)
	if err != nil {
		return err
	}
	restored := sync.OnceValue(restore)
	defer restored()
	a.trial.Tuning = tuning
	runtime.GC() // garbage of the preparation is not collected on the clock
	if err := generator.Pause(ctx, a.Settle); err != nil {
		return err
	}
	a.Progress.stage("measuring")
	a.recorder = generator.NewRecorder(a.schedule, load.LeadIn, load.Timeout)
	a.recorder.Watch = a.Progress.watch(a.trial, a.Watch)
	if x, ok := a.workload.(generator.Expecter); ok {
		a.recorder.Expectation = x.Expectation
	}
	a.side.Client.TakeConnects() // those of the preparation
	meter := startMeter(a.side)
	err = generator.Attack{
		Client: a.side.Client, Schedule: a.schedule, Workload: a.workload, Counters: a.counters,
		MaxWorkers: load.Workers, CatchUp: load.CatchUp, Pacing: tuning.Pacing, Spin: tuning.Spin, Grain: tuning.Grain,
	}.Run(ctx, a.recorder)
	meter.stop(&a.trial)
	if failed := restored(); failed != nil {
		return failed
	}
	a.trial.Connects = a.side.Client.TakeConnects()
	if err != nil {
		return a.cutShort(err)
	}
	return nil
}

// cutShort keeps what was measured until the attack failed, if that is wanted.
func (a *attempt) cutShort(cause error) error {
	if !a.KeepPartial {
		return cause
	}
	elapsed := a.recorder.Elapsed()
	a.schedule = a.schedule.Until(elapsed)
	a.trial.Planned = a.counters.Ended()
	a.trial.Warnings = append(a.trial.Warnings,
		fmt.Sprintf("cut short after %v of %v", elapsed.Round(time.Second), a.trial.Load.Length))
	return nil
}

// verifyTimeout bounds the verification of a trial that was cut short.
const verifyTimeout = 15 * time.Second

// verify has the workload look for what no single answer could show. A partial trial is
// worth verifying for a while after the context has ended. What a server that died had
// done cannot be asked any more.
func (a *attempt) verify(ctx context.Context) error {
	if a.trial.Died = a.side.died(ctx); a.trial.Died != "" {
		return nil
	}
	a.Progress.stage("verifying")
	looking := ctx
	if ctx.Err() != nil && a.KeepPartial {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
		defer cancel()
		looking = bounded
	}
	findings, err := a.workload.Verify(looking)
	if err != nil {
		if ctx.Err() != nil && !a.KeepPartial {
			return context.Cause(ctx)
		}
		if a.trial.Died = a.side.died(ctx); a.trial.Died != "" {
			return nil
		}
		// A load that its server cannot be asked says nothing of it.
		if _, ok := errors.AsType[*generator.TooManyError](err); ok {
			return a.side.Because(ctx, fmt.Errorf("measure %s: %w", a.side.Deployment, err))
		}
		// What could not be verified may be wrong: the trial stands, and says so.
		err = OwnLimit(err)
		a.trial.Unverified = err.Error()
		if own, ok := errors.AsType[*OwnLimitError](err); ok {
			a.limits = append(a.limits, own.Limit)
		}
	}
	for _, f := range findings {
		a.recorder.Overrule(f.Arrival, a.workload.Operation(f.Arrival), f.Answer)
	}
	return nil
}

// sumUp fills in what the recorder, the counters and the workload know.
func (a *attempt) sumUp() {
	t, rec := &a.trial, a.recorder
	if x, ok := a.workload.(generator.Observer); ok {
		o := x.Observed()
		t.Facts, t.Lags, t.Notes, t.Flaws = o.Facts, o.Lags, o.Notes, o.Flaws
	}
	t.Started, t.Elapsed, t.InFlight = rec.Began(), rec.Elapsed(), rec.InFlight()
	t.Sent = min(a.counters.Released(), t.Planned)
	t.Dropped = min(a.counters.Dropped(), t.Planned-t.Sent)
	t.Measurements, t.Gaps = rec.Measurements(a.schedule.Length), rec.Gaps(a.schedule.Length)
	queue := rec.Queue()
	t.Queue = &queue
	t.Strain.InFlight, t.Strain.Goroutines = a.counters.Peak()
	t.Strain.StoodStill = rec.StoodStill()
	addLag(&t.Strain, t.Measurements)
	for _, m := range t.Measurements {
		t.Offered += m.Offered
		t.Achieved += m.Achieved
	}
	if t.Died != "" || t.Unverified != "" || t.Unanswered() > 0 {
		t.Causes = a.side.causes()
	}
	exclude(t, a.limits...)
	warn(t)
}
