package loop

import (
	"time"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// Exchange is one request and what became of it.
type Exchange struct {
	// Number is the feed's own.
	Number  int
	Request http1.Request
	// Began is before the request was made, Ended when the last byte of the answer had come, or what came
	// instead.
	Began, Ended time.Time
	// Read is when the loop had the answer, by its own clock, which Ended need not come from: the feed may be told
	// much later, for sending goes before.
	Read time.Time
	// Answer is whole when Err is nil.
	Answer http1.Answer
	Err    error

	out      []byte
	to       http1.Destination
	sent     int // bytes of out that have left
	deadline time.Time
	phase    phase
	listed   bool // It is among the deadlines.
	away     bool // A goroutine has it.
	line     *line

	older, younger *Exchange // among those that have a deadline
}

// phase is how far an exchange is.
type phase uint8

const (
	made    phase = iota // nothing has left, or all of it
	sending              // The system took a part of the request, and no more for now.
	partial              // A part of the answer has come.
	ended
)

// become sets the phase, and tells by how much it changes the number of those that are sending or partial.
func (x *Exchange) become(next phase) (more int) {
	slow := func(p phase) bool { return p == sending || p == partial }
	if slow(x.phase) {
		more--
	}
	if slow(next) {
		more++
	}
	x.phase = next
	return more
}

// spares are exchanges that nobody uses.
type spares []*Exchange

func (s *spares) take() *Exchange {
	n := len(*s)
	if n == 0 {
		return &Exchange{}
	}
	x := (*s)[n-1]
	*s = (*s)[:n-1]
	return x
}

func (s *spares) put(x *Exchange) {
	if x.away {
		return // Who has it will look at it once more.
	}
	out := x.out[:0]
	if cap(out) > large {
		out = nil
	}
	*x = Exchange{out: out}
	*s = append(*s, x)
}

// deadlines are the loop's own exchanges that are under way, in the order of their deadlines.
type deadlines struct{ oldest, youngest *Exchange }

// add adds the one whose deadline is the last. Without a timeout none has one, and all are in it.
func (d *deadlines) add(x *Exchange) {
	x.older, x.younger, x.listed = d.youngest, nil, true
	if d.youngest == nil {
		d.oldest = x
	} else {
		d.youngest.younger = x
	}
	d.youngest = x
}

func (d *deadlines) remove(x *Exchange) {
	if x.older == nil {
		d.oldest = x.younger
	} else {
		x.older.younger = x.younger
	}
	if x.younger == nil {
		d.youngest = x.older
	} else {
		x.younger.older = x.older
	}
	x.older, x.younger, x.listed = nil, nil, false
}
