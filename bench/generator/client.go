package generator

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/http1"
)

// Client sends the requests of one deployment: one connection pool for all its
// trials, so that connections are warm and counted once. Safe for concurrent use.
type Client struct {
	http http.Client
	own  *http1.Transport // nil when requests go by net/http
	loop *eventLoop       // nil where there is none
	real bool             // time is the real one, not that of testing/synctest

	connects func() http1.Connects // since the last call; nil when nobody counts

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	aborted bool
}

// ClientOptions say how the requests of one deployment are sent.
type ClientOptions struct {
	Transport   bench.Transport // "" is Sync
	Timeout     time.Duration   // of one exchange, from the send to the last byte
	Connections int             // idle ones that are kept
	TLS         *tls.Config     // for certificates of clients and servers; nil is the default
	HTTP2       bool            // offered to servers with TLS; Std alone speaks it
	// Connect has addresses (host:port) in whose place connections are made to others. Names
	// in requests and certificates stay as they are.
	Connect map[string]string
}

// NewClient is OpenClient with the default transport.
func NewClient(timeout time.Duration, connections int) *Client {
	return OpenClient(ClientOptions{Timeout: timeout, Connections: connections})
}

// OpenClient returns a client that speaks HTTP/1.1, follows no redirect (a redirect is
// an answer), uses no proxy and asks for no compression: all of that would be measured
// as the server's.
func OpenClient(o ClientOptions) *Client {
	c := &Client{real: true, conns: map[net.Conn]struct{}{}}
	dialer := &net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if other, ok := o.Connect[addr]; ok {
			addr = other
		}
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if o.Transport != bench.Std {
			conn = direct(conn)
		}
		return c.track(conn), nil
	}
	if o.Transport == bench.Std {
		var made counted
		c.connects = made.take
		c.http = http.Client{CheckRedirect: noRedirect, Timeout: o.Timeout, Transport: &http.Transport{
			MaxIdleConns:        o.Connections,
			MaxIdleConnsPerHost: o.Connections,
			IdleConnTimeout:     90 * time.Second,
			DisableCompression:  true,
			TLSClientConfig:     o.TLS,
			ForceAttemptHTTP2:   o.HTTP2,
			DialContext:         made.count(dial),
		}}
		return c
	}
	t := &http1.Transport{Timeout: o.Timeout, Dial: dial, TLS: o.TLS, MaxIdle: o.Connections}
	c.connects = t.TakeConnects
	c.own, c.http = t, http.Client{CheckRedirect: noRedirect, Transport: t}
	c.loop = newEventLoop(t)
	return c
}

// NewClientTransport is NewClient on another transport, for servers that live in
// this process, also under the clock of testing/synctest.
func NewClientTransport(timeout time.Duration, rt http.RoundTripper) *Client {
	return &Client{http: http.Client{Transport: rt, Timeout: timeout, CheckRedirect: noRedirect}}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// HTTP is the client for requests that are not measured: preparation and checks.
func (c *Client) HTTP() *http.Client { return &c.http }

// abort breaks every connection, those that are being made too, until resume: requests
// in flight fail at once instead of running into their timeouts.
func (c *Client) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aborted = true
	for conn := range c.conns {
		conn.Close()
	}
}

// abortWith aborts as soon as ctx is done. The function that it returns ends this and makes
// the client usable again.
func (c *Client) abortWith(ctx context.Context) (end func()) {
	aborted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(aborted)
		c.abort()
	})
	return func() {
		if !stop() { // it runs, or has run
			<-aborted
			c.resume()
		}
	}
}

// resume makes the client usable again after abort.
func (c *Client) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aborted = false
}

// Close gives back the idle connections.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	c.loop.close()
}

// TakeConnects tells what making connections took since the last call.
func (c *Client) TakeConnects() bench.Connects {
	if c.connects == nil {
		return bench.Connects{}
	}
	return bench.Connects(c.connects())
}

func (c *Client) track(conn net.Conn) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.aborted {
		conn.Close()
	}
	c.conns[conn] = struct{}{}
	return &trackedConn{Conn: conn, client: c}
}

// trackedConn leaves its client's set when it is closed.
type trackedConn struct {
	net.Conn
	client *Client
}

// SyscallConn implements syscall.Conn, by which http1 sees whether a kept connection
// still lives.
func (t *trackedConn) SyscallConn() (syscall.RawConn, error) {
	if sc, ok := t.Conn.(syscall.Conn); ok {
		return sc.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

func (t *trackedConn) Close() error {
	t.client.mu.Lock()
	delete(t.client.conns, t.Conn)
	t.client.mu.Unlock()
	return t.Conn.Close()
}
