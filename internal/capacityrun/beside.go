package capacityrun

import (
	"time"

	"github.com/oauthbench/oauthbench/bench/capacity/searches"
)

// beside is what trials take beside their length, as those before them did: the budget holds for all
// of it. The zero value has seen none.
type beside struct {
	request time.Duration // request is what preparing and verifying took for each request, at most.
	restart time.Duration // restart is what the last fresh start took.
}

// besideEach is what a trial takes beside its length whatever it sends.
const besideEach = 500 * time.Millisecond

// saw learns from a trial that took so much more than its load.
func (b *beside) saw(o searches.Order, more time.Duration) {
	requests := o.Rate * o.Length.Seconds()
	if requests >= 1 {
		b.request = max(b.request, time.Duration(float64(more-besideEach)/requests))
	}
}

// takes is what a trial will take in all.
func (b *beside) takes(o searches.Order) time.Duration {
	all := o.Wait + o.Length + besideEach + time.Duration(o.Rate*o.Length.Seconds()*float64(b.request))
	if o.Fresh {
		all += b.restart
	}
	return all
}
