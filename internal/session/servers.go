package session

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

// parallelPreparation is how many requests the preparation of a trial has in flight.
const parallelPreparation = 4

// servers are the deployments of a run, started, with the scenarios open on each.
type servers struct {
	observer    Observer
	roles       []bench.Role // in the order of the start
	deployments map[bench.Role]*targets.Deployment
	sides       map[bench.Role]experiment.Side
	// oracleClients ask beside the load, one of each deployment.
	oracleClients []*generator.Client
	prepared      scenarios.Progress
	busy          bool     // other programs use the machine, and will go on
	notes         []string // what the reader must know of the deployments
	// lost are the deaths before the first trial, stored as warm-ups.
	lost []bench.Trial
}

func newServers(o Observer, asked map[bench.Role]targets.Target) *servers {
	s := &servers{observer: o, deployments: map[bench.Role]*targets.Deployment{},
		sides: map[bench.Role]experiment.Side{}}
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		if _, ok := asked[role]; ok {
			s.roles = append(s.roles, role)
		}
	}
	return s
}

// start starts the targets and opens the scenarios on each. Whatever was started must be
// closed, also after an error.
func (s *servers) start(ctx context.Context, r Request) error {
	for _, role := range s.roles {
		t := r.Targets[role]
		s.observer.Say("starting %s", t.Text)
		d, err := t.Start(ctx, func(what string) { s.observer.Say("  %s", what) })
		if err != nil {
			return fmt.Errorf("start %s: %w", t.Text, err)
		}
		s.deployments[role] = d
		s.note(t, d.Notes)
	}
	chosen, err := scenarios.Find(r.Plan.Scenarios)
	if err != nil {
		return err
	}
	s.observer.Say("preparing scenarios %s", strings.Join(r.Plan.Scenarios, ", "))
	// Both at once: nothing is measured yet, and expired tokens take their time.
	all := make([]opened, len(s.roles))
	var waiting sync.WaitGroup
	for i, role := range s.roles {
		waiting.Go(func() {
			all[i] = open(ctx, r, s.deployments[role].Identity.Name, s.deployments[role], chosen, &s.prepared)
		})
	}
	stop := s.observer.Follow(preparing(s.prepared.Steps))
	waiting.Wait()
	stop()
	for i, role := range s.roles {
		s.sides[role] = all[i].side
		s.oracleClients = append(s.oracleClients, all[i].oracleClient)
		s.note(r.Targets[role], all[i].notes)
	}
	for _, o := range all {
		if o.err != nil {
			return experiment.OwnLimit(o.err) // The other's is most often the same, and one line is enough.
		}
	}
	return nil
}

func (s *servers) note(t targets.Target, notes []string) {
	for _, n := range notes {
		s.notes = append(s.notes, t.Text+": "+n)
	}
}

// opened is a deployment with its scenarios open. Both clients are there also after an
// error.
type opened struct {
	side         experiment.Side
	oracleClient *generator.Client
	notes        []string
	err          error
}

// open opens the scenarios on one deployment.
func open(
	ctx context.Context, r Request, name string, d *targets.Deployment, chosen []scenarios.Scenario,
	prepared *scenarios.Progress,
) opened {
	openClient := r.openClient
	if openClient == nil {
		openClient = generator.OpenClient
	}
	o := opened{
		side: experiment.Side{Deployment: name, Spent: d.Spent, Death: d.Death, Causes: d.Causes,
			ResetPeak: d.ResetPeak,
			Client: openClient(generator.ClientOptions{
				Transport: r.Plan.Transport, Timeout: r.Plan.Timeout, Connections: bench.DefaultMaxWorkers, TLS: d.TLS,
				Connect: d.Connect,
			})},
		oracleClient: openClient(generator.ClientOptions{Timeout: r.Plan.Timeout, Connections: 2, TLS: d.TLS,
			Connect: d.Connect}),
	}
	parameters := r.Plan.Parameters
	if r.Plan.MaxWorkers == 1 {
		parameters.OracleShare = 0 // Its questions would be a second request in flight.
	}
	set, err := scenarios.Open(ctx, chosen, scenarios.Target{
		Server: d.Server, Scope: d.Scope, HTTP: o.side.Client.HTTP(), Oracle: o.oracleClient.HTTP(),
		Elsewhere: d.Elsewhere, Offered: r.Plan.OfferedRate(),
		Parallel: atMost(r.Plan.MaxWorkers, parallelPreparation), Parameters: parameters, Progress: prepared,
	})
	if err != nil {
		o.err = fmt.Errorf("%s: %w", name, err)
		return o
	}
	if !r.compares() {
		o.side.Watch = d.Watch // What it costs would be in the costs that are compared.
	}
	o.side.Prepare, o.notes = set.Prepare, set.Notes()
	spreadOver(&o.side, d.Instances)
	return o
}

