package generator

import (
	"runtime"
	"sync/atomic"
)

// Counters tell how far an attack is. Safe for concurrent use.
type Counters struct {
	released, ended, failed, dropped atomic.Int64
	peak, goroutines                 atomic.Int64
	workers                          atomic.Int64
}

// Released is how many arrivals have become due and been given to a worker.
func (c *Counters) Released() int64 { return c.released.Load() }

// Ended is how many arrivals have ended, in whatever outcome.
func (c *Counters) Ended() int64 { return c.ended.Load() }

// Failed is how many arrivals have ended in anything but OK.
func (c *Counters) Failed() int64 { return c.failed.Load() }

// Dropped is how many arrivals were not sent because all workers were busy.
func (c *Counters) Dropped() int64 { return c.dropped.Load() }

// InFlight is how many arrivals were released and have not ended.
func (c *Counters) InFlight() int64 { return c.released.Load() - c.ended.Load() }

// Peak is how many arrivals were in flight at most, and how many goroutines there were
// then.
func (c *Counters) Peak() (inFlight, goroutines int64) { return c.peak.Load(), c.goroutines.Load() }

// Workers is how many workers there are, busy and idle.
func (c *Counters) Workers() int64 { return c.workers.Load() }

// release counts one more arrival, which brings those in flight to inFlight. It is called
// from one goroutine.
func (c *Counters) release(inFlight int64) {
	c.released.Add(1)
	if inFlight > c.peak.Load() {
		c.peak.Store(inFlight)
		c.goroutines.Store(int64(runtime.NumGoroutine()))
	}
}
