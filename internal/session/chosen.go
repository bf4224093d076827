package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Chosen is a run under way whose trials are chosen one by one, each in the light of those
// before it.
type Chosen struct{ s *session }

// RunChosen measures and stores a run whose trials choose chooses and runs. The servers are
// started, warm, and everything is open when it is called. It ends like Run.
func RunChosen(ctx context.Context, r Request, choose func(context.Context, *Chosen) error) (*Result, error) {
	profile := r.Plan.EffectiveProfile()
	for _, t := range r.Targets {
		if err := t.Fit(r.Plan); err != nil {
			return nil, err
		}
	}
	s, err := r.begin(profile)
	if err != nil {
		return nil, err
	}
	return s.store(ctx, func(ctx context.Context) error { return s.choose(ctx, choose) })
}

// Resume goes on with a run of RunChosen that was interrupted: with its file, and servers
// that are started anew. The plan is the stored one. On another machine, or with other servers, it
// is refused, and what ends before a trial of its own leaves the stored run as it was.
func Resume(ctx context.Context, path string, r Request, choose func(context.Context, *Chosen) error) (*Result,
	error) {
	dir, run, err := resumeDirectory(path)
	if err != nil {
		return nil, &targets.UsageError{Err: err}
	}
	if err := SameMachine(run.Header); err != nil {
		return nil, &targets.UsageError{Err: errors.Join(fmt.Errorf("resume %s: %w", path, err), dir.close())}
	}
	s := r.session(r.Plan.EffectiveProfile())
	s.record = &record{dir: dir, observer: r.Observer, run: *run, resumed: true, before: len(run.Trials)}
	return s.store(ctx, func(ctx context.Context) error { return s.choose(ctx, choose) })
}

func (s *session) choose(ctx context.Context, choose func(context.Context, *Chosen) error) error {
	if s.machine = s.waitForQuiet(ctx); s.machine.busy {
		s.servers.busy = true
		s.servers.notes = append(s.servers.notes, s.machine.note)
	}
	if err := s.servers.start(ctx, s.Request); err != nil {
		return &targets.StartError{Err: err}
	}
	if s.record.resumed {
		if err := sameServers(s.record.run.Header, s.servers.identities()); err != nil {
			return &targets.UsageError{Err: fmt.Errorf("resume %s: %w", s.record.dir.path, err)}
		}
	}
	if err := s.servers.try(ctx, s.Plan); err != nil {
		return err
	}
	var err error
	if s.burnIn, err = s.servers.burnIn(ctx, s.Plan, s.profile.Budget); err != nil {
		return err
	}
	for role, side := range s.servers.sides {
		side.Watch = s.servers.deployments[role].Watch
		s.servers.sides[role] = side
	}
	return choose(ctx, &Chosen{s})
}

// Run is the run as it is stored so far. The caller must not change it.
func (c *Chosen) Run() *bench.Run { return &c.s.record.run }

// Dir is where the run is stored.
func (c *Chosen) Dir() string { return c.s.record.dir.path }

// Sides are the deployments as an experiment drives them.
func (c *Chosen) Sides() map[bench.Role]experiment.Side { return c.s.servers.sides }

// Capacity is what a deployment answers as it should in a closed loop.
func (c *Chosen) Capacity(ctx context.Context, role bench.Role) (experiment.PilotResult, error) {
	_, mix := planned(c.s.Plan)
	return c.s.servers.pilotOf(ctx, c.s.Plan, role, mix, c.s.Plan.Seed, true)
}

// Load is what a trial offers at a rate of all scenarios together, for a time beside the
// lead-in.
func (c *Chosen) Load(rate float64, length time.Duration) bench.Load {
	_, mix := planned(c.s.Plan)
	whole := bench.Load{Streams: mix}.Rate()
	var streams []bench.Stream
	for _, stream := range mix {
		streams = append(streams, bench.Stream{Scenario: stream.Scenario, Rate: rate * stream.Rate / whole})
	}
	return c.loadOf(streams, length)
}

// Fixed is what a trial offers at the rates that the plan gives, for a time beside the
// lead-in.
func (c *Chosen) Fixed(length time.Duration) bench.Load {
	fixed, _ := planned(c.s.Plan)
	return c.loadOf(fixed, length)
}

func (c *Chosen) loadOf(streams []bench.Stream, length time.Duration) bench.Load {
	p := c.s.Plan
	p.Isolate = false
	load := loadsOf(p, c.s.profile, streams)[0]
	load.Length = load.LeadIn + length
	if load.Pacing == "" {
		if w := c.s.record.run.Environment.Wakeups; w != nil {
			load.Pacing = w.Best()
		}
	}
	return load
}

// Settle is the pause before each trial.
func (c *Chosen) Settle() time.Duration { return c.s.profile.Settle }

// Begin stores the header of the run. What is known of servers and machine is filled in.
func (c *Chosen) Begin(command string, h bench.Header) error {
	wakeups := generator.MeasureWakeups()
	h.Environment.Wakeups = &wakeups
	s := c.s
	h.Started = s.began
	h.Warnings, h.BurnIns = append(h.Warnings, s.servers.notes...), s.burnIn.seen
	return s.beginAs(command, h, h.Slots, nil)
}

// RestartCost is about what a fresh start of all deployments takes until they are at their
// speed.
func (c *Chosen) RestartCost() time.Duration { return c.s.restartCost() }

// Restart gives a deployment fresh processes and brings them to their speed.
func (c *Chosen) Restart(ctx context.Context, role bench.Role, requests int) error {
	s := c.s
	side := s.servers.sides[role]
	side.Client.Close()
	if err := s.servers.deployments[role].Restart(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &goneError{role, fmt.Errorf("restart %s: %w", side.Deployment, err)}
	}
	requests = max(requests, s.burnIn.requests)
	if err := side.Burn(ctx, s.burnIn.mix, s.burnIn.workers, requests, s.Plan.Timeout, s.Plan.Seed); err != nil {
		return errors.Join(context.Cause(ctx), fmt.Errorf("burn-in of %s: %w", side.Deployment, err))
	}
	return nil
}

// Lasting tells whether a deployment cannot be started anew: all its trials are of one start.
func (c *Chosen) Lasting(role bench.Role) bool { return c.s.servers.deployments[role].Lasting }

// Keep stores a trial that has just ended.
func (c *Chosen) Keep(t bench.Trial) error { return c.s.record.add(t) }

// Stop says why the run ends before its plan.
func (c *Chosen) Stop(why string) {
	c.s.Observer.Say("stopping: %s", why)
	c.s.record.stopped = append(c.s.record.stopped, why)
}

// Follow shows trials while they go.
func (c *Chosen) Follow(p *experiment.Progress, planned int, expected time.Duration) (stop func()) {
	return c.s.Observer.Follow(describe(p, planned, expected, c.s.servers.prepared.Steps))
}

// Say is told a line that is to stay.
func (c *Chosen) Say(format string, args ...any) { c.s.Observer.Say(format, args...) }
