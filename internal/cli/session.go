package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/experiment"
	"oauthbench/bench/generator"
	"oauthbench/bench/host"
	"oauthbench/internal/live"
	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
	"oauthbench/scenarios"
)

// session is one measurement from the start of its servers to the last trial.
type session struct {
	plan    plan.Plan
	profile plan.Profile
	roles   []bench.Role
	display *display
	out     *out
	began   time.Time
	run     bench.Run // as it is stored
	stopped []string  // why the run ended itself early
	fail    failOn
	view    *live.View // of the run while it goes; nil when nobody asked

	deployments map[bench.Role]*targets.Deployment
	sides       map[bench.Role]experiment.Side
	// oracleClients ask beside the load, one of each deployment.
	oracleClients []*generator.Client
	overhead      time.Duration // of preparing and verifying, per arrival
	expected      time.Duration // of all trials
	pilots        []bench.Trial // of the warm-up, before there was a run to store them in
	warm          bool          // the first epoch's warm-up was the pilot's
	rng           *rand.Rand
	prepared      scenarios.Progress
}

func newSession(p plan.Plan, profile plan.Profile, roles []bench.Role, d *display, o *out) *session {
	return &session{
		plan: p, profile: profile, roles: roles, display: d, out: o, began: time.Now(),
		deployments: map[bench.Role]*targets.Deployment{},
		sides:       map[bench.Role]experiment.Side{},
		rng:         rand.New(rand.NewPCG(p.Seed, 0xc11)),
	}
}

// parallelPreparation is how many requests the preparation of a trial has in flight.
const parallelPreparation = 4

// boot starts the targets and opens the scenarios on each. Whatever was started is
// in s.deployments, also after an error.
func (s *session) boot(ctx context.Context, asked map[bench.Role]targets.Target) error {
	for _, role := range s.roles {
		t := asked[role]
		s.display.say("starting %s", t.Text)
		d, err := t.Start(ctx, func(what string) { s.display.say("  %s", what) })
		if err != nil {
			return fmt.Errorf("start %s: %w", t.Text, err)
		}
		s.deployments[role] = d
		for _, n := range d.Notes {
			s.run.Warnings = append(s.run.Warnings, t.Text+": "+n)
		}
	}
	chosen, err := scenarios.Find(s.plan.Scenarios)
	if err != nil {
		return err
	}
	s.display.say("preparing scenarios %s", strings.Join(s.plan.Scenarios, ", "))
	// Both at once: nothing is measured yet, and expired tokens take their time.
	var all sync.WaitGroup
	errs := make([]error, len(s.roles))
	sides := make([]experiment.Side, len(s.roles))
	notes := make([][]string, len(s.roles))
	for i, role := range s.roles {
		d := s.deployments[role]
		oracleClient := generator.OpenClient(generator.ClientOptions{Timeout: s.plan.Timeout, Connections: 2, TLS: d.TLS})
		s.oracleClients = append(s.oracleClients, oracleClient)
		all.Go(func() { sides[i], notes[i], errs[i] = s.open(ctx, asked[role].Text, d, oracleClient, chosen) })
	}
	stop := s.display.follow(preparing(s.prepared.Steps))
	all.Wait()
	stop()
	for i, role := range s.roles {
		s.sides[role] = sides[i]
		for _, n := range notes[i] {
			s.run.Warnings = append(s.run.Warnings, asked[role].Text+": "+n)
		}
	}
	for _, err := range errs {
		if err != nil {
			return err // the other's is most often the same, and one line is enough
		}
	}
	return nil
}

func (s *session) open(ctx context.Context, name string, d *targets.Deployment, oracleClient *generator.Client, chosen []scenarios.Scenario) (experiment.Side, []string, error) {
	client := generator.OpenClient(generator.ClientOptions{Transport: s.plan.Transport, Timeout: s.plan.Timeout, Connections: bench.DefaultMaxWorkers, TLS: d.TLS})
	parameters := s.plan.Parameters
	if s.plan.MaxWorkers == 1 {
		parameters.OracleShare = 0 // its questions would be a second request in flight
	}
	set, err := scenarios.Open(ctx, chosen, scenarios.Target{
		Server: d.Server, Scope: d.Scope, HTTP: client.HTTP(), Oracle: oracleClient.HTTP(), Elsewhere: d.Elsewhere,
		Parallel: atMost(s.plan.MaxWorkers, parallelPreparation), Parameters: parameters, Progress: &s.prepared,
	})
	if err != nil {
		return experiment.Side{Client: client}, nil, fmt.Errorf("%s: %w", name, err)
	}
	return experiment.Side{Deployment: name, Client: client, Prepare: set.Prepare, Spent: d.Spent, ResetPeak: d.ResetPeak}, set.Notes(), nil
}

// atMost is n, or limit when that is less; 0 is no limit.
func atMost(limit, n int) int {
	if limit == 0 {
		return n
	}
	return min(limit, n)
}

// close ends everything that boot started.
func (s *session) close() error {
	var errs []error
	for _, side := range s.sides {
		if side.Client != nil {
			side.Client.Close()
		}
	}
	for _, c := range s.oracleClients {
		c.Close()
	}
	for role, d := range s.deployments {
		if err := d.Close(); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", role, err))
		}
	}
	return errors.Join(errs...)
}

