package http1

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// pool keeps the idle connections of one target, the one used last on top: as few
// connections as possible stay in use, and those are warm.
type pool struct {
	t             *Transport
	tls           bool
	host, address string

	mu   sync.Mutex
	idle []*conn
}

// get takes the connection that was used last, nil when there is none that is young
// enough. Whether it still lives is for the exchange to see.
func (p *pool) get(now time.Time) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	c := p.idle[n-1]
	if p.expired(c, now) { // and so are all below
		for _, c := range p.idle {
			c.close()
		}
		clear(p.idle)
		p.idle = p.idle[:0]
		return nil
	}
	p.idle[n-1] = nil
	p.idle = p.idle[:n-1]
	return c
}

// exchange sends r on a kept connection or a new one, and reads the head of the answer into a.
func (p *pool) exchange(ctx context.Context, r *request, began, deadline time.Time, a *answer) error {
	for {
		c := p.get(began)
		if c == nil {
			var err error
			if c, err = p.dial(ctx, deadline); err != nil {
				return err
			}
		}
		if err := c.exchange(ctx, r, deadline, a); err != errUnsent {
			return err
		} // Not one byte has left: the next connection, at last a new one.
	}
}

func (p *pool) expired(c *conn, now time.Time) bool {
	return now.Sub(c.used) > cmp.Or(p.t.IdleTimeout, DefaultIdleTimeout)
}

// put keeps a connection that may be used again. Connections that the load no longer
// needs sink to the bottom and are closed from there.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) > 0 && p.expired(p.idle[0], c.used) {
		p.idle[0].close()
		p.idle = append(p.idle[:0], p.idle[1:]...)
	}
	if len(p.idle) >= cmp.Or(p.t.MaxIdle, DefaultMaxIdle) {
		c.close()
		return
	}
	p.idle = append(p.idle, c)
}

func (p *pool) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		c.close()
	}
	clear(p.idle)
	p.idle = p.idle[:0]
}

// dial makes a new connection, TLS included.
func (p *pool) dial(ctx context.Context, deadline time.Time) (*conn, error) {
	began := time.Now()
	c, err := p.connect(ctx, deadline)
	took := time.Since(began)
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	if err != nil {
		p.t.connects.Failed++
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case late(err) || errors.Is(err, context.DeadlineExceeded):
			return nil, &Error{ConnectTimeout, err}
		}
		return nil, &Error{NoConnection, err}
	}
	p.t.connects.Made++
	p.t.connects.Total += took
	p.t.connects.Peak = max(p.t.connects.Peak, took)
	return c, nil
}

// Connect makes a plain connection for whoever does exchanges on it himself, by Outgoing and Incoming. It counts
// as all others do, and fails as they fail.
func (t *Transport) Connect(ctx context.Context, address string, deadline time.Time) (net.Conn, error) {
	c, err := (&pool{t: t, address: address}).dial(ctx, deadline)
	if err != nil {
		return nil, err
	}
	return c.wire.Conn, nil
}

func (p *pool) connect(ctx context.Context, deadline time.Time) (*conn, error) {
	dial := p.t.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	within := ctx
	if !deadline.IsZero() {
		var cancel context.CancelFunc
		within, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	nc, err := dial(within, "tcp", p.address)
	if err != nil {
		return nil, err
	}
	c := newConn(p, nc)
	if !p.tls {
		return c, nil
	}
	config := &tls.Config{}
	if p.t.TLS != nil {
		config = p.t.TLS.Clone()
	}
	config.ServerName = cmp.Or(config.ServerName, p.host)
	if len(config.NextProtos) == 0 {
		config.NextProtos = []string{"http/1.1"}
	}
	secure := tls.Client(&c.wire, config)
	c.through(secure)
	stop := c.begin(ctx, deadline)
	err = secure.Handshake() // HandshakeContext would start a goroutine
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		c.close()
		return nil, err
	}
	state := secure.ConnectionState()
	c.state = &state
	return c, nil
}

// late tells whether a deadline passed.
func late(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
