package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// The rules of the warm-up pilot (method section 5).
const (
	leastToSettle = 10 * time.Second // a shorter pilot says nothing of settling
	mostWarmup    = 30 * time.Second
	coldStart     = 2 * time.Second
	pilotSeeds    = 0x70            // of the plan's random numbers, the first that a pilot is drawn by
	busyPilot     = 2 * time.Second // on a machine that others use
	// enoughToReckon is how many arrivals a pilot must have to tell what surrounds a trial per arrival:
	// of few, what every trial costs is most of it.
	enoughToReckon = 200
)

// settling is what a warm-up pilot of each version showed.
type settling struct {
	warm    bool            // the pilot was the warm-up of epoch 0
	noise   []verdict.Noise // of the trials to come
	warmups []bench.Warmup
	trials  []bench.Trial // of the pilot, before there was a run to store them in
	stopped []string      // versions that did not settle: the run ends with this
	// overhead is what preparing and verifying the pilots took, per arrival.
	overhead time.Duration
}

// watchWarmUp loads each version once, freshly started, with what it will be measured
// with, and chooses the warm-up of all epochs.
func (s *session) watchWarmUp(ctx context.Context, loads []bench.Load) (settling, error) {
	var all settling
	if s.profile.Pilot == 0 {
		return all, nil
	}
	chosen := s.profile.Warmup
	var noise, disturbed []verdict.Noise
	var around time.Duration
	for _, role := range s.servers.roles {
		w := bench.Warmup{Role: role, Deployment: s.servers.sides[role].Deployment}
		for part := range loads {
			settled, samples, spent, err := s.watch(ctx, loads, part, role, &w, &all)
			if err != nil {
				return all, err
			}
			around += spent
			chosen = max(chosen, min(settled*3/2, mostWarmup).Round(100*time.Millisecond))
			rule := s.Plan.Rule(s.profile)
			if len(samples) == 0 {
				continue
			}
			seen := verdict.PilotNoise(samples, settled, bench.ComparedQuantiles, rule)
			if last := all.trials[len(all.trials)-1]; len(last.Excluded) > 0 {
				disturbed = append(disturbed, seen...)
			} else {
				noise = append(noise, seen...)
			}
		}
		all.warmups = append(all.warmups, w)
	}
	if noise == nil {
		noise = disturbed // What disturbed both is likely to go on.
	}
	var arrivals int64
	for _, t := range all.trials {
		arrivals += t.Planned
	}
	if arrivals >= enoughToReckon*int64(len(all.trials)) {
		all.overhead = around / time.Duration(arrivals)
	}
	for i := range all.warmups {
		all.warmups[i].Chosen = chosen
	}
	s.profile.Warmup = chosen
	all.warm, all.noise = true, verdict.Pooled(noise)
	return all, nil
}

// watch is the pilot of one version with one part of the load. A pilot that was too
// short for the version to settle is followed by one twice as long. around is what preparing
// and verifying took beside the load.
func (s *session) watch(
	ctx context.Context, loads []bench.Load, part int, role bench.Role, w *bench.Warmup, all *settling,
) (settled time.Duration, samples []verdict.Sample, around time.Duration, err error) {
	length := pilotLength(s.profile, s.machine.busy) / time.Duration(len(loads))
	// Wrong answers to a pilot count, so that all versions are asked the same.
	seed := bench.RandomAt(s.Plan.Seed, pilotSeeds+uint64(part)) % bench.MaxSeed
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
		slot := warmupSlot(0, part, role, seed)
		stop := s.Observer.Follow(Activity{Line: describe(progress, 0, 0, s.servers.prepared.Steps).Line})
		began := time.Now()
		err := pilot.Run(ctx, []bench.Slot{slot})
		around += max(time.Since(began)-length-s.profile.Settle, 0)
		stop()
		if err != nil {
			return 0, nil, around, notMeasured(ctx, err)
		}
		if last := all.trials[len(all.trials)-1]; last.Died != "" {
			if err := s.servers.revive(ctx, last, true); err != nil {
				return 0, nil, around, &targets.StartError{Err: err}
			}
			return 0, nil, around, nil // The trials show how often it dies; nothing is known of how it settles.
		}
		slices.SortFunc(samples, func(a, b verdict.Sample) int { return cmp.Compare(a.At, b.At) })
		if w.Length == 0 { // later pilots find a warm server
			w.Cold = p95(samples, 0, coldStart)
		}
		if part == 0 { // of the same operations
			w.Warm = p95(samples, coldStart, length)
		}
		w.Length += length
		if pilotLength(s.profile, s.machine.busy) < leastToSettle {
			return 0, samples, around, nil
		}
		if after, ok := verdict.Settled(samples, length); ok {
			if w.Settled == nil || after > *w.Settled {
				w.Settled = &after
			}
			return after, samples, around, nil
		}
	}
	all.stopped = append(all.stopped,
		fmt.Sprintf("%s had not settled after %v under this load: its response times were still changing", w.Deployment,
			w.Length))
	return 0, samples, around, nil
}

// pilotLength is the profile's, or a twentieth of a smaller budget. On a machine that
// others use, how a version settles cannot be seen: then it only warms up.
func pilotLength(profile plan.Profile, busy bool) time.Duration {
	length := min(profile.Pilot, profile.Budget/20)
	if busy {
		length = min(length, busyPilot)
	}
	return length
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
