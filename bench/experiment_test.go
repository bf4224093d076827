package bench

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A trial starts when offset 0 of its schedule is due, not when its preparation began:
// reading what containers have spent takes time, and times stored with a trial are
// counted from its start.
func TestTrialStartsWithItsSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first time.Time
		tr := &transport{wait: func(sent time.Time, n int) time.Duration {
			if n == 0 {
				first = sent
			}
			return 0
		}}
		load := Load{Process: "constant", Streams: []Stream{{"token", 10}}, Length: time.Second, Timeout: time.Minute}
		var trial Trial
		e := Experiment{
			Loads: []Load{load},
			Sides: map[Role]Side{Candidate: {
				Client:  NewClientTransport(time.Minute, tr),
				Prepare: func(context.Context, Load, []uint8, uint64) (Workload, error) { return workload{}, nil },
				Spent:   func() Spending { time.Sleep(3 * time.Second); return Spending{} },
			}},
			Store: func(t Trial) error { trial = t; return nil },
		}
		if err := e.Run(t.Context(), []Slot{{Role: Candidate, Seed: 1}}); err != nil {
			t.Fatal(err)
		}
		schedule, _, err := load.Draw(1)
		if err != nil {
			t.Fatal(err)
		}
		if want := first.Add(-schedule.Arrivals[0]); !trial.Started.Equal(want) {
			t.Errorf("started %v; want %v, %v before the first arrival", trial.Started, want, schedule.Arrivals[0])
		}
	})
}
