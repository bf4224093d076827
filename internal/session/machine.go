package session

import (
	"context"
	"fmt"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/host"
)

// machineWatch is how long the machine is watched before anything of ours runs.
const machineWatch = time.Second

// machine is what others did on this machine when the run began.
type machine struct {
	busy bool // others took more than a trial may lose
	note string
}

// waitForQuiet watches the machine before the start. While others use it, it waits, up to
// the plan's time; then the run goes on, and says so.
func (s *session) waitForQuiet(ctx context.Context) machine {
	watch := s.watchOthers
	if watch == nil {
		watch = host.WatchOthers
	}
	deadline := time.Now().Add(s.Plan.WaitQuiet)
	for said := false; ; said = true {
		o := watch(ctx, machineWatch)
		if !o.Known || o.Share <= bench.MaxForeignShare {
			return machine{}
		}
		m := machine{busy: true, note: fmt.Sprintf("when the run began other programs used %.0f %% of the machine: %v",
			100*o.Share, o)}
		if time.Now().After(deadline) || ctx.Err() != nil {
			s.Observer.Say("machine: %s", m.note)
			if s.Plan.WaitQuiet == 0 {
				s.Observer.Say("machine: end them, or let the run wait for them with --wait-quiet 60s")
			}
			return m
		}
		if !said {
			s.Observer.Say("machine: other programs use %.0f %% of it (%v): waiting for quiet, up to %v", 100*o.Share,
				o, s.Plan.WaitQuiet)
		}
	}
}

// disturbed tells how many pairs there are if every one of them was disturbed, and why;
// 0 when one was not.
func disturbed(trials []bench.Trial) (pairs int, why string) {
	type key struct{ part, pair, again int }
	spoilt := map[key]bool{}
	for _, t := range trials {
		if t.Warmup {
			continue
		}
		k := key{t.Part, t.Pair, t.Again}
		spoilt[k] = spoilt[k] || len(t.Excluded) > 0
		if len(t.Excluded) > 0 && why == "" {
			why = t.Excluded[0]
		}
	}
	for _, is := range spoilt {
		if !is {
			return 0, ""
		}
	}
	return len(spoilt), why
}

// enoughDisturbed is how many pairs in a row end a run that began on a quiet machine. One
// alone may have been an accident.
const enoughDisturbed = 4

// notOurs ends a run when the machine is not its own: when every pair so far was
// disturbed, the first one already where others were at work before the start. What a
// disturbed pair showed of wrong answers is stored, and counts.
func (t *trials) notOurs() bool {
	if !t.compares() {
		return false
	}
	pairs, why := disturbed(t.record.run.Trials)
	if pairs == 0 || pairs < enoughDisturbed && !t.machine.busy {
		return false
	}
	reason := "every pair so far was disturbed (" + why + "): the run would end undecided, and so it ends now"
	if t.machine.busy {
		reason += "; " + t.machine.note
	}
	t.record.stopped = append(t.record.stopped, reason)
	t.Observer.Say("stopping: %s", reason)
	return true
}