// atMost is n, or limit when that is less; 0 is no limit.
func atMost(limit, n int) int {
	if limit == 0 {
		return n
	}
	return min(limit, n)
}

// restart gives each deployment fresh processes, in random order.
func (s *servers) restart(ctx context.Context, rng *rand.Rand) error {
	for _, i := range rng.Perm(len(s.roles)) {
		role := s.roles[i]
		s.sides[role].Client.Close()
		if err := s.deployments[role].Restart(ctx); err != nil {
			return fmt.Errorf("restart %s: %w", s.sides[role].Deployment, err)
		}
	}
	return nil
}

// revive gives a deployment whose process died a fresh one; goesOn tells whether the run has load for it.
func (s *servers) revive(ctx context.Context, t bench.Trial, goesOn bool) error {
	compares := len(s.roles) > 1
	who, where := t.Deployment, "in its trial"
	if compares {
		who = fmt.Sprintf("%s (%s)", t.Deployment, t.Role)
		where = fmt.Sprintf("in pair %d of epoch %d", t.Pair+1, t.Epoch+1)
	}
	if t.Warmup {
		where = "before its first trial"
	}
	s.observer.Say("%s died %s: %s", who, where, t.Died)
	s.sides[t.Role].Client.Close()
	if err := s.deployments[t.Role].Restart(ctx); err != nil {
		return fmt.Errorf("%s died (%s) and did not come back: %w", t.Deployment, t.Died, err)
	}
	switch {
	case goesOn:
		s.observer.Say("that trial is lost; a fresh process of %s goes on", t.Deployment)
	case compares:
		s.observer.Say("that trial is lost, and it was the last one that was due")
	default:
		s.observer.Say("that trial is lost, and nothing was measured in its place")
	}
	return nil
}

// reviveBefore is revive for a load before the first trial, "" if the server lives: the death
// is kept, and counts. What cannot be started again ends the run.
func (s *servers) reviveBefore(ctx context.Context, role bench.Role, mix []bench.Stream, load string) (died string,
	err error) {
	side := s.sides[role]
	if side.Death == nil || ctx.Err() != nil {
		return "", nil
	}
	if died = side.Death(ctx); died == "" {
		return "", nil
	}
	t := bench.Trial{
		Slot: bench.Slot{Role: role, Warmup: true}, Deployment: side.Deployment, Load: bench.Load{Streams: mix},
		Started: time.Now(), Died: fmt.Sprintf("under the %s's load, %s", load, died),
	}
	if side.Causes != nil {
		t.Causes = side.Causes()
	}
	s.lost = append(s.lost, t)
	if err := s.revive(ctx, t, true); err != nil {
		return died, &targets.StartError{Err: err}
	}
	return died, nil
}

// try sends one request of each scenario to each deployment, before there is any load:
// credentials that are refused are refused once, and no account is locked by thousands of
// wrong logins.
func (s *servers) try(ctx context.Context, p plan.Plan) error {
	for _, role := range s.roles {
		side := s.sides[role]
		for i, name := range p.Scenarios {
			outcomes, answer, err := side.Try(ctx, name, p.Timeout, p.Seed+uint64(i))
			if err != nil {
				return err
			}
			if outcomes.Rejected > 0 && strings.Contains(answer, "401") {
				return fmt.Errorf("%s: %s is refused before any load: %s", side.Deployment, name, answer)
			}
		}
	}
	return nil
}

// lasting tells whether all trials of a deployment are of one start.
func (s *servers) lasting() bool {
	for _, d := range s.deployments {
		if d.Lasting {
			return true
		}
	}
	return false
}

// restartCost is about what fresh processes of all deployments take.
func (s *servers) restartCost() time.Duration {
	var sum time.Duration
	for _, d := range s.deployments {
		sum += d.RestartCost
	}
	return sum
}

// identities are what the figures of the run are figures of.
func (s *servers) identities() map[bench.Role]bench.Deployment {
	all := map[bench.Role]bench.Deployment{}
	for role, d := range s.deployments {
		all[role] = d.Identity
	}
	return all
}

// close ends everything that start began. What cannot be ended is said: the run stands
// without it.
func (s *servers) close(o Observer) {
	for _, side := range s.sides {
		side.Client.Close()
	}
	for _, c := range s.oracleClients {
		c.Close()
	}
	for role, d := range s.deployments {
		if err := d.Close(); err != nil {
			o.Say("oauthbench: stop %s: %v", role, err)
		}
	}
}
