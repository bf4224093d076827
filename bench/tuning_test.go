package bench

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

func TestFit(t *testing.T) {
	at := func(rate float64) Load { return Load{Streams: []Stream{{"token", rate}}} }
	bound := at(50_000)
	bound.CPUs = CPUList{2}
	relaxed := at(50_000)
	relaxed.Pacing = Relaxed
	for name, c := range map[string]struct {
		load       Load
		cores      int
		processors int
		spins      bool
	}{
		"one core":                         {at(100), 1, 1, false},
		"two cores: one is the server's":   {at(50_000), 2, 1, false},
		"four: spins, and one to answer":   {at(1000), 4, 2, true},
		"eight, a rate that one carries":   {at(1000), 8, 2, true},
		"eight, a rate that needs three":   {at(25_000), 8, 4, true},
		"sixty-four, as many as it needs":  {at(25_000), 64, 4, true},
		"never more than half":             {at(1_000_000), 8, 4, true},
		"relaxed pacing does not spin":     {relaxed, 32, 5, false},
		"bound to one CPU of a large host": {bound, 64, 1, false},
	} {
		got := c.load.fit(c.cores)
		if !canAlarm {
			c.spins, got.Spin = false, 0
		}
		if got.Processors != c.processors || (got.Spin > 0) != c.spins {
			t.Errorf("%s: %+v; want %d processors, spinning %v", name, got, c.processors, c.spins)
		}
	}
}

// After a trial the process is as it was, whatever the trial chose.
func TestTuneIsTakenBack(t *testing.T) {
	before := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(before)
	tuning, restore, err := Load{Streams: []Stream{{"token", 100}}, Pacing: Relaxed}.tune()
	if err != nil {
		t.Fatal(err)
	}
	if got := runtime.GOMAXPROCS(0); got != 1 || tuning.Processors != 1 {
		t.Errorf("GOMAXPROCS %d while tuned to %d; want 1", got, tuning.Processors)
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if got := runtime.GOMAXPROCS(0); got != 4 {
		t.Errorf("GOMAXPROCS %d afterwards; want 4 again", got)
	}
}

func TestCPUList(t *testing.T) {
	for text, want := range map[string]CPUList{
		"0": {0}, "0-3": {0, 1, 2, 3}, "3,1": {1, 3}, "0-1,1-2,8": {0, 1, 2, 8}, "1023": {1023},
	} {
		got, err := ParseCPUList(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q = %v, %v; want %v", text, got, err, want)
		}
		again, err := ParseCPUList(got.String())
		if err != nil || !slices.Equal(again, got) {
			t.Errorf("%q is written as %q, which reads as %v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "-1", "1-", "-", "3-1", "a", "0,", "1024", "0-99999", " 1", "+1"} {
		if got, err := ParseCPUList(text); err == nil {
			t.Errorf("%q = %v; want an error", text, got)
		}
	}
}

func TestBest(t *testing.T) {
	us := time.Microsecond
	for want, all := range map[Pacing][]Wakeups{
		Precise: {{PreciseP50: 25 * us, RelaxedP50: 540 * us}, {PreciseP50: 70 * us, RelaxedP50: 150 * us}},
		Relaxed: {{RelaxedP50: 540 * us}, {PreciseP50: 500 * us, RelaxedP50: 540 * us}, {}},
	} {
		for _, w := range all {
			if got := w.Best(); got != want {
				t.Errorf("%+v: %s; want %s", w, got, want)
			}
		}
	}
}

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
func side(w Workload) Side {
	return Side{
		Deployment: "memory", Client: NewClientTransport(time.Minute, &transport{}),
		Prepare: func(context.Context, Load, []uint8, uint64) (Workload, error) { return w, nil },
		Spent:   func() Spending { return Spending{} },
	}
}

// The plant for validity: a generator that is asked for several times what it can do. Such a
// trial must not count, and the other rules must not hide it.
func TestSaturatedGeneratorIsExcluded(t *testing.T) {
	var trial Trial
	e := Experiment{
		Loads: []Load{{Process: "constant", Streams: []Stream{{"token", 1000}}, Length: 300 * time.Millisecond, Timeout: time.Minute}},
		Sides: map[Role]Side{Candidate: side(burning{each: 5 * time.Millisecond})},
		Store: func(t Trial) error { trial = t; return nil },
	}
	if err := e.Run(t.Context(), []Slot{{Role: Candidate, Seed: 1}}); err != nil {
		t.Fatal(err)
	}
	excluded := slices.ContainsFunc(trial.Excluded, func(why string) bool { return strings.HasPrefix(why, "the generator itself used") })
	// On a machine that others use it may not get what it asks for.
	share := trial.Generator.CPU.Seconds() / trial.Elapsed.Seconds() / float64(trial.Tuning.Processors)
	if excluded != (share > MaxGeneratorShare) {
		t.Errorf("300 arrivals of 5 ms CPU in 300 ms: excluded for %q, %.0f %% of its processors, %+v", trial.Excluded, 100*share, trial.Strain)
	}
	if trial.Strain.InFlight == 0 || trial.Strain.Goroutines == 0 || trial.Tuning.Processors == 0 {
		t.Errorf("strain %+v, tuning %+v; want both told", trial.Strain, trial.Tuning)
	}
}

// What excludes looks at what the generator used, never at its lag: a server that takes
// the cores makes it late.
func TestExclusionByTheGenerator(t *testing.T) {
	for name, c := range map[string]struct {
		trial Trial
		want  bool
	}{
		"late with workers to spare":    {Trial{Strain: Strain{LagP99: time.Second, InFlight: 10}, Load: Load{Workers: 100}}, false},
		"half of the arrivals dropped":  {Trial{Planned: 100, Sent: 50, Dropped: 50, Load: Load{Workers: 9}}, false},
		"half of the arrivals missing":  {Trial{Planned: 100, Sent: 50}, true},
		"two processors, one core used": {Trial{Elapsed: time.Second, Generator: Usage{CPU: time.Second}, Tuning: Tuning{Processors: 2}}, false},
		"one processor, all of it used": {Trial{Elapsed: time.Second, Generator: Usage{CPU: time.Second}, Tuning: Tuning{Processors: 1}}, true},
		"a run older than the tuning":   {Trial{Elapsed: time.Second, Generator: Usage{CPU: time.Second}}, true},
	} {
		c.trial.exclude()
		if got := len(c.trial.Excluded) > 0; got != c.want {
			t.Errorf("%s: excluded for %q; want %v", name, c.trial.Excluded, c.want)
		}
	}
}

// The alarm keeps its word: it never rings early by more than the clock's grain, and an
// interrupt ends it at once and for good.
func TestAlarm(t *testing.T) {
	a, err := newAlarm()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("no kernel timers here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	for _, d := range []time.Duration{1, time.Microsecond, 300 * time.Microsecond, 3 * time.Millisecond} {
		for range 20 {
			due := time.Now().Add(d)
			for left := time.Until(due); left > 0; left = time.Until(due) {
				if err := a.sleep(left); err != nil {
					t.Fatal(err)
				}
			}
			if time.Now().Before(due) {
				t.Errorf("woke before %v were over", d)
			}
		}
	}
	ended := make(chan error)
	go func() { ended <- a.sleep(time.Hour) }()
	a.interrupt()
	if err := <-ended; err == nil {
		t.Error("an hour was slept although it was interrupted")
	}
	if err := a.sleep(time.Hour); err == nil {
		t.Error("an hour was slept after an interrupt")
	}
}
