package session

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// Windows of a burn-in, short for a budget of a few minutes; where the user gave that budget,
// which then does not grow, the long ones are shorter too.
const (
	burnInWindow   = time.Second
	shortWindow    = 300 * time.Millisecond
	longWindow     = 5 * time.Second
	shortestLong   = 2 * time.Second
	shortestBudget = 3 * time.Minute // below it windows are short
)

// windowsOf are those of a burn-in within a budget.
func windowsOf(budget time.Duration, given bool) experiment.Windows {
	w := experiment.Windows{Short: burnInWindow, Long: longWindow}
	if budget < shortestBudget {
		w.Short = shortWindow
		if given {
			w.Long = shortestLong
		}
	}
	return w
}

// burnIn is what brings fresh processes to their speed: found once, and repeated at every
// later start when it took long.
type burnIn struct {
	mix      []bench.Stream
	workers  int
	requests int           // at each later start, of each version; 0 when it settled at once
	cost     time.Duration // of those requests, at both versions
	overhead time.Duration // of preparing and verifying, per arrival, on average over the versions
	seen     []bench.BurnIn
}

// burnIn loads each version until it is at its speed, one after the other: two that
// compile at once do not get warm. The larger of both counts is what every later start
// gets; a server that is not started again needs none.
func (s *servers) burnIn(ctx context.Context, p plan.Plan, budget time.Duration) (burnIn, error) {
	fixed, auto := planned(p)
	b := burnIn{mix: fixed, workers: atMost(p.MaxWorkers, 2*runtime.NumCPU())}
	if len(auto) > 0 {
		b.mix = auto
	}
	windows := windowsOf(budget, p.Budget != 0)
	for i, role := range s.roles {
		side := s.sides[role]
		s.observer.Say("burn-in: %s, until it gains no more", side.Deployment)
		stop := s.observer.Follow(preparing(s.prepared.Steps))
		one, overhead, err := side.BurnIn(ctx, b.mix, b.workers, windows, experiment.MostBurnIn(budget), p.Timeout,
			p.Seed+uint64(1000*i))
		stop()
		if died, err := s.reviveBefore(ctx, role, b.mix, "burn-in"); err != nil {
			return b, err
		} else if died != "" {
			continue // How warm it was nobody can tell.
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
		one.Role = role
		b.seen = append(b.seen, one)
		b.overhead += overhead / time.Duration(len(s.roles))
		if one.Slow && !s.deployments[role].Lasting {
			b.requests = max(b.requests, int(one.Requests))
			b.cost += one.Elapsed
		}
	}
	s.awaitCompilers(ctx)
	return b, nil
}

// burn brings fresh processes to their speed, one version after the other.
func (s *servers) burn(ctx context.Context, b burnIn, p plan.Plan, epoch int, progress *experiment.Progress) error {
	if b.requests == 0 {
		return nil
	}
	for i, role := range s.roles {
		if s.deployments[role].Lasting {
			continue
		}
		side := s.sides[role]
		s.observer.Say("burn-in: %s, %s", side.Deployment, digits.Count(b.requests, "request"))
		progress.Between(side.Deployment, burningIn)
		if err := side.Burn(ctx, b.mix, b.workers, b.requests, p.Timeout,
			p.Seed+uint64(1000*i+100*(epoch+1))); err != nil {
			return fmt.Errorf("burn-in: %w", err)
		}
	}
	progress.Between("", compiling)
	s.awaitCompilers(ctx)
	return nil
}

// What just-in-time compilers may still take of a core while others are measured, looked at
// over compilersWindow, and how long they are awaited (docs/method.md).
const (
	compilersAtRest = 0.05
	compilersWindow = time.Second
	compilersMost   = 30 * time.Second
)

// awaitCompilers waits until the compilers of all versions are at rest: an idle version that
// goes on compiling takes a core from the one that is measured. Versions without any, or
// whose threads cannot be seen, are not waited for.
func (s *servers) awaitCompilers(ctx context.Context) {
	read := func() map[bench.Role]bench.Usage {
		spent := map[bench.Role]bench.Usage{}
		for role, side := range s.sides {
			if u := side.Spent().Compilers; u.Known {
				spent[role] = u
			}
		}
		return spent
	}
	before := read()
	for began := time.Now(); len(before) > 0 && ctx.Err() == nil; {
		if generator.Pause(ctx, compilersWindow) != nil {
			return
		}
		after, most := read(), 0.0
		for role, u := range after {
			most = max(most, u.Since(before[role]).CPU.Seconds()/compilersWindow.Seconds())
		}
		if most < compilersAtRest {
			return
		}
		if time.Since(began) >= compilersMost {
			s.observer.Say("burn-in: a compiler still takes %.2f cores after %v", most, compilersMost)
			s.notes = append(s.notes,
				fmt.Sprintf("a just-in-time compiler still took %.2f cores when the trials began", most))
			return
		}
		before = after
	}
}

// restartCost is about what fresh processes of all deployments take until they are at
// their speed.
func (s *session) restartCost() time.Duration { return s.servers.restartCost() + s.burnIn.cost }
