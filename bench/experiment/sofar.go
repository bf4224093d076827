package experiment

import (
	"slices"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// mostRecent bounds how many response times are kept between two looks.
const mostRecent = 10_000

// soFar is what was seen of response times until now, for those who watch a run: nothing is
// decided by it. The zero value is ready; safe for concurrent use.
type soFar struct {
	mu     sync.Mutex
	all    map[bench.Role]*bench.Histogram // of trials that are no warm-ups
	recent []time.Duration                 // since somebody took them
	failed int64                           // of the trials that have ended
}

func (f *soFar) add(a Arrival) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.recent) < mostRecent {
		f.recent = append(f.recent, a.Response)
	}
	if a.Slot.Warmup || a.LeadIn {
		return
	}
	if f.all == nil {
		f.all = map[bench.Role]*bench.Histogram{}
	}
	if f.all[a.Slot.Role] == nil {
		f.all[a.Slot.Role] = bench.NewHistogram()
	}
	f.all[a.Slot.Role].Record(a.Response)
}

// SoFar is a quantile of the response times so far of a version, all operations together,
// warm-ups and lead-ins apart; 0 before the first.
func (p *Progress) SoFar(role bench.Role, quantile float64) time.Duration {
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	if h := p.seen.all[role]; h != nil {
		return h.Quantile(quantile)
	}
	return 0
}

// TakeRecent is a quantile of the response times since it was last called, 0 when there were
// none. It is for one caller: another would take from it.
func (p *Progress) TakeRecent(quantile float64) time.Duration {
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	n := len(p.seen.recent)
	if n == 0 {
		return 0
	}
	slices.Sort(p.seen.recent)
	d := p.seen.recent[min(int(quantile*float64(n)), n-1)]
	p.seen.recent = p.seen.recent[:0]
	return d
}

// Failed is how many requests of all trials so far ended in anything but OK.
func (p *Progress) Failed() int64 {
	p.seen.mu.Lock()
	failed := p.seen.failed
	p.seen.mu.Unlock()
	if now := p.Now(); now.Counters != nil && !now.over {
		failed += now.Counters.Failed()
	}
	return failed
}
