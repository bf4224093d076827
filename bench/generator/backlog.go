package generator

import (
	"sync"

	"github.com/oauthbench/oauthbench/bench"
)

// notSent is the answer of an arrival that was dropped.
var notSent = bench.Answer{Outcome: bench.Timeout, Case: "not sent: backlog"}

// backlog keeps which arrivals were dropped, until somebody takes them. A nil backlog drops none.
// Safe for concurrent use.
type backlog struct {
	mu      sync.Mutex
	dropped []int
}

func (b *backlog) drop(arrival int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropped = append(b.dropped, arrival)
}

// take returns the arrivals that were dropped since the last call.
func (b *backlog) take() []int {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.dropped
	b.dropped = nil
	return taken
}
