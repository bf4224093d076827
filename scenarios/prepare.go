package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/sync/errgroup"

	"oauthbench/internal/oauth"
)

// maxAnswer bounds one answer during preparation, in bytes.
const maxAnswer = 1 << 20

// fill makes a vegeta target of an encoded request. Nothing is copied.
func fill(t *vegeta.Target, r *oauth.Request) {
	t.Method, t.URL, t.Header, t.Body = r.Method, r.URL, r.Header, r.Body
}

// send sends a request off the clock and returns the answer's status and body.
func send(ctx context.Context, c *http.Client, r oauth.Request) (status int, body []byte, err error) {
	status, _, body, err = sendAndRead(ctx, c, r)
	return status, body, err
}

// sendAndRead sends a request off the clock and returns the answer's head, too.
func sendAndRead(ctx context.Context, c *http.Client, r oauth.Request) (status int, header http.Header, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = r.Header.Clone()
	resp, err := c.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, resp.Header, body, err
}

// wait is the rate limit of whatever is asked of the server before and after a trial.
func (t Target) wait(ctx context.Context) error {
	if t.limit == nil {
		return nil
	}
	return t.limit.Wait(ctx)
}

// send sends a request within the preparation's rate.
func (t Target) send(ctx context.Context, r oauth.Request) (status int, body []byte, err error) {
	if err := t.wait(ctx); err != nil {
		return 0, nil, err
	}
	return t.sendNow(ctx, r)
}

func (t Target) sendNow(ctx context.Context, r oauth.Request) (status int, body []byte, err error) {
	sent := time.Now()
	status, header, body, err := sendAndRead(ctx, t.HTTP, r)
	if err == nil {
		t.book.Date(header, sent, time.Now())
	}
	return status, body, err
}

// ask sends a request within the preparation's rate and wants the answer 200.
func (t Target) ask(ctx context.Context, r oauth.Request) ([]byte, error) {
	status, body, err := t.send(ctx, r)
	return body, refusedAt(r, status, body, err)
}

// refusedAt is the error of an answer other than 200, in the server's words.
func refusedAt(r oauth.Request, status int, body []byte, err error) error {
	if err != nil || status == http.StatusOK {
		return err
	}
	said := oauth.ParseRefusal(body)
	err = errors.New(strings.TrimSpace(fmt.Sprintf("%s answered %d %s", r.URL, status, knownError(said.Error))))
	if said.Description != "" {
		err = fmt.Errorf("%w, %s", err, oauth.Quote(said.Description, r.Secrets()...))
	}
	if status == http.StatusTooManyRequests {
		err = fmt.Errorf("%w: the server limits requests, so lower prepare-rate", err)
	}
	return &refused{err, status, said.Error}
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

// minted is a token and when it was asked for.
type minted struct {
	oauth.Token
	asked time.Time
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
		status, body, err := t.sendNow(ctx, r)
		if err = refusedAt(r, status, body, err); err != nil {
			return err
		}
		tokens[i].Token, err = oauth.ParseToken(body)
		t.book.Odd("token", tokens[i].Odd)
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
	t.book.Odd("introspection", a.Odd)
	return a, err
}
