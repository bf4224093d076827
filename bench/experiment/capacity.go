package experiment

import (
	"context"
	"errors"
	"fmt"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// PilotWorkers is how many requests the pilot keeps in flight: enough to keep any
// small server busy, few enough not to be an attack.
const PilotWorkers = 16

// The pilot's first burst only tells how many arrivals the second must have.
const (
	pilotFirst = 48
	pilotMost  = 4000
)

// PilotLength is about how long a capacity is looked for where there is no hurry.
const PilotLength = 2 * time.Second

// PilotResult is what the pilot saw, and what its preparation cost.
type PilotResult struct {
	bench.Pilot
	// Overhead is the time that preparing and verifying took, per arrival.
	Overhead time.Duration
	Outcomes bench.Outcomes
	Case     string // one of the answers that were not OK, "" when all were
	// Machine is what the burst had to share the machine with.
	Machine bench.Interference
}

// FindCapacity measures how many requests of a mix one deployment completes per
// second when workers of them are always in flight, for about a length: a closed loop, which is wrong for
// latency and right for the rate at which open-loop queues begin to grow. The
// streams' rates count only in proportion.
func (s Side) FindCapacity(ctx context.Context, mix []bench.Stream, workers int, length, timeout time.Duration,
	seed uint64) (PilotResult, error) {
	first, err := s.burst(ctx, mix, workers, pilotFirst, timeout, seed)
	if err != nil {
		return first, err
	}
	n := int(first.Capacity * length.Seconds())
	return s.burst(ctx, mix, workers, min(max(n, pilotFirst), pilotMost), timeout, seed+1)
}

// Try sends one request of a scenario, and returns how it ended and, unless that was OK,
// which case it was.
func (s Side) Try(ctx context.Context, scenario string, timeout time.Duration, seed uint64) (bench.Outcomes, string,
	error) {
	r, err := s.burst(ctx, []bench.Stream{{Scenario: scenario, Rate: 1}}, 1, 1, timeout, seed)
	return r.Outcomes, r.Case, err
}

// burst sends n requests as fast as they are answered, or as many as the server can be asked at a time:
// a closed loop needs more of it than the load that is wished for may.
func (s Side) burst(ctx context.Context, mix []bench.Stream, workers, n int, timeout time.Duration,
	seed uint64) (PilotResult, error) {
	for {
		result, err := s.burstOf(ctx, mix, workers, n, timeout, seed)
		many, ok := errors.AsType[*generator.TooManyError](err)
		if !ok || many.Fit < pilotFirst || many.Fit >= n {
			return result, err
		}
		n = many.Fit
	}
}

// burstOf is burst of exactly n requests.
func (s Side) burstOf(ctx context.Context, mix []bench.Stream, workers, n int, timeout time.Duration,
	seed uint64) (PilotResult, error) {
	result := PilotResult{Pilot: bench.Pilot{Deployment: s.Deployment, Workers: workers}}
	load := bench.Load{Process: "poisson", Length: time.Second, Timeout: timeout}
	total := bench.Load{Streams: mix}.Rate()
	for _, stream := range mix {
		result.Scenarios = append(result.Scenarios, stream.Scenario)
		load.Streams = append(load.Streams,
			bench.Stream{Scenario: stream.Scenario, Rate: float64(n) * stream.Rate / total})
	}
	schedule, err := load.Draw(seed)
	if err != nil {
		return result, err
	}
	schedule = schedule.AtOnce() // the workers set the pace
	load.Process, load.Workers = bench.ClosedLoop, workers
	began := time.Now()
	workload, err := s.Prepare(ctx, load, schedule, seed)
	if err != nil {
		return result, s.Because(ctx, fmt.Errorf("prepare %s: %w", s.Deployment, err))
	}
	meter, own := startMeter(s), map[string]int64{} // own are the cases of what did not leave this machine
	anchor := time.Now()
	preparation := anchor.Sub(began)
	still := s.Client.WatchStandstill()
	err = generator.Attack{Client: s.Client, Schedule: schedule, Workload: workload, MaxWorkers: workers}.Send(ctx,
		anchor, func(_ int, _ *vegeta.Result, a bench.Answer, _ time.Time) {
			result.Outcomes.Add(a.Outcome, 1)
			if a.Outcome != bench.OK {
				result.Case = a.Case
			}
			if a.Outcome == bench.Unable {
				own[a.Case]++
			}
		})
	// Nothing was sent while this process stood still: that is none of the server's time.
	result.Elapsed = max(time.Since(anchor)-still(), 1)
	if err == nil {
		err = unable(result.Outcomes.Unable, int64(schedule.Count), own)
	}
	if err != nil {
		return result, err
	}
	var spent bench.Trial
	meter.stop(&spent)
	result.Machine = spent.Machine
	verifying := time.Now()
	if _, err := workload.Verify(ctx); err != nil {
		return result, s.Because(ctx, fmt.Errorf("verify %s: %w", s.Deployment, err))
	}
	result.Completed = int64(schedule.Count)
	result.Capacity = float64(result.Completed) / result.Elapsed.Seconds()
	result.Overhead = (preparation + time.Since(verifying)) / time.Duration(max(result.Completed, 1))
	return result, nil
}
