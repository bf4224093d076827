package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/notebook"
)

// arrivals are the requests of one trial, encoded beforehand, each a case of the matrix. Those
// that may be sent again are few, and which of them an arrival sends is drawn as it comes; others
// are made and held, one for each arrival.
type arrivals struct {
	draw func(i int) (*oauth.Request, *rule) // nil where requests are held

	requests []*oauth.Request
	rules    []*rule
	book     *notebook.Book
	guest    bool // the server is not ours
	shelfLife
}

// MostHeld is how many requests of one scenario can be made before a trial, and held.
const MostHeld = 50_000_000

// heldArrivals are arrivals with a request of their own each.
func heldArrivals(ask Ask) arrivals {
	return arrivals{requests: make([]*oauth.Request, ask.Count), rules: make([]*rule, ask.Count), book: ask.book,
		guest: ask.guest}
}

// drawnArrivals are arrivals whose requests follow from their numbers. draw is asked more than once,
// concurrently, on the clock.
func drawnArrivals(ask Ask, draw func(i int) (*oauth.Request, *rule)) arrivals {
	return arrivals{draw: draw, book: ask.book, guest: ask.guest}
}

// at is what an arrival asks, and its case.
func (a *arrivals) at(i int) (*oauth.Request, *rule) {
	if a.draw != nil {
		return a.draw(i)
	}
	return a.requests[i], a.rules[i]
}

func (a *arrivals) caseOf(i int) *rule {
	_, r := a.at(i)
	return r
}

// Request fills in the arrival's request.
func (a *arrivals) Request(i int, t *vegeta.Target) {
	r, _ := a.at(i)
	fill(t, r)
}

// Operation is the operation of the arrival's case.
func (a *arrivals) Operation(i int) string { return a.caseOf(i).operation }

// Expectation makes a workload a generator.Expecter.
func (a *arrivals) Expectation(i int) bench.Expectation { return a.caseOf(i).expectation() }

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
		return fmt.Errorf("%s are good for %v and the trial takes %v with its last answer: shorten it", what,
			life.Round(time.Second), trial)
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
		return fmt.Errorf("what was prepared for %v is good for another %v and the trial takes %v with its last "+
			"answer: shorten it, or raise prepare-rate",
			prepared.Round(time.Second), max(left, 0).Round(time.Second), trial)
	}
	return nil
}

// refusal judges an answer to arrival i that is not a success.
func (a *arrivals) refusal(i int, r *vegeta.Result) bench.Answer {
	request, rule := a.at(i)
	answer := rule.refusal(r)
	if answer.Outcome != bench.OK {
		a.book.Refused(rule.operation, answer.Case, request, int(r.Code), r.Headers, r.Body)
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
		a.book.Once(a.caseOf(i).operation, refused.Case(), refused.Error())
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

// judgeTokens judges the answer of the token endpoint to arrival i (RFC 6749 section 5.1).
// The scope of the token it returns is the one that the token must have.
func (a *arrivals) judgeTokens(i int, r *vegeta.Result, scope string, proven bool) (oauth.Token, bench.Answer) {
	rule := a.caseOf(i)
	if r.Code != http.StatusOK {
		return oauth.Token{}, a.refusal(i, r)
	}
	if !rule.allow(answerTokens) {
		return oauth.Token{}, wrong(rule.state + " " + rule.kind + " accepted")
	}
	t, err := oauth.ParseToken(r.Body)
	if err != nil {
		return t, a.unreadable(i, r, err)
	}
	a.book.Odd(rule.operation, t.Odd)
	if what := tokenType(a.book, rule.operation, t.TokenType, proven); what != "" {
		return t, wrong(what)
	}
	if what := scopeGranted(a.book, rule.operation, scope, t.Scope, a.guest); what != "" {
		return t, wrong(what)
	}
	a.left(1)
	t.Scope = cmp.Or(t.Scope, scope) // RFC 6749 section 5.1: left out when it is the one asked for
	return t, bench.Answer{}
}

// tokenType says what is wrong with a token's type. A client must not use what needs a
// proof that it does not make (RFC 6749 section 7.1), nor may a proof go for nothing (RFC
// 9449 section 5). Other names are vendors' for bearer tokens.
func tokenType(b *notebook.Book, operation, got string, proven bool) string {
	switch kind := strings.ToLower(got); {
	case proven && kind != "dpop":
		return "token_type is not DPoP"
	case proven || kind == "bearer":
		return ""
	case kind == "dpop" || kind == "mac" || kind == "pop" || kind == "n_a":
		return "token_type is not Bearer"
	}
	b.Note(operation, "token_type is neither Bearer nor DPoP (RFC 6749 section 7.1), and was taken for Bearer")
	return ""
}

// scopeGranted says what is wrong with the scope of an answer. A server may grant another scope
// than was asked for when it says so (RFC 6749 section 3.3), and then the same each time.
// A server that we set up knows the scope of our clients, so that another is a fault.
func scopeGranted(b *notebook.Book, operation, asked, got string, guest bool) string {
	switch {
	case granted(asked, got):
		return ""
	case !guest:
		return "token with another scope"
	case !b.Agreed("scope of "+operation+" for "+asked, normal(got)):
		return "token with another scope than the others that were asked for alike"
	}
	b.Once(operation, "another scope was granted",
		fmt.Sprintf("scope %s was asked for and %s granted, as the answer says (RFC 6749 section 3.3)",
			oauth.Quote(asked), oauth.Quote(got)))
	return ""
}
