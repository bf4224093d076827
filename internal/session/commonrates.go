package session

import (
	"context"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// CommonRates are rates that the slowest of all versions can carry: a pilot on each
// candidate beside the baseline, and of each scenario the least. Without automatic rates
// nothing is started.
func CommonRates(ctx context.Context, plans []plan.Plan, observer Observer) (map[string]plan.Rate, error) {
	if !plans[0].AutomaticRates() {
		return plans[0].Rates, nil
	}
	least := map[string]plan.Rate{}
	for _, p := range plans {
		asked, err := targets.OfPlan(p)
		if err != nil {
			return nil, err
		}
		streams, err := findRates(ctx, Request{Plan: p, Targets: asked, Observer: observer})
		if err != nil {
			return nil, err
		}
		for _, s := range streams {
			if r, ok := least[s.Scenario]; !ok || s.Rate < r.PerSecond {
				least[s.Scenario] = plan.Rate{PerSecond: s.Rate}
			}
		}
	}
	return least, nil
}

// findRates starts the targets of a request and finds the rates that the slower one can
// carry. Nothing is stored.
func findRates(ctx context.Context, r Request) ([]bench.Stream, error) {
	s := r.session(r.Plan.EffectiveProfile())
	defer s.servers.close(r.Observer)
	if err := s.servers.start(ctx, r); err != nil {
		return nil, notMeasured(ctx, err)
	}
	if _, err := s.servers.burnIn(ctx, r.Plan, s.profile.Budget); err != nil {
		return nil, notMeasured(ctx, err)
	}
	found, err := s.servers.rates(ctx, r.Plan)
	if err != nil {
		return nil, notMeasured(ctx, err)
	}
	return found.streams, nil
}
