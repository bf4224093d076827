package experiment

import (
	"time"

	"github.com/oauthbench/oauthbench/bench"
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

// watch returns what a recorder is to tell of every arrival of a trial: it is added to what was
// seen so far, and told to whoever listens, and to also unless that is nil.
func (p *Progress) watch(
	t bench.Trial, also func(operation string, intended, response time.Duration),
) func(operation string, intended, response time.Duration) {
	if p == nil {
		return also
	}
	p.mu.Lock()
	listener := p.listener
	p.mu.Unlock()
	return func(operation string, intended, response time.Duration) {
		a := Arrival{t.Slot, t.Deployment, operation, response, intended < t.Load.LeadIn}
		p.seen.add(a)
		if listener != nil {
			listener(a)
		}
		if also != nil {
			also(operation, intended, response)
		}
	}
}
