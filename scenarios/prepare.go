package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/http1"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// maxAnswer bounds one answer during preparation, in bytes: a set of thousands of keys with their
// certificates fits.
const maxAnswer = 4 << 20

// fill makes a vegeta target of an encoded request. Nothing is copied.
func fill(t *vegeta.Target, r *oauth.Request) {
	t.Method, t.URL, t.Header, t.Body = r.Method, r.URL, r.Header, r.Body
}

// reply is an answer that came off the clock.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request off the clock. Redirections are not followed.
func send(ctx context.Context, c *http.Client, r oauth.Request) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return reply{}, err
	}
	req.Header = r.Header.Clone()
	resp, err := c.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	got := reply{status: resp.StatusCode, header: resp.Header}
	got.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if len(got.body) > maxAnswer {
		got.body, err = nil, fmt.Errorf("%s answered with more than %d MiB", r.URL, maxAnswer>>20)
	}
	return got, err
}

// wait is the rate limit of whatever is asked of the server before and after a trial.
func (t Target) wait(ctx context.Context) error {
	if t.limit == nil {
		return nil
	}
	return t.limit.Wait(ctx)
}

// send sends a request within the preparation's rate.
func (t Target) send(ctx context.Context, r oauth.Request) (reply, error) {
	if err := t.wait(ctx); err != nil {
		return reply{}, err
	}
	return t.sendNow(ctx, r)
}

func (t Target) sendNow(ctx context.Context, r oauth.Request) (reply, error) {
	return t.patiently(ctx, func() (reply, error) {
		sent := time.Now()
		got, err := send(ctx, t.HTTP, r)
		if err == nil {
			t.book.Date(got.header, sent, time.Now())
		}
		return got, err
	})
}

// ask sends a request within the preparation's rate and wants the answer 200.
func (t Target) ask(ctx context.Context, r oauth.Request) ([]byte, error) {
	got, err := t.send(ctx, r)
	return got.body, refusedAt(r, got, err)
}

// refusedAt is the error of an answer other than 200, in the server's words.
func refusedAt(r oauth.Request, got reply, err error) error {
	if err != nil || got.status == http.StatusOK {
		return err
	}
	said := oauth.ParseRefusal(got.body)
	err = errors.New(strings.TrimSpace(fmt.Sprintf("%s answered %d %s", r.URL, got.status, knownError(said.Error))))
	if to := oauth.RedirectsTo(got.status, got.header, r.Secrets()...); to != "" {
		err = fmt.Errorf("%w and redirects to %s, which is not followed", err, to)
	}
	if said.Description != "" {
		err = fmt.Errorf("%w, %s", err, oauth.Quote(said.Description, r.Secrets()...))
	}
	if got.status == http.StatusTooManyRequests {
		err = fmt.Errorf("%w: the server limits requests, so lower prepare-rate", err)
	}
	return &refused{err, got.status, said.Error}
}

