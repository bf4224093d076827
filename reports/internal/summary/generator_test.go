package summary_test

import (
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

func TestGeneratorWords(t *testing.T) {
	one := bench.Trial{Tuning: bench.Tuning{Pacing: bench.Precise, Processors: 1}, Strain: bench.Strain{InFlight: 7}}
	bound := bench.Trial{
		Tuning: bench.Tuning{Pacing: bench.Precise, Processors: 2, Spin: 30 * time.Microsecond,
			CPUs: bench.CPUList{0, 1}},
		Strain: bench.Strain{InFlight: 9},
	}
	warm := bound
	warm.Warmup = true
	for name, c := range map[string]struct {
		trials []bench.Trial
		want   string
	}{
		"runs older than the tuning tell nothing": {[]bench.Trial{{}}, ""},
		"alike": {[]bench.Trial{one, one},
			"generator: precise pacing, GOMAXPROCS 1; at most 7 requests in flight"},
		"warm-ups do not count": {[]bench.Trial{warm, one},
			"generator: precise pacing, GOMAXPROCS 1; at most 7 requests in flight"},
		"all that there is": {[]bench.Trial{bound},
			"generator: precise pacing (the last 30.0 µs of each wait by looking at the clock), GOMAXPROCS 2, bound " +
				"to CPU 0-1; at most 9 requests in flight"},
	} {
		s := &summary.Summary{Run: &bench.Run{Trials: c.trials}}
		if got := summary.GeneratorNote(s); got != c.want {
			t.Errorf("%s: %q; want %q", name, got, c.want)
		}
	}
}

func TestWakeupWords(t *testing.T) {
	us := time.Microsecond
	for want, w := range map[string]bench.Wakeups{
		"precise; a precise wait is late by 25.0 µs at P50 and 90.0 µs at P99, a relaxed one by 540 µs and 1.10 ms": {
			PreciseP50: 25 * us, PreciseP99: 90 * us, RelaxedP50: 540 * us, RelaxedP99: 1100 * us},
		"relaxed; precise waiting cannot be had here, a relaxed one by 540 µs and 1.10 ms": {RelaxedP50: 540 * us,
			RelaxedP99: 1100 * us},
	} {
		if got := summary.WakeupWords(w); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}
