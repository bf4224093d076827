package bench

import "time"

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
	// StoodStill is how long the generator did not run at all and did not wait for a
	// processor either: stopped by a signal, frozen, or paused with its machine. Stretches
	// below MinStandstill are not counted.
	StoodStill time.Duration `json:"stood_still_ns,omitempty"`
	// InFlight is how many arrivals were released and had not ended, at most, and
	// Goroutines how many the process had then.
	InFlight   int64 `json:"peak_in_flight"`
	Goroutines int64 `json:"peak_goroutines"`
}
