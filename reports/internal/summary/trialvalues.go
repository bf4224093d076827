package summary

import (
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// SendLag is the P99 of the operation whose requests left latest, in milliseconds.
func (s *Summary) SendLag(t *bench.Trial) (float64, bool) {
	worst, known := 0.0, false
	for _, m := range t.Measurements {
		if m.SendLag != nil && m.SendLag.Count() > 0 {
			worst, known = max(worst, units.Milliseconds(s.quantiles(m.SendLag)[2])), true
		}
	}
	return worst, known
}

// Cores is the mean number of cores kept busy.
func Cores(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return of(t).CPU.Seconds() / t.Elapsed.Seconds(), of(t).Known && t.Elapsed > 0
	}
}

// CpuPerRequest is CPU time for one request, in milliseconds.
func CpuPerRequest(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return float64(of(t).CPU) / float64(time.Millisecond) / float64(t.Sent), of(t).Known && t.Sent > 0
	}
}

// PeakMemory is in mebibytes.
func PeakMemory(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return float64(of(t).PeakRSS) / (1 << 20), of(t).Known && of(t).PeakRSS > 0
	}
}

// Heap is in mebibytes, read when the trial's load had just ended.
func Heap(t *bench.Trial) (float64, bool) {
	if t.Runtime == nil {
		return 0, false
	}
	return float64(t.Runtime.Heap) / (1 << 20), t.Runtime.Heap > 0
}

func Goroutines(t *bench.Trial) (float64, bool) {
	if t.Runtime == nil {
		return 0, false
	}
	return float64(t.Runtime.Goroutines), t.Runtime.Goroutines > 0
}

func StatementsPerRequest(t *bench.Trial) (float64, bool) {
	if t.Counters == nil || len(t.Counters.Statements) == 0 || t.Sent == 0 {
		return 0, false
	}
	return float64(t.Counters.Calls()) / float64(t.Sent), true
}
