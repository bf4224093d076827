package scenarios

import (
	"context"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

// arrivals are the requests of one trial, encoded beforehand, each a case of the
// matrix. Requests that may be sent again are shared.
type arrivals struct {
	requests []*oauth.Request
	rules    []*rule
	shelfLife
}

func newArrivals(n int) arrivals {
	return arrivals{requests: make([]*oauth.Request, n), rules: make([]*rule, n)}
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
