package scenarios

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/sync/errgroup"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

// maxAnswer bounds one answer during preparation, in bytes.
const maxAnswer = 1 << 20

// fill makes a vegeta target of an encoded request. Nothing is copied.
func fill(t *vegeta.Target, r *oauth.Request) {
	t.Method, t.URL, t.Header, t.Body = r.Method, r.URL, r.Header, r.Body
}

// send sends a request off the clock and returns the answer's status and body.
func (t Target) send(ctx context.Context, r oauth.Request) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = r.Header.Clone()
	resp, err := t.HTTP.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, body, err
}

// each calls do for 0 to n-1, Parallel at a time, and stops at the first error.
func (t Target) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(max(t.Parallel, 1))
	for i := range n {
		if within.Err() != nil {
			break
		}
		g.Go(func() error { return do(within, i) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// mint gets n tokens with the same request.
func (t Target) mint(ctx context.Context, r oauth.Request, n int) ([]oauth.Token, error) {
	tokens := make([]oauth.Token, n)
	err := t.each(ctx, n, func(ctx context.Context, i int) error {
		status, body, err := t.send(ctx, r)
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return fmt.Errorf("%s answered %d %s", r.URL, status, oauth.ParseError(body))
		}
		tokens[i], err = oauth.ParseToken(body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("mint tokens: %w", err)
	}
	return tokens, nil
}

// introspect asks for the state of one token off the clock.
func (t Target) introspect(ctx context.Context, r oauth.Request) (oauth.Introspection, error) {
	status, body, err := t.send(ctx, r)
	if err != nil {
		return oauth.Introspection{}, err
	}
	if status != http.StatusOK {
		return oauth.Introspection{}, fmt.Errorf("%s answered %d %s", r.URL, status, oauth.ParseError(body))
	}
	return oauth.ParseIntrospection(body)
}

// refused is the answer to arrivals whose status was not the expected one.
func refused(r *vegeta.Result) bench.Answer {
	return bench.Answer{Outcome: bench.Rejected, Case: fmt.Sprintf("status %d", r.Code)}
}

// need returns the URL of an endpoint, or an error that names the one missing.
func need(url, name string) (string, error) {
	if url == "" {
		return "", fmt.Errorf("the server names no %s", name)
	}
	return url, nil
}
