package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of Transport's fields.
const (
	DefaultMaxIdle     = 100
	DefaultIdleTimeout = 90 * time.Second
	DefaultMaxHead     = 1 << 20
)

// Transport is an http.RoundTripper. The zero value works; fields must not change once
// it is used, and it must not be copied. Safe for concurrent use; the body of an answer
// is for one goroutine at a time, because its Read works on the connection itself.
type Transport struct {
	// Timeout is how long one exchange may take from RoundTrip to the last byte of the
	// body, connecting included; 0 is for ever. http.Client.Timeout does the same at the
	// cost of a context and a timer for each request.
	Timeout time.Duration
	// Dial makes connections; nil is net.Dialer's. Its context ends with the timeout.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is used for https; nil is the zero Config. Certificates of the client go here.
	TLS *tls.Config
	// MaxIdle is how many connections are kept for each target (scheme, host and port),
	// IdleTimeout for how long, MaxHead how many bytes the head of an answer may have,
	// interim answers included. Zero means the defaults.
	MaxIdle     int
	IdleTimeout time.Duration
	MaxHead     int
	// MaxHeld bounds, in bytes, what all answers hold together that are under way, beyond a
	// usual answer's size each; 0 is DefaultMaxHeld. One that exceeds it is Malformed.
	MaxHeld int64

	held     atomic.Int64
	mu       sync.Mutex
	pools    map[target]*pool
	connects Connects
	requests sync.Pool // of *request
}

// Connects is what making connections took, which is part of the service time of the
// requests that had to wait for it.
type Connects struct {
	Made   int64
	Failed int64
	Total  time.Duration // of those made; TCP and TLS
	Peak   time.Duration
}

// TakeConnects returns what was counted since the last call.
func (t *Transport) TakeConnects() Connects {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.connects
	t.connects = Connects{}
	return c
}

// RoundTrip implements http.RoundTripper. Its errors are of type *Error, or the
// context's, or tell why the request cannot be sent.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	r := t.request()
	defer t.requests.Put(r)
	if err := r.encode(req); err != nil {
		return nil, err
	}
	defer r.trim()
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := t.pool(req.URL.Scheme, req.URL.Host)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	if t.Timeout > 0 {
		if d := began.Add(t.Timeout); deadline.IsZero() || d.Before(deadline) {
			deadline = d
		}
	}
	a := &answer{}
	if err := p.exchange(ctx, r, began, deadline, a); err != nil {
		return nil, err
	}
	a.Request = req
	return &a.Response, nil
}

// request is one that nobody uses.
func (t *Transport) request() *request {
	if r, ok := t.requests.Get().(*request); ok {
		return r
	}
	return &request{}
}

// CloseIdleConnections closes the connections that are kept, as http.Client's method of
// that name wants it.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	pools := make([]*pool, 0, len(t.pools))
	for _, p := range t.pools {
		pools = append(pools, p)
	}
	t.mu.Unlock()
	for _, p := range pools {
		p.closeIdle()
	}
}

// target is what connections are pooled by.
type target struct{ scheme, host string }

func (t *Transport) pool(scheme, host string) (*pool, error) {
	key := target{scheme, host}
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.pools[key]; p != nil {
		return p, nil
	}
	name, address, err := key.resolve()
	if err != nil {
		return nil, err
	}
	if t.pools == nil {
		t.pools = map[target]*pool{}
	}
	p := &pool{t: t, tls: scheme == "https", host: name, address: address}
	t.pools[key] = p
	return p, nil
}

// resolve tells the name of a target's host, and the address that connections are made to.
func (t target) resolve() (name, address string, err error) {
	u := url.URL{Scheme: t.scheme, Host: t.host}
	name, port := u.Hostname(), u.Port()
	switch {
	case t.scheme != "http" && t.scheme != "https":
		return "", "", fmt.Errorf("http1: unsupported protocol scheme %q", t.scheme)
	case name == "":
		return "", "", errors.New("http1: no host in the request's URL")
	case port == "" && t.scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	}
	return name, net.JoinHostPort(name, port), nil
}
