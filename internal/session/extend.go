package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Extension is a stored comparison with what is left of its plan: units up to its last
// planned look, judged at the levels of its own design. NewExtension makes one.
type Extension struct {
	Plan    plan.Plan // of the stored run; where the new one lies must be filled in
	run     *bench.Run
	profile plan.Profile
	first   int // the epoch that comes next
	more    int // epochs to measure
}

// NewExtension finds what is left of a stored comparison. A decided run has nothing left,
// for going on until another answer comes is no test; nor has one whose planned units are
// all there, for its looks have spent all of its alpha.
func NewExtension(run *bench.Run) (*Extension, error) {
	if _, compared := run.Deployments[bench.Baseline]; !compared {
		return nil, errors.New("the run compares nothing")
	}
	if run.Slots == 0 {
		return nil, errors.New("the run ended before its plan was fixed: begin a new one")
	}
	e := &Extension{run: run}
	if err := json.Unmarshal(run.Plan, &e.Plan); err != nil {
		return nil, fmt.Errorf("the stored plan cannot be read: %w", err)
	}
	design, err := runs.Design(run.Header)
	if err != nil {
		return nil, err
	}
	e.profile = e.Plan.EffectiveProfile()
	if e.profile.Pairs != design.Profile.PairsPerEpoch || len(run.Loads) == 0 {
		return nil, errors.New("the run was planned by another design than this version has")
	}
	e.profile.Rule = design.Profile
	v, err := runs.Judge(run)
	if err != nil {
		return nil, err
	}
	if v.Decision == verdict.Pass || v.Decision == verdict.Regression {
		return nil, fmt.Errorf("the run is decided (%s): to go on until another answer comes is no test", v.Decision)
	}
	for _, t := range run.Trials {
		e.first = max(e.first, t.Epoch+1)
	}
	planned := design.Profile.Planned()
	if e.more = planned - v.Units; e.more <= 0 {
		return nil, fmt.Errorf("all %d planned %ss are measured, and the looks have spent all of alpha: no "+
			"level is left for more; a new run with a larger profile or budget is a test of its own",
			planned, design.Profile.Unit)
	}
	e.profile.Epochs = e.first + e.more
	for _, w := range run.Warmups {
		e.profile.Warmup = max(e.profile.Warmup, w.Chosen)
	}
	return e, nil
}

// Extended is the plan of the run that p goes on from, with the extension; p itself, with
// none, when it is for a run of its own.
func Extended(p plan.Plan) (plan.Plan, *Extension, error) {
	if p.Extend == "" {
		return p, nil, nil
	}
	run, err := Read(p.Extend)
	if err != nil {
		return p, nil, &targets.UsageError{Err: err}
	}
	e, err := NewExtension(run)
	if err == nil {
		err = SameMachine(run.Header)
	}
	if err == nil {
		err = sameTargets(e.Plan, p)
	}
	if err == nil {
		err = plan.RestoreSecrets(&e.Plan, plan.Compare, p)
	}
	if err != nil {
		return p, nil, &targets.UsageError{Err: fmt.Errorf("extend %s: %w", p.Extend, err)}
	}
	stored := e.Plan
	stored.Out, stored.OutByTime = p.Out, p.OutByTime
	stored.WaitQuiet, stored.SecretsAllowed = p.WaitQuiet, p.SecretsAllowed
	return stored, e, nil
}

// sameTargets refuses targets that were named though the run is of others.
func sameTargets(stored, given plan.Plan) error {
	usual := plan.Default(plan.Compare)
	for _, t := range []struct{ flag, stored, given, usual string }{
		{"baseline", stored.Baseline, given.Baseline, usual.Baseline},
		{"candidate", stored.Candidate, given.Candidate, usual.Candidate},
	} {
		named := t.given != "" && t.given != t.usual
		if shown := plaintext.Target(t.given); named && shown != t.stored {
			return fmt.Errorf("--%s %s: the run is of %s", t.flag, shown, t.stored)
		}
	}
	return nil
}

// slots are those of the epochs to come.
func (e *Extension) slots() []bench.Slot {
	all := e.profile.Slots(e.Plan.Seed, len(e.run.Loads))
	return slices.DeleteFunc(all, func(s bench.Slot) bool { return s.Epoch < e.first })
}

// header is that of the stored run, for the run that goes on from it.
func (e *Extension) header(tool string, slots int) bench.Header {
	h := e.run.Header
	measured := 0
	for _, t := range e.run.Trials {
		if !t.Warmup {
			measured++
		}
	}
	h.Tool, h.Slots = tool, measured+slots
	if slices.ContainsFunc(e.run.Trials, func(t bench.Trial) bool { return t.Drawing != bench.Drawing }) {
		h.Warnings = append(slices.Clone(h.Warnings), "arrivals of the trials to come follow from the seed in another "+
			"way than those of the stored run, by the same laws; both trials of a pair have the same")
	}
	h.Warnings = append(slices.Clone(h.Warnings), fmt.Sprintf(
		"extended: %s are of the run that began at %s, the others were measured later, and are judged at the levels "+
			"that its design has left", digits.Count(measured, "trial"), h.Started.UTC().Format(time.RFC3339)))
	return h
}

// extend stores the trials of the run that is extended and measures what is left.
func (s *session) extend(ctx context.Context) error {
	e := s.Extend
	s.profile = e.profile
	if err := sameServers(e.run.Header, s.servers.identities()); err != nil {
		return &targets.UsageError{Err: fmt.Errorf("extend: %w", err)}
	}
	slots := e.slots()
	h := e.header(s.Tool, len(slots))
	h.Warnings = append(h.Warnings, s.servers.notes...)
	wakeups := generator.MeasureWakeups()
	h.Environment.Wakeups = &wakeups
	s.Observer.Say("extend: %s to the %d that are planned, judged at the levels that are left",
		digits.Count(e.more, "more "+string(e.profile.Rule.Unit)), e.profile.Rule.Planned())
	if err := s.record.begin(h); err != nil {
		return err
	}
	for _, t := range e.run.Trials {
		if err := s.record.keep(t); err != nil {
			return err
		}
	}
	expected := time.Duration(len(slots)) * (h.Loads[0].Length + 2*s.profile.Settle)
	return s.trials(expected, false).run(ctx, slots)
}
