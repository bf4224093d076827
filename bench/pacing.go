package bench

import "time"

// Pacing is how the generator waits for the next arrival.
type Pacing string

const (
	// Precise waits with a timer of the kernel (see alarm): each arrival wakes the
	// process on its own, some 25 µs late.
	Precise Pacing = "precise"
	// Relaxed waits with the runtime's timers: half a millisecond late on average. At
	// high rates several arrivals share a wake-up, which saves CPU.
	Relaxed Pacing = "relaxed"
)

// Pacings are all of them, the default first where it can be had.
var Pacings = []Pacing{Precise, Relaxed}

// Wakeups is how late a waiting goroutine is woken on this machine.
type Wakeups struct {
	PreciseP50 time.Duration `json:"precise_p50_ns"` // all 0 where there is no precise pacing
	PreciseP99 time.Duration `json:"precise_p99_ns"`
	RelaxedP50 time.Duration `json:"relaxed_p50_ns"`
	RelaxedP99 time.Duration `json:"relaxed_p99_ns"`
}

// Best is the pacing that suits the machine: Precise, unless it cannot be had or does not
// at least halve the median. An emulated kernel may have the calls and not the clock.
func (w Wakeups) Best() Pacing {
	if w.PreciseP50 > 0 && 2*w.PreciseP50 < w.RelaxedP50 {
		return Precise
	}
	return Relaxed
}
