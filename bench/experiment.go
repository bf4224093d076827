package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Side is one deployment as an experiment drives it.
type Side struct {
	Deployment string // its name in the run
	Client     *Client
	// Prepare makes the requests of one trial before its clock starts: owner[i] is
	// the index in load.Streams that arrival i belongs to. The same seed asks for the
	// same sequence of requests on every deployment.
	Prepare func(ctx context.Context, load Load, owner []uint8, seed uint64) (Workload, error)
	// Usage reads what the deployment's processes have spent so far.
	Usage func() Usage
}

// Experiment runs trials in a given order and hands each to Store as it ends.
type Experiment struct {
	Loads []Load // by Slot.Part
	Sides map[Role]Side
	// Settle is the pause before each trial, with nothing in flight.
	Settle   time.Duration
	Store    func(Trial) error
	Progress *Progress
}

// Run does the trials of slots in order. It ends early when ctx is done, with the
// context's cause, or when a trial cannot be prepared or stored; the trials that
// ended before that are stored.
func (e *Experiment) Run(ctx context.Context, slots []Slot) error {
	for _, slot := range slots {
		trial, err := e.trial(ctx, slot)
		if err != nil {
			return err
		}
		if err := e.Store(trial); err != nil {
			return err
		}
		e.Progress.done()
	}
	return nil
}

func (e *Experiment) trial(ctx context.Context, slot Slot) (Trial, error) {
	side, load := e.Sides[slot.Role], e.Loads[slot.Part]
	schedule, owner, err := load.draw(slot.Seed)
	if err != nil {
		return Trial{}, fmt.Errorf("schedule: %w", err)
	}
	counters := &Counters{}
	e.Progress.begin(slot, side.Deployment, "preparing", len(schedule.Arrivals), counters)
	workload, err := side.Prepare(ctx, load, owner, slot.Seed)
	if err != nil {
		return Trial{}, fmt.Errorf("prepare %s: %w", side.Deployment, err)
	}
	runtime.GC() // garbage of the preparation is not collected on the clock
	if err := pause(ctx, e.Settle); err != nil {
		return Trial{}, err
	}

	e.Progress.stage("measuring")
	trial := Trial{Slot: slot, Deployment: side.Deployment, Load: load, Started: time.Now(), Planned: int64(len(schedule.Arrivals))}
	rec := NewRecorder(schedule, load.LeadIn, load.Timeout)
	meter := startMeter(side.Usage)
	err = Attack{Client: side.Client, Schedule: schedule, Workload: workload, MaxWorkers: load.Workers, Counters: counters}.Run(ctx, rec)
	meter.stop(&trial)
	if err != nil {
		return Trial{}, err
	}

	e.Progress.stage("verifying")
	findings, err := workload.Verify(ctx)
	if ctx.Err() != nil {
		return Trial{}, context.Cause(ctx)
	}
	if err != nil {
		// What could not be verified may be wrong: the trial stands, and says so.
		trial.Warnings = append(trial.Warnings, "not verified: "+err.Error())
	}
	for _, f := range findings {
		rec.overrule(f.Arrival, workload.Operation(f.Arrival), f.Answer)
	}
	trial.Elapsed = rec.Elapsed()
	trial.Sent = counters.Released()
	trial.Measurements = rec.Measurements()
	trial.rates(schedule, rec.lastOK)
	trial.exclude()
	trial.warn()
	return trial, nil
}

// draw makes the trial's schedule: each stream from a seed of its own, then merged.
func (l Load) draw(seed uint64) (Schedule, []uint8, error) {
	if len(l.Streams) == 0 {
		return Schedule{}, nil, errors.New("a load needs at least one stream")
	}
	var streams []Schedule
	for i, s := range l.Streams {
		one, err := Draw(l.Process, Constant(s.Rate, l.Length), seed+uint64(i)*0x9e3779b97f4a7c15)
		if err != nil {
			return Schedule{}, nil, fmt.Errorf("%s: %w", s.Scenario, err)
		}
		streams = append(streams, one)
	}
	whole, owner := Interleave(streams...)
	return whole, owner, nil
}

// rates sets the offered and the achieved rate, both over the recorded arrivals. An
// expected answer that comes after the schedule's end stretches the time that the
// count is divided by: a server that falls behind does not achieve the offered rate.
func (t *Trial) rates(s Schedule, lastOK time.Duration) {
	var planned, ok int64
	for _, at := range s.Arrivals {
		if at >= t.Load.LeadIn {
			planned++
		}
	}
	for _, m := range t.Measurements {
		ok += m.Outcomes.OK
	}
	window := (s.Length - t.Load.LeadIn).Seconds()
	t.Offered = float64(planned) / window
	t.Achieved = float64(ok) / max(window, (lastOK-t.Load.LeadIn).Seconds())
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
