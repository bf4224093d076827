package summary

import (
	"oauthbench/bench"
	"time"
)

// sendLag is the P99 of the operation whose requests left latest, in milliseconds.
func (s *summary) sendLag(t *bench.Trial) (float64, bool) {
	worst, known := 0.0, false
	for _, m := range t.Measurements {
		if m.SendLag != nil && m.SendLag.Count() > 0 {
			worst, known = max(worst, milliseconds(s.quantiles(m.SendLag)[2])), true
		}
	}
	return worst, known
}

// cores is the mean number of cores kept busy.
func cores(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return of(t).CPU.Seconds() / t.Elapsed.Seconds(), of(t).Known && t.Elapsed > 0
	}
}

// cpuPerRequest is CPU time for one request, in milliseconds.
func cpuPerRequest(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return float64(of(t).CPU) / float64(time.Millisecond) / float64(t.Sent), of(t).Known && t.Sent > 0
	}
}

// peakMemory is in mebibytes.
func peakMemory(of func(*bench.Trial) bench.Usage) func(*bench.Trial) (float64, bool) {
	return func(t *bench.Trial) (float64, bool) {
		return float64(of(t).PeakRSS) / (1 << 20), of(t).Known && of(t).PeakRSS > 0
	}
}

// heap is in mebibytes, read when the trial's load had just ended.
func heap(t *bench.Trial) (float64, bool) {
	if t.Runtime == nil {
		return 0, false
	}
	return float64(t.Runtime.Heap) / (1 << 20), t.Runtime.Heap > 0
}

func goroutines(t *bench.Trial) (float64, bool) {
	if t.Runtime == nil {
		return 0, false
	}
	return float64(t.Runtime.Goroutines), t.Runtime.Goroutines > 0
}

func statementsPerRequest(t *bench.Trial) (float64, bool) {
	if t.Counters == nil || len(t.Counters.Statements) == 0 || t.Sent == 0 {
		return 0, false
	}
	return float64(t.Counters.Calls()) / float64(t.Sent), true
}
