package session

import (
	"context"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// utilisation is what automatic rates aim at: half of what the slower version can
// carry. There a server has a tail but no growing queue (method: 40 to 60 %).
const utilisation = 0.5

// found is what pilots say about the rates of a run.
type found struct {
	streams  []bench.Stream
	pilots   []bench.Pilot
	overhead time.Duration // of preparing and verifying, per arrival; 0 without a pilot
	shared   bool          // other programs used the machine during a pilot: the rates are too low
}

// rates resolves the plan's rates into streams. Automatic ones come from a pilot on
// each deployment: they share what the fixed ones leave of half the capacity of the
// slower version, in equal parts or by the weights of a mix.
func (s *servers) rates(ctx context.Context, p plan.Plan) (found, error) {
	fixed, auto := planned(p)
	if len(auto) == 0 {
		return found{streams: fixed}, nil
	}
	var f found
	share := utilisation
	if len(fixed) > 0 {
		capacity, err := s.pilot(ctx, p, fixed, &f)
		if err != nil {
			return f, err
		}
		used := bench.Load{Streams: fixed}.Rate() / capacity
		if share -= used; share < 0.05 {
			return f, &targets.UsageError{Err: fmt.Errorf(
				"the fixed rates use %.0f %% of the slower version already: lower them, or give every scenario a rate",
				100*used)}
		}
	}
	capacity, err := s.pilot(ctx, p, auto, &f)
	if err != nil {
		return f, err
	}
	chosen := map[string]float64{}
	for _, stream := range fixed {
		chosen[stream.Scenario] = stream.Rate
	}
	whole := bench.Load{Streams: auto}.Rate()
	for _, stream := range auto {
		chosen[stream.Scenario] = capacity * share * stream.Rate / whole
	}
	for _, name := range p.Scenarios {
		f.streams = append(f.streams, bench.Stream{Scenario: name, Rate: chosen[name]})
	}
	return f, nil
}

// planned are the streams whose rates the plan fixes, and those to be found out.
func planned(p plan.Plan) (fixed, auto []bench.Stream) {
	for _, name := range p.Scenarios {
		if r := p.Rate(name); r.Auto {
			auto = append(auto, bench.Stream{Scenario: name, Rate: p.Part(name)})
		} else {
			fixed = append(fixed, bench.Stream{Scenario: name, Rate: r.PerSecond * p.Part(name)})
		}
	}
	return fixed, auto
}

// pilot returns the capacity of the slowest deployment for a mix, in requests per
// second, and keeps in f what it saw.
func (s *servers) pilot(ctx context.Context, p plan.Plan, mix []bench.Stream, f *found) (float64, error) {
	slowest := 0.0
	var overhead time.Duration
	for i, role := range s.roles {
		result, err := s.pilotOf(ctx, p, role, mix, p.Seed+uint64(i), false)
		if err != nil {
			return 0, err
		}
		f.pilots = append(f.pilots, result.Pilot)
		f.shared = f.shared || sharedMachine(result.Machine)
		overhead += result.Overhead / time.Duration(len(s.roles)) // Each has half of the trials.
		if slowest == 0 || result.Capacity < slowest {
			slowest = result.Capacity
		}
	}
	f.overhead = max(f.overhead, overhead)
	return slowest, nil
}

// pilotOf is what one deployment completes in a closed loop. One that dies under it is tried once more. Of one
// that is searched for its capacity what it answers as it should counts alone: it may refuse what is too much.
func (s *servers) pilotOf(ctx context.Context, p plan.Plan, role bench.Role, mix []bench.Stream,
	seed uint64, searched bool) (experiment.PilotResult, error) {
	side := s.sides[role]
	s.observer.Say("pilot: what %s can carry", side.Deployment)
	result, err := s.findCapacity(ctx, p, side, mix, seed)
	died, gone := s.reviveBefore(ctx, role, mix, "pilot")
	if died != "" && gone == nil {
		result, err = s.findCapacity(ctx, p, side, mix, seed)
		if died, gone = s.reviveBefore(ctx, role, mix, "pilot"); died != "" && gone == nil {
			gone = &targets.StartError{Err: fmt.Errorf(
				"%s died under the pilot's load, and again in a fresh process: "+
					"%s; a --rate that it can carry needs no pilot", side.Deployment, died)}
		}
	}
	result.Role = role
	// Wrong answers do not stop the run: the verdict must show them. A server that
	// mostly refuses or does not answer has nothing to compare.
	switch bad := result.Outcomes.Failed() - result.Outcomes.Invalid; {
	case gone != nil:
		return result, gone
	case err != nil:
		return result, notMeasured(ctx, fmt.Errorf("pilot: %w", err))
	case bad == result.Completed || 2*bad > result.Completed && !searched:
		return result, &targets.StartError{Err: side.Because(ctx, fmt.Errorf(
			"pilot: %s: %d of %d requests failed (%s)", side.Deployment, bad, result.Completed, result.Case))}
	case bad > 0 && searched:
		s.observer.Say("pilot: %s: %d of %d requests failed (%s), and do not count", side.Deployment, bad,
			result.Completed, result.Case)
		result.Capacity *= 1 - float64(bad)/float64(result.Completed)
	}
	return result, nil
}

// sharedMachine tells whether other programs took more than a trial may lose. Where the server's own
// share is not known, it would be taken for that of others.
func sharedMachine(m bench.Interference) bool { return m.Known && m.Foreign > bench.MaxForeignShare }

// capacityLength is how long a capacity is looked for: within the short budget of a comparison every second
// is worth more in the trials, and half of a capacity that is some per cent off is as good a rate.
func capacityLength(p plan.Plan) time.Duration {
	if p.Profile != "" && p.EffectiveProfile().Budget < shortestBudget {
		return experiment.PilotLength / 2
	}
	return experiment.PilotLength
}

// mostPilots is how often the capacity of one version is looked for.
const mostPilots = 3

// findCapacity looks again when the machine was not ours meanwhile, and takes the best:
// other programs only make a capacity less, and a rate that rests on it too low.
func (s *servers) findCapacity(ctx context.Context, p plan.Plan, side experiment.Side, mix []bench.Stream,
	seed uint64) (best experiment.PilotResult, err error) {
	defer s.observer.Follow(preparing(s.prepared.Steps))()
	for n := range uint64(mostPilots) {
		result, err := side.FindCapacity(ctx, mix, atMost(p.MaxWorkers, experiment.PilotWorkers), capacityLength(p),
			p.Timeout, seed+100*n)
		if err != nil {
			return result, err
		}
		if n == 0 || result.Capacity > best.Capacity {
			best = result
		}
		if s.busy || !sharedMachine(result.Machine) {
			break
		}
		if n+1 < mostPilots {
			s.observer.Say("pilot: other programs used %.0f %% of the machine: once more", 100*result.Machine.Foreign)
		}
	}
	return best, nil
}
