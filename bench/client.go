package bench

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Client sends the requests of one deployment: one connection pool for all its
// trials, so that connections are warm and counted once. Safe for concurrent use.
type Client struct {
	http    http.Client
	precise time.Duration // for the pacer: zero when time may not be the real one

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	aborted bool
}

// NewClient returns a client whose requests end after timeout, measured from the
// send. It keeps up to connections idle ones, speaks HTTP/1.1, follows no redirect
// (a redirect is an answer), uses no proxy and asks for no compression: all of that
// would be measured as the server's.
func NewClient(timeout time.Duration, connections int) *Client {
	c := &Client{precise: precisely, conns: map[net.Conn]struct{}{}}
	dialer := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	transport := &http.Transport{
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return c.track(conn), nil
		},
	}
	c.http = http.Client{Transport: transport, Timeout: timeout, CheckRedirect: noRedirect}
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

// resume makes the client usable again after abort.
func (c *Client) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aborted = false
}

// Close gives back the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

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

func (t *trackedConn) Close() error {
	t.client.mu.Lock()
	delete(t.client.conns, t.Conn)
	t.client.mu.Unlock()
	return t.Conn.Close()
}
