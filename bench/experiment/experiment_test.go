package experiment

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// A trial starts when offset 0 of its schedule is due, not when its preparation began:
// reading what containers have spent takes time, and times stored with a trial are
// counted from its start.
func TestTrialStartsWithItsSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first time.Time
		tr := &memory{sent: func(n int, at time.Time) {
			if n == 0 {
				first = at
			}
		}}
		load := bench.Load{Process: "constant", Streams: []bench.Stream{{Scenario: "token", Rate: 10}},
			Length: time.Second, Timeout: time.Minute}
		var trial bench.Trial
		e := Experiment{
			Loads: []bench.Load{load},
			Sides: map[bench.Role]Side{bench.Candidate: {
				Client: generator.NewClientTransport(time.Minute, tr),
				Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (generator.Workload,
					error) {
					return workload{}, nil
				},
				Spent: func() bench.Spending { time.Sleep(3 * time.Second); return bench.Spending{} },
			}},
			Store: func(t bench.Trial) error { trial = t; return nil },
		}
		if err := e.Run(t.Context(), []bench.Slot{{Role: bench.Candidate, Seed: 1}}); err != nil {
			t.Fatal(err)
		}
		schedule, err := load.Draw(1)
		if err != nil {
			t.Fatal(err)
		}
		if want := first.Add(-schedule.At(0).Due); !trial.Started.Equal(want) {
			t.Errorf("started %v; want %v, %v before the first arrival", trial.Started, want, schedule.At(0).Due)
		}
	})
}