// begin stores the header: from here on there is a run.
func (s *session) begin(loads []bench.Load, slots int, command []string) error {
	environment := host.ThisEnvironment()
	environment.Wakeups = s.run.Environment.Wakeups
	s.run.Header = bench.Header{
		Schema:      bench.RunSchema,
		Tool:        version(),
		Command:     command,
		Started:     s.began,
		Seed:        s.plan.Seed,
		Plan:        s.plan.JSON(),
		Environment: environment,
		Deployments: map[bench.Role]bench.Deployment{},
		Loads:       loads,
		Pilots:      s.run.Pilots,
		Warmups:     s.run.Warmups,
		Slots:       slots,
		Warnings:    s.run.Warnings,
	}
	for role, d := range s.deployments {
		s.run.Deployments[role] = d.Identity
	}
	if err := s.out.file.WriteHeader(s.run.Header); err != nil {
		return err
	}
	for _, t := range s.pilots {
		s.run.Trials = append(s.run.Trials, t)
		if err := s.out.file.WriteTrial(t); err != nil {
			return err
		}
	}
	return nil
}

// measure runs all epochs. stop is asked after each whether the answer is known.
func (s *session) measure(ctx context.Context, slots []bench.Slot, keepPartial bool, stop func(epochs int) bool) error {
	progress := &experiment.Progress{}
	experiment := experiment.Experiment{
		Loads: s.run.Loads, Sides: s.sides, Settle: s.profile.Settle, KeepPartial: keepPartial, Progress: progress,
		Store: func(t bench.Trial) error {
			if len(s.roles) == 1 {
				// Nothing is compared, so there is no pair to spoil: the reader must know,
				// but the figures are all there is.
				t.Warnings, t.Excluded = append(t.Excluded, t.Warnings...), nil
			}
			s.run.Trials = append(s.run.Trials, t)
			if err := s.out.file.WriteTrial(t); err != nil {
				return err
			}
			// With nothing in flight: what this takes, no request notices.
			s.complain(s.view.Publish(&s.run))
			return nil
		},
	}
	describe := s.describe(time.Now())
	defer s.display.follow(func() string { return describe(progress.Now()) })()
	defer s.view.Follow(progress, s.run.Slots)()
	defer func() { s.complain(s.view.Finish(&s.run)) }()
	repeats := &repeats{left: len(slots) / 2 / 4, block: slots[len(slots)-1].Block + 1, rng: s.rng}
	for epoch := 0; len(slots) > 0; epoch++ {
		if epoch > 0 {
			if err := s.restart(ctx); err != nil {
				return err
			}
		}
		if err := s.warmUp(ctx, experiment, epoch); err != nil {
			return err
		}
		n := 0
		for n < len(slots) && slots[n].Epoch == epoch {
			n++
		}
		first := len(s.run.Trials)
		if err := experiment.Run(ctx, slots[:n]); err != nil {
			return err
		}
		slots = slots[n:]
		// A budget that is used up is not overdrawn for the sake of disturbed pairs.
		for time.Since(s.began) < s.profile.Budget {
			again := repeats.next(s.run.Trials[first:])
			if len(again) == 0 {
				break
			}
			first = len(s.run.Trials)
			s.display.say("repeating %s", plural(len(again)/2, "disturbed pair"))
			if err := experiment.Run(ctx, again); err != nil {
				return err
			}
		}
		if stop(epoch + 1) {
			break
		}
	}
	return nil
}

// complain says what went wrong with something that the run can do without.
func (s *session) complain(err error) {
	if err != nil {
		s.display.say("oauthbench: %v", err)
	}
}

// restart gives each deployment fresh processes, in random order.
func (s *session) restart(ctx context.Context) error {
	for _, i := range s.rng.Perm(len(s.roles)) {
		role := s.roles[i]
		s.sides[role].Client.Close()
		if err := s.deployments[role].Restart(ctx); err != nil {
			return fmt.Errorf("restart %s: %w", s.sides[role].Deployment, err)
		}
	}
	return nil
}

// warmUp brings each deployment to its working temperature, with the load that it
// will be measured with.
func (s *session) warmUp(ctx context.Context, e experiment.Experiment, epoch int) error {
	if s.profile.Warmup == 0 || epoch == 0 && s.warm {
		return nil
	}
	e.Loads = nil
	for _, l := range s.run.Loads {
		l.LeadIn, l.Length = 0, s.profile.Warmup
		e.Loads = append(e.Loads, l)
	}
	for part := range e.Loads {
		for _, i := range s.rng.Perm(len(s.roles)) {
			slot := bench.Slot{Epoch: epoch, Role: s.roles[i], Seed: s.rng.Uint64N(bench.MaxSeed), Part: part, Warmup: true}
			if err := e.Run(ctx, []bench.Slot{slot}); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish stores how the run ended. cause is nil when it came to its own end.
func (s *session) finish(cause error) error {
	s.run.End = &bench.End{At: time.Now(), Stopped: s.stopped}
	if cause != nil {
		s.run.End.Interrupted = cause.Error()
	}
	return s.out.file.WriteEnd(*s.run.End)
}

// describe makes the progress line of a running experiment; "" before its first trial.
func (s *session) describe(began time.Time) func(experiment.Status) string {
	return func(st experiment.Status) string {
		if st.Counters == nil {
			return ""
		}
		what := fmt.Sprintf("trial %d of %d", st.Done+1, max(s.run.Slots, st.Done+1))
		share := 0.0
		if s.expected > 0 {
			share = min(time.Since(began).Seconds()/s.expected.Seconds(), 1)
			what = bar(share, 16) + " " + what
		}
		if st.Slot.Warmup {
			what += " warm-up"
		}
		left := ""
		if s.expected > 0 {
			left = "  " + clock(s.expected-time.Since(began)) + " left"
		}
		if st.Stage != "measuring" {
			done, total := s.prepared.Steps()
			return fmt.Sprintf("%s  %s  %s, %d of %d steps%s", what, st.Deployment, st.Stage, done, total, left)
		}
		return fmt.Sprintf("%s  %s  %s  %d of %d answered, %d not as expected%s",
			what, st.Deployment, st.Stage, st.Counters.Ended(), st.Planned, st.Counters.Failed(), left)
	}
}
