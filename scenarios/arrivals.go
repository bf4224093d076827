package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
	"oauthbench/scenarios/notebook"
)

// arrivals are the requests of one trial, encoded beforehand, each a case of the
// matrix. Requests that may be sent again are shared.
type arrivals struct {
	requests []*oauth.Request
	rules    []*rule
	book     *notebook.Book
	guest    bool // the server is not ours
	shelfLife
}

func newArrivals(ask Ask) arrivals {
	return arrivals{requests: make([]*oauth.Request, ask.Count), rules: make([]*rule, ask.Count), book: ask.book, guest: ask.guest}
}

func (a *arrivals) Request(i int, t *vegeta.Target) { fill(t, a.requests[i]) }
func (a *arrivals) Operation(i int) string          { return a.rules[i].operation }

// Expectation makes a workload a generator.Expecter.
func (a *arrivals) Expectation(i int) bench.Expectation { return a.rules[i].expectation() }

// encode makes the requests of all arrivals of a case, Parallel at a time: some are
// signed, and then good for a while. build is called for each.
func (a *arrivals) encode(ctx context.Context, t Target, r *rule, build func(i int) (*oauth.Request, error)) error {
	if (oauth.Credential{Method: t.Parameters.ClientAuth}).Single() {
		a.goodUntil(time.Now().Add(oauth.AssertionLifetime))
	}
	return t.each(ctx, len(a.requests), func(_ context.Context, i int) (err error) {
		a.rules[i] = r
		a.requests[i], err = build(i)
		return err
	})
}

// codeLifetime is how long an authorization code is good for, as far as one can tell: no
// answer says it, and RFC 6749 section 4.1.2 recommends 10 minutes at most.
const codeLifetime = 10 * time.Minute

// shelfLife is how long what was prepared for a trial can be used. A stale code or
// assertion is refused by a right server, which would then be called wrong. Safe for
// concurrent use.
type shelfLife struct {
	mu    sync.Mutex
	until time.Time // zero: for ever, or not told
}

// goodFor says that something is good for so long from now on, and fails when that is
// less than the trial and its last answer may take.
func (s *shelfLife) goodFor(what string, life, trial time.Duration) error {
	if life < trial {
		return fmt.Errorf("%s are good for %v and the trial takes %v with its last answer: shorten it", what, life.Round(time.Second), trial)
	}
	s.goodUntil(time.Now().Add(life))
	return nil
}

// goodUntil says until when something is good; zero: it was not told.
func (s *shelfLife) goodUntil(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !at.IsZero() && (s.until.IsZero() || at.Before(s.until)) {
		s.until = at
	}
}

// lasts fails when something would be stale before a trial that begins now has its last
// answer. prepared is how long preparing took.
func (s *shelfLife) lasts(trial, prepared time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until.IsZero() {
		return nil
	}
	if left := time.Until(s.until); left < trial {
		return fmt.Errorf("what was prepared for %v is good for another %v and the trial takes %v with its last answer: shorten it, or raise prepare-rate",
			prepared.Round(time.Second), max(left, 0).Round(time.Second), trial)
	}
	return nil
}

// refusal judges an answer to arrival i that is not a success.
func (a *arrivals) refusal(i int, r *vegeta.Result) bench.Answer {
	answer := a.rules[i].refusal(r)
	if answer.Outcome != bench.OK {
		a.book.Refused(a.rules[i].operation, answer.Case, r.Body, a.requests[i])
	}
	return answer
}

// unreadable is the answer to arrival i when it cannot be used: the case names the member, and a page is
// quoted in a note.
func (a *arrivals) unreadable(i int, r *vegeta.Result, err error) bench.Answer {
	var refused *oauth.Refused
	if !errors.As(err, &refused) {
		return wrong(err.Error())
	}
	if packing := encodingOf(r.Headers); packing != "" {
		return wrong(refused.What + " is compressed with " + packing + ", which was not asked for")
	}
	if refused.Quote != "" {
		a.book.Once(a.rules[i].operation, refused.Case(), refused.Error())
	}
	return wrong(refused.Case())
}

// encodingOf is a compression that cannot be undone here; "" for none.
func encodingOf(header http.Header) string {
	switch name := header.Get("Content-Encoding"); name {
	case "", "identity", "gzip", "deflate":
		return ""
	case "br", "zstd", "compress":
		return name
	default:
		return "an encoding"
	}
}

// left counts tokens that are left at a server that is not ours. Ours are thrown away.
func (a *arrivals) left(n int64) {
	if a.guest {
		a.book.Left(n)
	}
}
