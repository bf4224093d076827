package experiment

import (
	"time"

	"oauthbench/bench"
)

// Arrival is one arrival that has ended, for those who watch a run: nothing is decided by it.
type Arrival struct {
	Slot       bench.Slot
	Deployment string
	Operation  string
	Response   time.Duration // as the recorder counts it
	LeadIn     bool          // It was due before the trial is recorded.
}

// Listen has f told of every arrival of the trials that begin from now on, one at a time and
// on the goroutine that collects results; nil ends it.
func (p *Progress) Listen(f func(Arrival)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener = f
}

// tell returns what a recorder is to tell of every arrival of a trial. Where nobody listens it
// is watch itself, so that listening costs nothing then.
func (p *Progress) tell(
	t bench.Trial, watch func(operation string, intended, response time.Duration),
) func(operation string, intended, response time.Duration) {
	if p == nil {
		return watch
	}
	p.mu.Lock()
	listener := p.listener
	p.mu.Unlock()
	if listener == nil {
		return watch
	}
	return func(operation string, intended, response time.Duration) {
		listener(Arrival{t.Slot, t.Deployment, operation, response, intended < t.Load.LeadIn})
		if watch != nil {
			watch(operation, intended, response)
		}
	}
}
