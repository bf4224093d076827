package session

import (
	"context"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
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
	deadline := time.Now().Add(s.Plan.WaitQuiet)
	for said := false; ; said = true {
		o := others(ctx, s)
		if !o.Known && ctx.Err() == nil {
			note := "this system does not tell what other programs use: disturbed trials cannot be told from others"
			s.servers.notes = append(s.servers.notes, note)
			s.Observer.Say("machine: %s", note)
		}
		if !o.Known || o.Share <= bench.MaxForeignShare {
			return machine{}
		}
		m := busyWith(o, "when the run began")
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

// others is what other programs take of the machine now.
func others(ctx context.Context, s *session) host.Others {
	if s.watchOthers != nil {
		return s.watchOthers(ctx, machineWatch)
	}
	return host.WatchOthers(ctx, machineWatch)
}

// busyWith is a machine that others used at a time.
func busyWith(o host.Others, when string) machine {
	return machine{busy: true, note: fmt.Sprintf("%s other programs used %.0f %% of the machine: %v", when, 100*o.Share,
		o)}
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

// hopeless is why a run ends when all that it measured was disturbed.
func (m machine) hopeless(what, why string) string {
	reason := what + " was disturbed (" + why + "): the run would end undecided, and so it ends now"
	if m.busy {
		reason += "; " + m.note
	}
	return reason
}

// stillBusy tells why no pair need be measured on a machine that others used when the run
// began: they disturbed the pilots of both versions as well. It is "" when they did not, or
// when there are costs to judge.
func (s *session) stillBusy(pilots []bench.Trial) string {
	if !s.machine.busy || len(s.Plan.CostGates) > 0 || len(pilots) < len(s.servers.roles) {
		return ""
	}
	for _, t := range pilots {
		if len(t.Excluded) == 0 {
			return ""
		}
	}
	return s.machine.hopeless("each version's pilot", pilots[0].Excluded[0])
}

// endBefore stores a run that ends before its first pair, with its pilots: what they showed
// of wrong answers counts.
func (s *session) endBefore(h bench.Header, pilots []bench.Trial, why string) error {
	for i := range h.Loads {
		h.Loads[i].Length = s.profile.LeadIn + time.Second
	}
	s.Observer.Say("stopping: %s", why)
	s.record.stopped = []string{why}
	return s.begin(h, 0, pilots)
}

// enoughDisturbed is how many pairs in a row end a run, whoever disturbed them. Fewer may have been an
// accident, unless others are still at work.
const enoughDisturbed = 4

// notOurs ends a run when the machine is not its own: when every pair so far was disturbed, and
// others were at work before the start, or still are. What a disturbed pair showed of wrong
// answers is stored, and counts. A run with costs among its gates goes on: they can be judged all
// the same.
func (t *trials) notOurs(ctx context.Context) bool {
	if !t.compares() || len(t.Plan.CostGates) > 0 {
		return false
	}
	pairs, why := disturbed(t.record.run.Trials)
	if pairs == 0 {
		return false
	}
	if !t.machine.busy {
		if o := others(ctx, t.session); o.Known && o.Share > bench.MaxForeignShare {
			t.machine = busyWith(o, "after these pairs")
		} else if pairs < enoughDisturbed {
			return false
		}
	}
	reason := t.machine.hopeless("every pair so far", why)
	t.record.stopped = append(t.record.stopped, reason)
	t.Observer.Say("stopping: %s", reason)
	return true
}
