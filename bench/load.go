package bench

import (
	"errors"
	"fmt"
	"time"
)

// ClosedLoop is the Process of a load whose arrivals are due when others have been
// answered: Workers are always in flight, and Length says nothing.
const ClosedLoop = "closed"

// DefaultMaxWorkers bounds goroutines and connections when a server hangs.
const DefaultMaxWorkers = 2048

// Load is what one trial asks of a deployment. The zero value is no load.
type Load struct {
	Process string        `json:"process"` // name of an arrival Process
	Streams []Stream      `json:"streams"`
	LeadIn  time.Duration `json:"lead_in_ns"`  // sent, not recorded
	Length  time.Duration `json:"length_ns"`   // lead-in included
	Timeout time.Duration `json:"timeout_ns"`  // of one request, from its send
	Workers int           `json:"max_workers"` // requests in flight at most
	// Transport is how the requests were sent; "" in runs older than the choice: Std.
	Transport Transport `json:"transport,omitempty"`
	// Pacing is how the generator waits; "" in runs older than the choice: Precise.
	Pacing Pacing `json:"pacing,omitempty"`
	// CatchUp is what becomes of arrivals due while all workers are busy; "" is Burst.
	CatchUp CatchUp `json:"catch_up,omitempty"`
	// CPUs are those that the generator is bound to, none for no binding.
	CPUs CPUList `json:"generator_cpus,omitzero"`
	// Priority is asked for the generator's threads while they send.
	Priority Priority `json:"generator_priority,omitempty"`
}

// Stream is the part of a load that one scenario sends.
type Stream struct {
	Scenario string  `json:"scenario"`
	Rate     float64 `json:"rate"` // offered, requests per second
}

// Rate is the offered rate of all streams together, requests per second.
func (l Load) Rate() float64 {
	var sum float64
	for _, s := range l.Streams {
		sum += s.Rate
	}
	return sum
}

// Draw makes a trial's schedule: streams of their own seeds, which one schedule merges. The
// same seed draws the same.
func (l Load) Draw(seed uint64) (Schedule, error) {
	if len(l.Streams) == 0 {
		return Schedule{}, errors.New("a load needs at least one stream")
	}
	var streams []stream
	for i, s := range l.Streams {
		// What is wrong with the rate or the length of one is said of that one.
		one, err := Draw(l.Process, Constant(s.Rate, l.Length), seed+uint64(i)*0x9e3779b97f4a7c15)
		if err != nil {
			return Schedule{}, fmt.Errorf("%s: %w", s.Scenario, err)
		}
		streams = append(streams, one.drawing.streams...)
	}
	whole := Constant(l.Rate(), l.Length)
	if arrivals := whole[0].arrivals(); arrivals > float64(MaxArrivals) {
		return Schedule{}, tooMany(arrivals)
	}
	return draw(l.Process, whole, l.Length, streams)
}

// Transport is how a client speaks HTTP/1.1.
type Transport string

const (
	// Sync is bench/http1: on the worker's own goroutine, nothing ever sent twice.
	Sync Transport = "sync"
	// Std is net/http's, the cross-check. It sends a request again by itself when a kept
	// connection turns out to be closed and it takes the request for repeatable.
	Std Transport = "std"
)

// Transports are all of them, the default first.
var Transports = []Transport{Sync, Std}

// CatchUp is what happens to arrivals that become due while all workers are busy, as
// when a server hangs.
type CatchUp string

const (
	// Burst keeps them waiting and sends them as soon as workers are free: at once after
	// a stall, far above the offered rate. That is what users do who wait.
	Burst CatchUp = "burst"
	// Drop sends none of them. Each counts as a timeout, "not sent: backlog", so the
	// offered rate stays what it is and no arrival is left out of the figures.
	Drop CatchUp = "none"
)

// CatchUps are all of them, the default first.
var CatchUps = []CatchUp{Burst, Drop}
