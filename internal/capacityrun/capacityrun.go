package capacityrun

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Search is Run, or Resume when there is a directory to resume, of a search that is no part of a grid: one whose time
// was used up says how to go on.
func Search(ctx context.Context, r session.Request, resume Resumed) (*session.Result, error) {
	search := func() (*session.Result, error) { return Run(ctx, r) }
	if resume.Dir != "" {
		search = func() (*session.Result, error) { return Resume(ctx, resume.Dir, resume.Budget, r) }
	}
	result, err := search()
	if result != nil && result.Run.End != nil && slices.Contains(result.Run.End.Stopped, usedUp) {
		r.Observer.Say("to go on: oauthbench capacity --resume %s --budget 30m", plaintext.Shell([]string{result.Dir}))
	}
	return result, err
}

// Run searches what the targets of a request carry, and stores the run. It ends like
// session.Run.
func Run(ctx context.Context, r session.Request) (*session.Result, error) {
	if err := r.Plan.CheckCapacity(); err != nil {
		return nil, &targets.UsageError{Err: err}
	}
	return session.RunChosen(ctx, r, func(ctx context.Context, c *session.Chosen) error {
		return begin(ctx, r.Plan,
			c)
	})
}

// Resume goes on with a search that was interrupted or ended by its budget, in its directory. The
// stored rule holds; the servers are started anew, with empty databases. more is the time that it
// gets, 0 for what is left of the time that was stated.
func Resume(ctx context.Context, dir string, more time.Duration, r session.Request) (*session.Result, error) {
	return session.Resume(ctx, dir, r, func(ctx context.Context, c *session.Chosen) error {
		rule, err := searches.Read(c.Run().Header)
		if err != nil {
			return &targets.UsageError{Err: fmt.Errorf("resume %s: %w", dir, err)}
		}
		left := rule.Budget - spent(c.Run())
		if more > 0 {
			left = more
		}
		c.Say("resuming after %s, for %v at most", digits.Count(len(c.Run().Trials), "trial"), left.Round(time.Second))
		return search(ctx, c, rule, time.Now().Add(left))
	})
}

// spent is about what a run has used of its time.
func spent(run *bench.Run) time.Duration {
	if len(run.Trials) == 0 {
		return 0
	}
	last := run.Trials[len(run.Trials)-1]
	var sum time.Duration
	for i, t := range run.Trials {
		from := run.Started
		if i > 0 {
			from = run.Trials[i-1].Started.Add(run.Trials[i-1].Elapsed)
		}
		sum += min(max(t.Started.Sub(from), 0), time.Minute) + t.Elapsed // A night in between is none of it.
	}
	return min(sum, last.Started.Add(last.Elapsed).Sub(run.Started))
}

// begin finds where the search starts, states what it costs, and runs it.
func begin(ctx context.Context, p plan.Plan, c *session.Chosen) error {
	rule, overhead, err := ruleOf(ctx, p, c)
	if err != nil {
		return err
	}
	cost := fit(&rule, p, overhead, c.RestartCost())
	if err := header(p, c, rule, cost.Trials); err != nil {
		return err
	}
	announce(c, rule, cost)
	return search(ctx, c, rule, c.Run().Started.Add(rule.Budget))
}

// fit chooses as many searches as the budget holds, and what budget that is: without one that was
// given, no more than twice what they are likely to need.
func fit(rule *searches.Rule, p plan.Plan, overhead, restart time.Duration) searches.Cost {
	budget, given := p.SearchBudget()
	var cost searches.Cost
	for _, rule.Searches = range p.SearchesEach() {
		if cost = rule.Cost(overhead, restart); cost.Most <= budget {
			break
		}
	}
	rule.Budget = budget
	if patience := searches.Patience * cost.Most; !given && patience < budget {
		rule.Budget = patience
	}
	return cost
}

// ruleOf plans the search on each deployment.
func ruleOf(ctx context.Context, p plan.Plan, c *session.Chosen) (searches.Rule, time.Duration, error) {
	rule := searches.Rule{
		Limits: p.EachLimit(), Sides: map[bench.Role]searches.Side{}, Soak: p.Soak, Rarest: 1,
	}
	if p.Baseline != "" {
		rule.Margin = p.CapacityMargin()
	}
	shares := map[string]float64{}
	for _, o := range offers(c.Load(1, time.Second)) {
		shares[o.operation] += o.rate
	}
	for _, limit := range rule.Limits {
		if n := searches.Needs(limit); n > 0 {
			rule.Requests = max(rule.Requests, n)
		}
		rule.Rarest = min(rule.Rarest, shares[limit.Operation])
	}
	if !(rule.Rarest > 0) {
		return rule, 0, &targets.UsageError{Err: errors.New("a limited operation has no share of the load")}
	}
	var overhead time.Duration
	for role := range c.Sides() {
		pilot, err := c.Capacity(ctx, role)
		if err != nil {
			return rule, 0, err
		}
		c.Say("pilot: %s completes %s in a closed loop", pilot.Deployment, rate(pilot.Capacity))
		overhead = max(overhead, pilot.Overhead)
		side := searches.NewSide(pilot.Capacity, p.Soak > 0)
		side.Lasting = c.Lasting(role)
		rule.Sides[role] = side
	}
	return rule, overhead, nil
}

// header stores what is known before the first trial.
func header(p plan.Plan, c *session.Chosen, rule searches.Rule, trials int) error {
	h := bench.Header{Slots: trials}
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		side, searched := rule.Sides[role]
		if !searched {
			continue
		}
		h.Pilots = append(h.Pilots, bench.Pilot{
			Role: role, Deployment: c.Sides()[role].Deployment, Scenarios: p.Scenarios,
			Workers:  experiment.PilotWorkers,
			Capacity: side.Estimate,
		})
		if role == bench.Candidate {
			h.Loads = []bench.Load{c.Load(side.Design.First, rule.Length("", side.Design.First))}
		}
	}
	if err := rule.Store(&h); err != nil {
		return err
	}
	d := verdict.Design{Profile: plan.Profiles[0].Rule, SLOs: rule.Limits}
	if err := runs.Store(&h, d, scenarios.Operations(p.Scenarios)); err != nil {
		return err
	}
	return c.Begin(plan.Capacity, h)
}

// search runs the searches until a time.
func search(ctx context.Context, c *session.Chosen, rule searches.Rule, until time.Time) error {
	s := &server{c, rule, &experiment.Progress{}}
	h := &hunt{
		runner: s, rule: rule, run: c.Run(), keep: c.Keep, say: c.Say, deadline: until,
	}
	defer c.Follow(s.progress, rule.Cost(0, 0).Trials, time.Until(until))()
	stopped, err := h.search(ctx)
	if stopped != "" {
		c.Stop(stopped)
	}
	return err
}