// each calls do for 0 to n-1, Parallel at a time, and stops at the first error.
func (t Target) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	if t.Progress != nil {
		t.Progress.total.Add(int64(n))
	}
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(max(t.Parallel, 1))
	for i := range n {
		if within.Err() != nil {
			break
		}
		g.Go(func() error {
			defer func() {
				if t.Progress != nil {
					t.Progress.done.Add(1)
				}
			}()
			return do(within, i)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// minted is a token, when it was asked for and when it came.
type minted struct {
	oauth.Token
	asked, answered time.Time
}

// mint gets n tokens, each with the request that request makes for it.
func (t Target) mint(ctx context.Context, n int, request func(i int) (oauth.Request, error)) ([]minted, error) {
	tokens := make([]minted, n)
	err := t.each(ctx, n, func(ctx context.Context, i int) error {
		r, err := request(i)
		if err != nil {
			return err
		}
		if err := t.wait(ctx); err != nil {
			return err
		}
		tokens[i].asked = time.Now()
		got, err := t.sendNow(ctx, r)
		tokens[i].answered = time.Now()
		if err = refusedAt(r, got, err); err != nil {
			return err
		}
		tokens[i].Token, err = oauth.ParseToken(got.body)
		t.book.Odd("token", tokens[i].Odd)
		if err == nil && t.guest() {
			t.book.Left(1)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("mint tokens: %w", err)
	}
	return tokens, nil
}

// introspect asks for the state of one token off the clock.
func (t Target) introspect(ctx context.Context, r oauth.Request) (oauth.Introspection, error) {
	body, err := t.ask(ctx, r)
	if err != nil {
		return oauth.Introspection{}, err
	}
	a, err := oauth.ParseIntrospection(body)
	t.book.Odd("introspect", a.Odd)
	return a, err
}

// Preparing must not be what a server that is not ours suffers from: it gets a small
// multiple of the load's own rate.
const (
	guestFactor = 4.0
	guestLeast  = 10.0 // requests a second
	guestAtOnce = 50.0 // likewise, before the load's rate is known
	guestMost   = 1000.0
)

// limiter is the rate limit of preparing, nil for none. A rate that was asked for holds.
func (t Target) limiter() *rate.Limiter {
	r := t.Parameters.PrepareRate
	switch {
	case r == 0:
		return nil
	case t.guest() && r == Defaults().PrepareRate:
		r = guestAtOnce
		if t.Offered > 0 {
			r = guestRate(t.Offered)
		}
	}
	return rate.NewLimiter(rate.Limit(r), max(t.Parallel, 1))
}

func guestRate(offered float64) float64 { return max(guestFactor*offered, guestLeast) }

// suit adapts the rate of preparing to a load. A closed loop sends as fast as it is
// answered, and so may its preparation.
func (t Target) suit(load bench.Load) {
	if t.limit == nil || !t.guest() || t.Parameters.PrepareRate != Defaults().PrepareRate {
		return
	}
	r := guestMost
	if load.Process != bench.ClosedLoop {
		r = min(r, guestRate(load.Rate()))
	}
	t.limit.SetLimit(rate.Limit(r))
}

// A server that says when to come back is waited for, a few times and not for ever.
const (
	mostWaits = 3
	mostWait  = 30 * time.Second
)

// comeBack is how long a server that is overloaded wants to be left alone (RFC 9110
// section 10.2.3); false when it does not say, or wants more than we would wait.
func comeBack(status int, header http.Header) (time.Duration, bool) {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0, false
	}
	text := header.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = max(time.Until(at), 0)
	} else {
		return 0, false
	}
	return wait, wait <= mostWait
}

// brokenKept tells whether a request met a connection that the server was just closing.
// Off the clock it may be sent once more: what it asks for may be had twice.
func brokenKept(err error) bool {
	return err != nil && strings.Contains(err.Error(), http1.BrokenKept.String())
}

// patiently sends with send until there is an answer that is not to wait.
func (t Target) patiently(ctx context.Context, send func() (reply, error)) (reply, error) {
	retried := false
	for waits := 0; ; {
		got, err := send()
		if brokenKept(err) && !retried && ctx.Err() == nil {
			retried = true
			t.book.Note("", "off the clock a request was sent again, for the kept connection that it met broke")
			continue
		}
		if t.away.waits(got.status, err) {
			t.book.Once("", "off the clock the server was away, and was waited for",
				"off the clock the server was away ("+absence(got.status)+", first at "+
					time.Now().Format(time.TimeOnly)+"), and was waited for")
			if err := generator.Pause(ctx, awayPause); err != nil {
				return reply{}, err
			}
			continue
		}
		wait, told := comeBack(got.status, got.header)
		if err != nil || !told || waits == mostWaits {
			return got, err
		}
		waits++
		t.book.Note("", "while preparing the server answered "+strconv.Itoa(got.status)+
			" with Retry-After, and was waited for")
		if err := generator.Pause(ctx, wait); err != nil {
			return reply{}, err
		}
	}
}

// patience is for a server that is not ours, and is away for a moment off the clock, as in a restart. It
// begins when the scenarios are open: one that was never there is not waited for. A nil patience waits
// for nobody. Safe for concurrent use.
type patience struct {
	mu          sync.Mutex
	open        bool
	began, last time.Time // of the absence under way, or the last one
}

// An absence is waited for so long, with pauses; one after quiet is another.
const (
	mostAway  = 10 * time.Second
	awayPause = 500 * time.Millisecond
	awayQuiet = time.Minute
)

func (p *patience) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = true
}

// waits tells whether to wait for a server of which a proxy answered that it is away, or that refuses
// connections.
func (p *patience) waits(status int, err error) bool {
	gone := errors.Is(err, syscall.ECONNREFUSED)
	gone = gone || err == nil && (status == http.StatusBadGateway || status == http.StatusGatewayTimeout)
	if p == nil || !gone {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.last.IsZero() || now.Sub(p.last) > awayQuiet {
		p.began = now
	}
	p.last = now
	return p.open && now.Sub(p.began) <= mostAway
}

// absence says how a server was away.
func absence(status int) string {
	if status == 0 {
		return "no connection"
	}
	return "status " + strconv.Itoa(status)
}

// refused is an answer that is no success, with what the server said.
type refused struct {
	error
	status int
	name   string // of the OAuth error; "" for none
}

// unsupportedToken tells whether a token was refused for its kind.
func unsupportedToken(err error) bool {
	var r *refused
	return errors.As(err, &r) && r.name == "unsupported_token_type"
}

// refusedToken tells whether introspection refused a token with an error that is not about
// who asks.
func refusedToken(err error) bool {
	var r *refused
	return errors.As(err, &r) && refusesToken(r.status, r.name)
}

// isRefusal tells whether an error is the server's no, and neither a broken connection nor an error of its own.
func isRefusal(err error) bool {
	var r *refused
	return errors.As(err, &r) && r.status/100 == 4 && r.status != http.StatusTooManyRequests
}

// refusesToken tells whether an answer of introspection is about the token, and neither about
// who asks nor about how often, and is not the one that RFC 7662 section 2.2 wants. The name
// is that of the OAuth error, "" for none: invalid_token is about the token, also with 401.
func refusesToken(status int, name string) bool {
	if name == "invalid_token" || status/100 == 2 && status != http.StatusOK {
		return true
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return false
	}
	return status/100 == 4
}
