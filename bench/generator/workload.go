package generator

import (
	"context"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
)

// Workload is what a trial sends and what it expects back. Arrivals are numbered
// as in the Schedule, from 0; each number is asked for exactly once.
type Workload interface {
	// Request fills in arrival i. It runs on the clock, concurrently, within the
	// measured time: no I/O, no crypto, no lock, no encoding. The header may be
	// shared between requests; it is only read.
	Request(i int, t *vegeta.Target)
	// Check judges the answer to arrival i, off the clock and never concurrently.
	// It is asked only when a complete HTTP answer came back. It keeps the body or the
	// header at most, for r is used again.
	Check(i int, r *vegeta.Result) bench.Answer
	// Operation names what arrival i is a sample of, also when no answer came.
	Operation(i int) string
	// Verify checks, when the load is over, what could not be seen in any single
	// answer, such as that every revoked token is dead. It returns what it found
	// wrong; an error means that it could not look.
	Verify(ctx context.Context) ([]Finding, error)
}

// Finding is what Verify found wrong with an arrival that had seemed OK.
type Finding struct {
	Arrival int
	Answer  bench.Answer
}

// TooManyError is a load that cannot be prepared, for it has too many arrivals for its server. Where only the load
// itself shows that, Verify returns it, and the load does not count.
type TooManyError struct {
	Err error
	Fit int // about how many arrivals of the same mix can be prepared
}

func (e *TooManyError) Error() string { return e.Err.Error() }
func (e *TooManyError) Unwrap() error { return e.Err }

// Maker is a Workload that makes requests while it runs, before they are due.
type Maker interface {
	// Make makes one, and tells whether it did. It is called off the clock, from one goroutine,
	// while nothing is due for longer than the last one took.
	Make() bool
}

// Expecter is a Workload whose arrivals are cases of a matrix. The answer to arrival
// i is counted under Expectation(i), also when none came.
type Expecter interface {
	Expectation(i int) bench.Expectation
}

// Observer is a Workload that learns what no arrival can be blamed for.
type Observer interface {
	// Observed is asked once, after Verify.
	Observed() bench.Observation
}
