package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/experiment"
	"oauthbench/bench/verdict"
	"oauthbench/internal/targets"
)

// The rules of the warm-up pilot (method section 5).
const (
	leastToSettle = 10 * time.Second // a shorter pilot says nothing of settling
	mostWarmup    = 30 * time.Second
	coldStart     = 2 * time.Second
	busyPilot     = 2 * time.Second // on a machine that others use
)

// settling is what a warm-up pilot of each version showed.
type settling struct {
	warm    bool            // the pilot was the warm-up of epoch 0
	noise   []verdict.Noise // of the trials to come
	warmups []bench.Warmup
	trials  []bench.Trial // of the pilot, before there was a run to store them in
	stopped []string      // versions that did not settle: the run ends with this
}

// watchWarmUp loads each version once, freshly started, with what it will be measured
// with, and chooses the warm-up of all epochs.
func (s *session) watchWarmUp(ctx context.Context, loads []bench.Load) (settling, error) {
	var all settling
	if s.profile.Pilot == 0 {
		return all, nil
	}
	chosen := s.profile.Warmup
	var noise []verdict.Noise
	for _, role := range s.servers.roles {
		w := bench.Warmup{Deployment: s.servers.sides[role].Deployment}
		for part := range loads {
			settled, samples, err := s.watch(ctx, loads, part, role, &w, &all)
			if err != nil {
				return all, err
			}
			chosen = max(chosen, min(settled*3/2, mostWarmup).Round(100*time.Millisecond))
			rule := s.Plan.Rule(s.profile)
			if len(samples) > 0 {
				noise = append(noise, verdict.PilotNoise(samples, settled, bench.ComparedQuantiles, rule)...)
			}
		}
		all.warmups = append(all.warmups, w)
	}
	for i := range all.warmups {
		all.warmups[i].Chosen = chosen
	}
	s.profile.Warmup = chosen
	all.warm, all.noise = true, verdict.Pooled(noise)
	return all, nil
}

// watch is the pilot of one version with one part of the load. A pilot that was too
// short for the version to settle is followed by one twice as long.
func (s *session) watch(
	ctx context.Context, loads []bench.Load, part int, role bench.Role, w *bench.Warmup, all *settling,
) (settled time.Duration, samples []verdict.Sample, err error) {
	length := pilotLength(s) / time.Duration(len(loads))
	for _, length := range []time.Duration{length, 2 * length} {
		samples = nil
		load := loads[part]
		load.LeadIn, load.Length = 0, length
		one := make([]bench.Load, len(loads))
		one[part] = load
		s.Observer.Say("pilot: how %s settles, for %v", s.servers.sides[role].Deployment, length)
		progress := &experiment.Progress{}
		pilot := experiment.Experiment{
			Loads: one, Sides: s.servers.sides, Settle: s.profile.Settle, Progress: progress,
			Watch: func(operation string, at, response time.Duration) {
				samples = append(samples, verdict.Sample{Operation: operation, At: at, Response: max(response, 1)})
			},
			Store: func(t bench.Trial) error {
				all.trials = append(all.trials, t)
				return nil
			},
		}
		slot := warmupSlot(0, part, role, s.rng)
		stop := s.Observer.Follow(Activity{Line: describe(progress, 0, 0, s.servers.prepared.Steps).Line})
		err := pilot.Run(ctx, []bench.Slot{slot})
		stop()
		if err != nil {
			return 0, nil, notMeasured(ctx, err)
		}
		if last := all.trials[len(all.trials)-1]; last.Died != "" {
			if err := s.servers.revive(ctx, last); err != nil {
				return 0, nil, &targets.StartError{Err: err}
			}
			return 0, nil, nil // The trials show how often it dies; nothing is known of how it settles.
		}
		slices.SortFunc(samples, func(a, b verdict.Sample) int { return cmp.Compare(a.At, b.At) })
		if w.Length == 0 { // later pilots find a warm server
			w.Cold = p95(samples, 0, coldStart)
		}
		if part == 0 { // of the same operations
			w.Warm = p95(samples, coldStart, length)
		}
		w.Length += length
		if pilotLength(s) < leastToSettle {
			return 0, samples, nil
		}
		if after, ok := verdict.Settled(samples, length); ok {
			if w.Settled == nil || after > *w.Settled {
				w.Settled = &after
			}
			return after, samples, nil
		}
	}
	all.stopped = append(all.stopped,
		fmt.Sprintf("%s had not settled after %v under this load: its response times were still changing", w.Deployment,
			w.Length))
	return 0, samples, nil
}

// pilotLength is the profile's, or a twentieth of a smaller budget. On a machine that
// others use, how a version settles cannot be seen: then it only warms up.
func pilotLength(s *session) time.Duration {
	if s.machine.busy {
		return min(s.profile.Pilot, s.profile.Budget/20, busyPilot)
	}
	return min(s.profile.Pilot, s.profile.Budget/20)
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
