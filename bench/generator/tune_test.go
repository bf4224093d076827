package generator

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

func TestFit(t *testing.T) {
	at := func(rate float64) bench.Load {
		return bench.Load{Streams: []bench.Stream{{Scenario: "token", Rate: rate}}}
	}
	bound := at(50_000)
	bound.CPUs = bench.CPUList{2}
	relaxed := at(50_000)
	relaxed.Pacing = bench.Relaxed
	for name, c := range map[string]struct {
		load       bench.Load
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
		got := fit(c.load, c.cores)
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
	tuning, restore, err := Tune(bench.Load{Streams: []bench.Stream{{Scenario: "token", Rate: 100}},
		Pacing: bench.Relaxed})
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
