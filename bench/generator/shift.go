package generator

import (
	"time"
)

// leg is one of vegeta's attacks. It starts another worker whenever none is free, and ends
// none before the attack does: after a stall thousands would be kept for nothing. So
// when many have nothing to do, another attack takes the schedule over, and the workers of
// the one before end with what they have in flight.
type leg struct {
	first   int       // send that vegeta calls its number 0
	began   time.Time // by which no leg is short
	workers int64     // that it may have
	peak    int64     // most arrivals in flight so far
}

const (
	// firstWorkers is how many workers a leg begins with, unless fewer are allowed.
	firstWorkers = 10
	// legLength is the least time between two legs.
	legLength = 5 * time.Second
	// What is still in flight as a leg begins counts against its workers, so that there are
	// never more than the load allows; it may be this part of them.
	leftOver = 1. / 16
)

// over tells whether so many in flight, of all that a load allows, should go on in another
// leg: less than half of this one's workers are in use.
func (l *leg) over(inFlight, allowed int64) bool {
	return l.peak >= firstWorkers && 2*inFlight <= l.peak && float64(inFlight) <= leftOver*float64(allowed) &&
		time.Since(l.began) >= legLength
}
