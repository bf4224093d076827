package experiment

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// burning is a workload that costs the generator more CPU than there is.
type burning struct {
	workload
	each time.Duration
}

func (b burning) Request(i int, t *vegeta.Target) {
	for until := time.Now().Add(b.each); time.Now().Before(until); {
	}
	b.workload.Request(i, t)
}

// side is one that is driven in memory.
func side(w generator.Workload) Side {
	return Side{
		Deployment: "memory", Client: generator.NewClientTransport(time.Minute, &memory{}),
		Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (generator.Workload, error) {
			return w, nil
		},
		Spent: func() bench.Spending { return bench.Spending{} },
	}
}

// The plant for validity: a generator that is asked for several times what it can do. Such a
// trial must not count, and the other rules must not hide it.
func TestSaturatedGeneratorIsExcluded(t *testing.T) {
	var trial bench.Trial
	e := Experiment{
		Loads: []bench.Load{{Process: "constant", Streams: []bench.Stream{{Scenario: "token", Rate: 1000}},
			Length: 300 * time.Millisecond, Timeout: time.Minute}},
		Sides: map[bench.Role]Side{bench.Candidate: side(burning{each: 5 * time.Millisecond})},
		Store: func(t bench.Trial) error { trial = t; return nil },
	}
	if err := e.Run(t.Context(), []bench.Slot{{Role: bench.Candidate, Seed: 1}}); err != nil {
		t.Fatal(err)
	}
	excluded := slices.ContainsFunc(trial.Excluded, func(why string) bool {
		return strings.HasPrefix(why, "the generator itself used")
	})
	// On a machine that others use it may not get what it asks for.
	share := trial.Generator.CPU.Seconds() / trial.Elapsed.Seconds() / float64(trial.Tuning.Processors)
	if excluded != (share > bench.MaxGeneratorShare) {
		t.Errorf("300 arrivals of 5 ms CPU in 300 ms: excluded for %q, %.0f %% of its processors, %+v", trial.Excluded,
			100*share, trial.Strain)
	}
	if trial.Strain.InFlight == 0 || trial.Strain.Goroutines == 0 || trial.Tuning.Processors == 0 {
		t.Errorf("strain %+v, tuning %+v; want both told", trial.Strain, trial.Tuning)
	}
}

// What excludes looks at what the generator used, never at its lag: a server that takes
// the cores makes it late.
func TestExclusionByTheGenerator(t *testing.T) {
	for name, c := range map[string]struct {
		trial bench.Trial
		want  bool
	}{
		"late with workers to spare": {bench.Trial{Strain: bench.Strain{LagP99: time.Second, InFlight: 10},
			Load: bench.Load{Workers: 100}}, false},
		"half of the arrivals dropped": {bench.Trial{Planned: 100, Sent: 50, Dropped: 50,
			Load: bench.Load{Workers: 9}}, false},
		"half of the arrivals missing": {bench.Trial{Planned: 100, Sent: 50}, true},
		"two processors, one core used": {bench.Trial{Elapsed: time.Second, Generator: bench.Usage{CPU: time.Second},
			Tuning: bench.Tuning{Processors: 2}}, false},
		"one processor, all of it used": {bench.Trial{Elapsed: time.Second, Generator: bench.Usage{CPU: time.Second},
			Tuning: bench.Tuning{Processors: 1}}, true},
		"a run older than the tuning": {bench.Trial{Elapsed: time.Second, Generator: bench.Usage{CPU: time.Second}},
			true},
	} {
		exclude(&c.trial)
		if got := len(c.trial.Excluded) > 0; got != c.want {
			t.Errorf("%s: excluded for %q; want %v", name, c.trial.Excluded, c.want)
		}
	}
}

// A server that closes every connection is measured with the making of connections in
// every response time: the reader is told.
func TestConnectionsForManyRequestsAreWarnedOf(t *testing.T) {
	for _, c := range []struct {
		made, sent int64
		want       int
	}{{20, 20, 0}, {21, 400, 1}, {21, 420, 0}, {400, 400, 1}, {0, 400, 0}} {
		trial := bench.Trial{Sent: c.sent, Connects: bench.Connects{Made: c.made}}
		if warn(&trial); len(trial.Warnings) != c.want {
			t.Errorf("%d connections for %d requests: %q", c.made, c.sent, trial.Warnings)
		}
	}
}

// A gap is told with its times, what failed in it, and whether the server came back.
func TestGapsAreWarnedOf(t *testing.T) {
	gap := bench.Gap{
		At: 3200 * time.Millisecond, Length: 900 * time.Millisecond, Operations: []string{"revoke", "token"},
		Outcomes: bench.Outcomes{Unreachable: 15, Timeout: 2}, Back: true,
	}
	for want, back := range map[string]bool{
		"no answer to revoke, token was right from 3.2 s of the trial until 4.1 s: 17 arrivals failed (2 timed out, " +
			"15 unreachable)": true,
		"no answer to revoke, token was right from 3.2 s of the trial until its end: 17 arrivals failed (2 timed " +
			"out, 15 unreachable)": false,
	} {
		gap.Back = back
		trial := bench.Trial{Gaps: []bench.Gap{gap}}
		if warn(&trial); !slices.Equal(trial.Warnings, []string{want}) {
			t.Errorf("warned of %q; want %q", trial.Warnings, want)
		}
	}
}
