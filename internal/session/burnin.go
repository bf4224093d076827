package session

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"oauthbench/bench"
	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
)

// Windows of a burn-in, short for a budget of a few minutes.
const (
	burnInWindow  = time.Second
	shortWindow   = 300 * time.Millisecond
	shortestFirst = 3 * time.Minute // a budget below which windows are short
)

// burnIn is what brings fresh processes to their speed: found once, and repeated at every
// later start when it took long.
type burnIn struct {
	mix      []bench.Stream
	workers  int
	requests int           // at each later start, of each version; 0 when it settled at once
	cost     time.Duration // of those requests, at both versions
	seen     []bench.BurnIn
}

// burnIn loads each version until it is at its speed, one after the other: two that
// compile at once do not get warm. The larger of both counts is what every later start
// gets.
func (s *servers) burnIn(ctx context.Context, p plan.Plan, budget time.Duration) (burnIn, error) {
	fixed, auto := planned(p)
	b := burnIn{mix: fixed, workers: atMost(p.MaxWorkers, 2*runtime.NumCPU())}
	if len(auto) > 0 {
		b.mix = auto
	}
	window := burnInWindow
	if budget < shortestFirst {
		window = shortWindow
	}
	for i, role := range s.roles {
		side := s.sides[role]
		s.observer.Say("burn-in: %s, until it gains no more", side.Deployment)
		stop := s.observer.Follow(preparing(s.prepared.Steps))
		one, err := side.BurnIn(ctx, b.mix, b.workers, window, p.Timeout, p.Seed+uint64(1000*i))
		stop()
		if side.Death != nil && ctx.Err() == nil {
			if died := side.Death(ctx); died != "" {
				return b, &targets.StartError{Err: fmt.Errorf("%s died under the burn-in's load: %s", side.Deployment,
					died)}
			}
		}
		if err != nil {
			return b, notMeasured(ctx, fmt.Errorf("burn-in: %w", err))
		}
		if !one.Settled {
			s.observer.Say("burn-in: %s was still getting faster after %v", side.Deployment,
				one.Elapsed.Round(time.Second))
			s.notes = append(s.notes, fmt.Sprintf("%s was still getting faster after a burn-in of %d requests",
				side.Deployment, one.Requests))
		}
		b.seen = append(b.seen, one)
		if one.Slow {
			b.requests = max(b.requests, int(one.Requests))
			b.cost += one.Elapsed
		}
	}
	return b, nil
}

// burn brings fresh processes to their speed, one version after the other.
func (s *servers) burn(ctx context.Context, b burnIn, p plan.Plan, epoch int) error {
	if b.requests == 0 {
		return nil
	}
	for i, role := range s.roles {
		side := s.sides[role]
		s.observer.Say("burn-in: %s, %d requests", side.Deployment, b.requests)
		if err := side.Burn(ctx, b.mix, b.workers, b.requests, p.Timeout,
			p.Seed+uint64(1000*i+100*(epoch+1))); err != nil {
			return fmt.Errorf("burn-in: %w", err)
		}
	}
	return nil
}

// restartCost is about what fresh processes of all deployments take until they are at
// their speed.
func (s *session) restartCost() time.Duration { return s.servers.restartCost() + s.burnIn.cost }
