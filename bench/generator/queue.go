package generator

import (
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// queueWatch follows how many arrivals are due and not answered. It is told of ends in about
// the order of their times; its memory depends on neither arrivals nor ends.
type queueWatch struct {
	due      func(arrival int) time.Duration // its intended start; they ascend
	arrivals int
	leadIn   time.Duration
	last     time.Duration // The last of them is due then.

	next int           // first arrival that was not due at
	at   time.Duration // the last event
	n    int64         // arrivals that were due and not answered then

	answered time.Duration // when the last answer came
	left     int64         // how many waited after it; 0 when nothing follows from the next
	queue    bench.Queue
}

// end takes the end of an arrival; answer is false where none came, which tells nothing of
// what the server was at.
func (w *queueWatch) end(at time.Duration, answer bool) {
	at = max(at, w.at) // Of ends close to each other the later may be told of first.
	for w.next < w.arrivals && w.due(w.next) <= at {
		w.pass(w.due(w.next))
		w.n++
		w.next++
	}
	w.pass(at)
	w.n = max(w.n-1, 0)
	if answer && w.left > 0 && w.answered >= w.leadIn {
		w.queue.Add(w.left, at-w.answered)
	}
	w.answered, w.left = at, w.n
	if !answer {
		w.left = 0
	}
}

// pass counts the time until the next event.
func (w *queueWatch) pass(to time.Duration) {
	d := min(to, max(w.last, w.leadIn)) - max(w.at, w.leadIn)
	w.at = max(w.at, to)
	if d <= 0 {
		return
	}
	w.queue.Observed += d
	if w.n >= 1 {
		w.queue.Busy += d
	}
	if w.n >= 2 {
		w.queue.Waiting += d
	}
}
