package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/experiment"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plan"
	"oauthbench/scenarios"
)

// The rules of the warm-up pilot (method section 5).
const (
	leastToSettle = 10 * time.Second // a shorter pilot says nothing of settling
	mostWarmup    = 30 * time.Second
	coldStart     = 2 * time.Second
)

// watchWarmUp loads each version once, freshly started, with what it will be measured
// with: it chooses the warm-up of all epochs, and returns the noise that the trials will
// have, per operation and quantile the worst of the versions. The pilot is the warm-up
// of the first epoch. A version that does not settle stops the run: stopped then says so.
func (s *session) watchWarmUp(ctx context.Context, loads []bench.Load) ([]verdict.Noise, error) {
	if s.profile.Pilot == 0 {
		return nil, nil
	}
	chosen := s.profile.Warmup
	var noise []verdict.Noise
	for _, role := range s.roles {
		w := bench.Warmup{Deployment: s.sides[role].Deployment}
		for part := range loads {
			settled, samples, err := s.watch(ctx, loads, part, role, &w)
			if err != nil {
				return nil, err
			}
			chosen = max(chosen, min(settled*3/2, mostWarmup).Round(100*time.Millisecond))
			for _, n := range verdict.PilotNoise(samples, settled, compared, s.plan.Margins, s.plan.LeastMargin) {
				i := slices.IndexFunc(noise, func(m verdict.Noise) bool { return m.Operation == n.Operation && m.Quantile == n.Quantile })
				switch {
				case i < 0:
					noise = append(noise, n)
				case n.Deviation > noise[i].Deviation:
					noise[i] = n
				}
			}
		}
		s.run.Warmups = append(s.run.Warmups, w)
	}
	for i := range s.run.Warmups {
		s.run.Warmups[i].Chosen = chosen
	}
	s.profile.Warmup = chosen
	s.warm = true
	return noise, nil
}

// watch is the pilot of one version with one part of the load. A pilot that was too
// short for the version to settle is followed by one twice as long.
func (s *session) watch(ctx context.Context, loads []bench.Load, part int, role bench.Role, w *bench.Warmup) (settled time.Duration, samples []verdict.Sample, err error) {
	length := s.pilotLength() / time.Duration(len(loads))
	for _, length := range []time.Duration{length, 2 * length} {
		samples = nil
		load := loads[part]
		load.LeadIn, load.Length = 0, length
		one := make([]bench.Load, len(loads))
		one[part] = load
		s.display.say("pilot: how %s settles, for %v", s.sides[role].Deployment, length)
		progress, describe := &experiment.Progress{}, s.describe(time.Now())
		pilot := experiment.Experiment{
			Loads: one, Sides: s.sides, Settle: s.profile.Settle, Progress: progress,
			Watch: func(operation string, at, response time.Duration) {
				samples = append(samples, verdict.Sample{Operation: operation, At: at, Response: max(response, 1)})
			},
			Store: func(t bench.Trial) error {
				s.pilots = append(s.pilots, t)
				return nil
			},
		}
		slot := bench.Slot{Role: role, Seed: s.rng.Uint64N(bench.MaxSeed), Part: part, Warmup: true}
		stop := s.display.follow(func() string { return describe(progress.Now()) })
		err := pilot.Run(ctx, []bench.Slot{slot})
		stop()
		if err != nil {
			return 0, nil, notMeasured(ctx, err)
		}
		slices.SortFunc(samples, func(a, b verdict.Sample) int { return cmp.Compare(a.At, b.At) })
		if w.Length == 0 { // later pilots find a warm server
			w.Cold = p95(samples, 0, coldStart)
		}
		if part == 0 { // of the same operations
			w.Warm = p95(samples, coldStart, length)
		}
		w.Length += length
		if s.pilotLength() < leastToSettle {
			return 0, samples, nil
		}
		if after, ok := verdict.Settled(samples, length); ok {
			if w.Settled == nil || after > *w.Settled {
				w.Settled = &after
			}
			return after, samples, nil
		}
	}
	s.stopped = append(s.stopped, fmt.Sprintf("%s had not settled after %v under this load: its response times were still changing", w.Deployment, w.Length))
	return 0, samples, nil
}

// pilotLength is the profile's, or a twentieth of a smaller budget.
func (s *session) pilotLength() time.Duration { return min(s.profile.Pilot, s.profile.Budget/20) }

// foresee says which slowdown the gates could notice with the pilot's noise, and what
// the next larger profile would buy.
func (s *session) foresee(loads []bench.Load, size plan.Size, noise []verdict.Noise) {
	words := noticeable(s.profile, loads, size, s.plan.Gates, noise)
	if words == "" {
		return
	}
	s.display.say("plan: with the pilot's noise it could notice %s", words)
	for _, larger := range plan.Profiles {
		if larger.Budget <= s.profile.Budget {
			continue
		}
		bought, err := larger.Fit(loads, s.overhead, s.restartCost(), 0)
		if err != nil {
			continue
		}
		more := noticeable(larger, loads, bought, larger.Gates(scenarios.Operations(s.plan.Scenarios), bought.Quantiles), noise)
		if more == words {
			continue // its trials are no longer
		}
		s.display.say("plan: %s (%v) could notice %s", larger.Name, larger.Budget, more)
		return
	}
}

// noticeable lists the gates with the slowdown that each would notice four times in five.
func noticeable(p plan.Profile, loads []bench.Load, size plan.Size, gates []verdict.Gate, noise []verdict.Noise) string {
	var words []string
	for _, g := range gates {
		i := slices.IndexFunc(noise, func(n verdict.Noise) bool { return n.Operation == g.Operation && n.Quantile == g.Quantile })
		if i < 0 {
			continue
		}
		for _, l := range loads {
			for _, stream := range l.Streams {
				if share := scenarios.Share(stream.Scenario, g.Operation); share > 0 {
					n := noise[i].Scaled(stream.Rate * share * (size.Length - l.LeadIn).Seconds())
					words = append(words, fmt.Sprintf("%s %s %+.0f %%", g.Operation, verdict.Percentile(g.Quantile), 100*n.Detectable(p.Judge)))
				}
			}
		}
	}
	return strings.Join(words, ", ")
}

// p95 is the 95th percentile of response times of arrivals due from one time to
// another; 0 when there are none.
func p95(samples []verdict.Sample, from, to time.Duration) time.Duration {
	h := bench.NewHistogram()
	for _, s := range samples {
		if s.At >= from && s.At < to {
			h.Record(s.Response)
		}
	}
	return h.Quantile(.95)
}
