package generator

import (
	"sync/atomic"

	"oauthbench/bench"
)

// notSent is the answer of an arrival that was dropped.
var notSent = bench.Answer{Outcome: bench.Timeout, Case: "not sent: backlog"}

// backlog keeps which arrivals are sent and which are dropped. The pacer's goroutine
// writes, workers and the one that takes results read: each entry is written before the
// counter or the tick that makes it known.
type backlog struct {
	sent    []int32 // arrival of each send, in order
	dropped []int32
	n       atomic.Int64 // how many were dropped
	taken   int64
}

func newBacklog(arrivals int) *backlog {
	return &backlog{sent: make([]int32, arrivals), dropped: make([]int32, arrivals)}
}

func (b *backlog) send(k, arrival int) { b.sent[k] = int32(arrival) }

func (b *backlog) drop(arrival int) {
	n := b.n.Load()
	b.dropped[n] = int32(arrival)
	b.n.Store(n + 1)
}

// arrival is which one the k-th send is of. Without a backlog to drop, all are sent.
func (b *backlog) arrival(k int) int {
	if b == nil {
		return k
	}
	return int(b.sent[k])
}

// take returns the arrivals that were dropped since the last call.
func (b *backlog) take() []int32 {
	if b == nil {
		return nil
	}
	from := b.taken
	b.taken = b.n.Load()
	return b.dropped[from:b.taken]
}
