package session

import (
	"context"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// trials runs the slots of a run, epoch by epoch.
type trials struct {
	*session
	experiment      experiment.Experiment
	repeats         repeats
	expected        time.Duration // of all of them
	firstWarmupDone bool          // the warm-up pilot already warmed the first epoch
	first           int           // epoch, whose processes were started for the run
}

// goneError is a server that died and could not be brought back.
type goneError struct {
	role bench.Role
	err  error
}

func (e *goneError) Error() string { return e.err.Error() }
func (e *goneError) Unwrap() error { return e.err }

// trials are those of a run whose header is stored.
func (s *session) trials(expected time.Duration, firstWarmupDone bool) *trials {
	t := &trials{session: s, expected: expected, firstWarmupDone: firstWarmupDone}
	t.experiment = experiment.Experiment{
		Loads: s.record.run.Loads, Sides: s.servers.sides, Settle: s.profile.Settle,
		KeepPartial: !s.compares(), Progress: &experiment.Progress{}, Store: t.store,
	}
	return t
}

// store stores a trial that has ended. Where nothing is compared there is no pair to
// spoil: the reader must know of a disturbance, but the figures are all there is. What the
// generator itself did to them is not the version's, though, and stays a ground to exclude.
func (t *trials) store(trial bench.Trial) error {
	if !t.compares() && !trial.GeneratorFailed() {
		trial.Warnings, trial.Excluded = append(trial.Excluded, trial.Warnings...), nil
	}
	earlier := t.record.run.Trials
	// Where no pair can be measured again, a trial that was not disturbed beyond doubt is better than none.
	again := time.Since(t.began) < t.profile.Budget && t.repeats.room(earlier)
	if t.compares() && !trial.Warmup && len(trial.Excluded) == 0 && again && unusual(earlier, trial) {
		trial.Excluded = []string{unusualWords}
	}
	return t.record.add(trial)
}

// run runs all epochs, or fewer when more cannot change the answer.
func (t *trials) run(ctx context.Context, slots []bench.Slot) error {
	defer t.Observer.Follow(describe(t.experiment.Progress, t.record.run.Slots, t.expected, t.servers.prepared.Steps))()
	most := len(slots) / 2 / 4
	t.repeats = repeats{most: most, left: most, block: slots[len(slots)-1].Block + 1, rng: t.rng}
	t.first = slots[0].Epoch
	for epoch := t.first; len(slots) > 0; epoch++ {
		n := 0
		for n < len(slots) && slots[n].Epoch == epoch {
			n++
		}
		if over, err := t.epoch(ctx, epoch, slots[:n]); over || err != nil {
			return err
		}
		slots = slots[n:]
		if t.shouldStop(epoch + 1) {
			break
		}
	}
	return nil
}

// epoch measures with fresh processes, and repeats what was disturbed. The run is over
// when nothing in its first epoch was undisturbed.
func (t *trials) epoch(ctx context.Context, epoch int, slots []bench.Slot) (over bool, err error) {
	if epoch > t.first {
		t.experiment.Progress.Between("", starting)
		if err := t.servers.restart(ctx, t.rng); err != nil {
			return false, err
		}
		if err := t.servers.burn(ctx, t.burnIn, t.Plan, epoch, t.experiment.Progress); err != nil {
			return false, err
		}
	}
	if err := t.warmUp(ctx, epoch); err != nil {
		return false, err
	}
	first := len(t.record.run.Trials)
	if t.machine.busy && epoch == t.first && len(slots) > 2 {
		if err := t.measure(ctx, t.experiment, slots[:2]); err != nil {
			return false, err
		}
		if t.notOurs(ctx) {
			return true, nil
		}
		slots = slots[2:]
	}
	if err := t.measure(ctx, t.experiment, slots); err != nil {
		return false, err
	}
	if t.notOurs(ctx) {
		return true, nil
	}
	if t.machine.busy && len(t.Plan.CostGates) > 0 {
		return false, nil // Pairs that are measured again would be disturbed again, and costs need them not.
	}
	// A budget that is used up is not overdrawn for the sake of disturbed pairs.
	for time.Since(t.began) < t.profile.Budget {
		again := t.repeats.next(t.record.run.Trials[first:])
		if len(again) == 0 {
			break
		}
		first = len(t.record.run.Trials)
		t.Observer.Say("repeating %s", digits.Count(len(again)/2, "disturbed pair"))
		if err := t.measure(ctx, t.experiment, again); err != nil {
			return false, err
		}
	}
	return false, nil
}

// measure runs slots in order. A server that dies loses the trial under way; those that
// follow get a fresh process.
func (t *trials) measure(ctx context.Context, e experiment.Experiment, slots []bench.Slot) error {
	for _, slot := range slots {
		if err := e.Run(ctx, []bench.Slot{slot}); err != nil {
			return err
		}
		if last := t.record.run.Trials[len(t.record.run.Trials)-1]; last.Died != "" {
			if err := t.servers.revive(ctx, last, goesOn(&t.record.run)); err != nil {
				return &goneError{role: last.Role, err: err}
			}
		}
	}
	return nil
}

// goesOn tells whether trials of the plan are still due.
func goesOn(run *bench.Run) bool {
	measured := 0
	for _, x := range run.Trials {
		if !x.Warmup && x.Again == 0 {
			measured++
		}
	}
	return measured < run.Slots
}

// shouldStop asks whether more epochs can change the answer.
func (t *trials) shouldStop(epochs int) bool {
	if t.ShouldStop == nil || !t.compares() {
		return false
	}
	stop, why := t.ShouldStop(&t.record.run, epochs)
	for _, w := range why {
		t.Observer.Say("stopping: %s", w)
	}
	t.record.stopped = append(t.record.stopped, why...)
	return stop
}

// warmUp brings each deployment to its working temperature, with the load that it
// will be measured with.
func (t *trials) warmUp(ctx context.Context, epoch int) error {
	if t.profile.Warmup == 0 || epoch == t.first && t.firstWarmupDone {
		return nil
	}
	e := t.experiment
	e.Loads = nil
	for _, l := range t.record.run.Loads {
		l.LeadIn, l.Length = 0, t.profile.Warmup
		e.Loads = append(e.Loads, l)
	}
	for part := range e.Loads {
		seed := t.rng.Uint64N(bench.MaxSeed) // Wrong answers count, so that all versions are asked the same.
		for _, i := range t.rng.Perm(len(t.servers.roles)) {
			slot := warmupSlot(epoch, part, t.servers.roles[i], seed)
			if err := t.measure(ctx, e, []bench.Slot{slot}); err != nil {
				return err
			}
		}
	}
	return nil
}

func warmupSlot(epoch, part int, role bench.Role, seed uint64) bench.Slot {
	return bench.Slot{Epoch: epoch, Role: role, Seed: seed, Part: part, Warmup: true}
}
