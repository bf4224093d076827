package bench

import (
	"runtime/debug"
	"time"
)

// Strain is what a load took out of the generator itself: figures to look at before any
// latency is believed. Its CPU time and memory are Trial.Generator.
type Strain struct {
	// Pauses of the garbage collector stop every send. PauseMax is over the last 256.
	Pauses     int64         `json:"gc_pauses"`
	PauseTotal time.Duration `json:"gc_pause_total_ns"`
	PauseMax   time.Duration `json:"gc_pause_max_ns"`
	// Send lag over all operations, the lead-in left out.
	LagP50 time.Duration `json:"send_lag_p50_ns"`
	LagP99 time.Duration `json:"send_lag_p99_ns"`
	LagMax time.Duration `json:"send_lag_max_ns"`
	// InFlight is how many arrivals were released and had not ended, at most, and
	// Goroutines how many the process had then.
	InFlight   int64 `json:"peak_in_flight"`
	Goroutines int64 `json:"peak_goroutines"`
}

// lag sums up the send lag of all operations.
func (s *Strain) lag(ms []Measurement) {
	all := NewHistogram()
	for _, m := range ms {
		all.Merge(m.SendLag)
	}
	qs := all.Quantiles(.5, .99)
	s.LagP50, s.LagP99, s.LagMax = qs[0], qs[1], all.Max()
}

// collections is a reading of the garbage collector.
type collections struct{ debug.GCStats }

func readCollections() (c collections) {
	debug.ReadGCStats(&c.GCStats)
	return c
}

// since fills in the pauses between two readings.
func (c collections) since(before collections, s *Strain) {
	s.Pauses = c.NumGC - before.NumGC
	s.PauseTotal = c.PauseTotal - before.PauseTotal
	s.PauseMax = 0
	for i := range min(int(s.Pauses), len(c.Pause)) { // the most recent first
		s.PauseMax = max(s.PauseMax, c.Pause[i])
	}
}
