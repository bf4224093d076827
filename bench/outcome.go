package bench

import (
	"fmt"
	"slices"
)

// Outcome is how one arrival ended. There is deliberately no "error": a refusal
// that was not expected, a wrong answer and a dead server are different news.
type Outcome uint8

const (
	// OK is the answer the protocol asks for, expected refusals included.
	OK Outcome = iota
	// Rejected is a complete answer, but an unexpected refusal: a 4xx or 5xx.
	Rejected
	// Invalid is an answer that is wrong: a revoked token called active.
	Invalid
	// Timeout is no complete answer within the load's timeout.
	Timeout
	// Unreachable is no connection, or one that broke before the answer was whole.
	Unreachable
	// Unable is an arrival that this machine could not send, for want of descriptors, ports
	// or memory. It says nothing of the server, and its trial does not count.
	Unable

	outcomeCount = iota
)

var outcomeNames = [outcomeCount]string{"ok", "rejected", "invalid", "timeout", "unreachable", "unable"}

// String is the outcome's name in files and tables.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// MarshalText writes the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome's name.
func (o *Outcome) UnmarshalText(text []byte) error {
	i := slices.Index(outcomeNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown outcome %q", text)
	}
	*o = Outcome(i)
	return nil
}

// Outcomes counts arrivals by outcome.
type Outcomes struct {
	OK          int64 `json:"ok"`
	Rejected    int64 `json:"rejected"`
	Invalid     int64 `json:"invalid"`
	Timeout     int64 `json:"timeout"`
	Unreachable int64 `json:"unreachable"`
	Unable      int64 `json:"unable,omitempty"`
}

// Add counts n more arrivals that ended in o.
func (c *Outcomes) Add(o Outcome, n int64) {
	*[outcomeCount]*int64{&c.OK, &c.Rejected, &c.Invalid, &c.Timeout, &c.Unreachable, &c.Unable}[o] += n
}

// Merge adds all counts of o.
func (c *Outcomes) Merge(o Outcomes) {
	c.OK += o.OK
	c.Rejected += o.Rejected
	c.Invalid += o.Invalid
	c.Timeout += o.Timeout
	c.Unreachable += o.Unreachable
	c.Unable += o.Unable
}

// Total is the number of arrivals, however they ended.
func (c Outcomes) Total() int64 { return c.OK + c.Failed() }

// Failed is the number of arrivals that ended in anything but OK.
func (c Outcomes) Failed() int64 {
	return c.Rejected + c.Invalid + c.Timeout + c.Unreachable + c.Unable
}

// Answer is the judgement of one HTTP answer.
type Answer struct {
	Outcome Outcome
	// Case says in a few words what was wrong, "" when OK. It must come from a small
	// fixed set (never from the server's text), because cases are counted.
	Case string
}
