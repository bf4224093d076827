package generator

import (
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// shift is one of vegeta's attacks; several in a row send one schedule.
//
// An attack starts another worker whenever none is free, and ends none before it ends
// itself: after a stall it would keep thousands for nothing. So when most workers of a
// shift have nothing to do, another one takes the schedule over, and the workers of the one
// before end with what they have in flight.
type shift struct {
	first   int       // The shift's first send is this one of the whole attack.
	began   time.Time // A shift lasts shiftLength at least.
	workers int64     // It may have this many.
	peak    int64     // So many arrivals were in flight at most.
}

const (
	// A shift begins with firstWorkers workers, unless fewer are allowed.
	firstWorkers = 10
	// The schedule is not handed over more often than every shiftLength.
	shiftLength = 5 * time.Second
	// What is still in flight when a shift begins counts against its workers, so that there
	// are never more than the load allows. It may be this part of them.
	leftOver = 1. / 16
)

// over tells whether the next arrivals should go to another shift, with so many in flight
// of all that the load allows: when less than half of this one's workers are in use.
func (s *shift) over(inFlight, allowed int64) bool {
	return s.peak >= firstWorkers && 2*inFlight <= s.peak && float64(inFlight) <= leftOver*float64(allowed) &&
		time.Since(s.began) >= shiftLength
}

// attacker returns the attacker of this shift.
//
// Note: every shift has a new vegeta.Attacker; a used one silently sends nothing.
func (s *shift) attacker(c *Client) *vegeta.Attacker {
	return vegeta.NewAttacker(
		vegeta.Client(c.HTTP()),
		vegeta.Workers(uint64(min(s.workers, firstWorkers))),
		vegeta.MaxWorkers(uint64(s.workers)),
		vegeta.MaxBody(MaxBody),
	)
}
