package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// conn is one connection. It belongs to one exchange at a time, or to the pool.
type conn struct {
	pool *pool
	wire wire
	rw   io.ReadWriter // the wire, or TLS over it
	in   reader
	kept bool      // has served before
	used time.Time // when it was given back
	look [1]byte

	state *tls.ConnectionState // nil without TLS
}

func newConn(p *pool, nc net.Conn) *conn {
	c := &conn{pool: p}
	c.wire.open(nc)
	c.through(&c.wire)
	return c
}

func (c *conn) through(rw io.ReadWriter) { c.rw, c.in.src = rw, rw }

func (c *conn) close() { c.wire.Conn.Close() } // whatever it says, we are done with it

// errUnsent is a kept connection that turned out dead before a byte was written.
var errUnsent = errors.New("nothing was sent")

func always() bool { return true }

// begin gives the connection its deadline and has it broken off when ctx ends. stop
// ends that; it is false when ctx ended before, and then the connection is of no use.
func (c *conn) begin(ctx context.Context, deadline time.Time) (stop func() bool) {
	c.wire.begin(deadline)
	if ctx.Done() == nil {
		return always
	}
	return context.AfterFunc(ctx, c.wire.breakOff)
}

// exchange sends r and reads the head of the answer into a. The body of the answer gives the
// connection back, or closes it.
func (c *conn) exchange(ctx context.Context, r *request, deadline time.Time, a *answer) error {
	stop := c.begin(ctx, deadline)
	c.in.begin()
	sendErr := c.sendAlive(r.out)
	if sendErr == errUnsent {
		stop()
		c.close()
		return errUnsent
	}
	if sendErr != nil && (c.wire.sent == 0 || late(sendErr)) {
		return c.fail(ctx, stop, sendErr)
	}
	// Also when the request could not be sent whole: a server may answer early and close.
	if err := c.in.answer(a, r.method, c.pool.t.maxHead()); err != nil {
		if sendErr != nil && !c.in.began && !late(err) {
			err = sendErr
		}
		return c.fail(ctx, stop, err)
	}
	a.TLS = c.state
	a.body.conn, a.body.stop, a.body.ctx, a.body.transport = c, stop, ctx, c.pool.t
	if sendErr != nil || r.close {
		a.body.last = true
	}
	if a.body.framing == none {
		a.body.release()
		a.Body = http.NoBody
	}
	return nil
}

// sendAlive writes a request, unless the connection was kept and is dead: then it is errUnsent.
func (c *conn) sendAlive(out []byte) error {
	switch {
	case c.kept && c.in.buffered() > 0:
		return errUnsent
	case c.wire.canLook() && c.rw == io.ReadWriter(&c.wire) && len(out) <= largeRequest:
		return c.inTurn(out)
	case c.kept && !c.alive():
		return errUnsent
	}
	return c.send(out)
}

// alive looks whether a kept connection can be used. Anything but silence is its end:
// the server closed it, or sent something nobody asked for. TLS handles its own
// messages, such as session tickets, on the way.
func (c *conn) alive() bool {
	if !c.wire.canLook() {
		return true
	}
	c.wire.looking = true
	_, err := c.rw.Read(c.look[:])
	c.wire.looking = false
	return errors.Is(err, errSilent)
}

// fail closes the connection and tells what an error of it means.
func (c *conn) fail(ctx context.Context, stop func() bool, err error) error {
	stop()
	c.close()
	var m *malformed
	switch {
	case errors.As(err, &m):
		return &Error{Malformed, m}
	case ctx.Err() != nil:
		return ctx.Err()
	case late(err):
		if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
			return context.DeadlineExceeded // whose timer is a moment behind
		}
		return &Error{Timeout, err}
	case c.in.began:
		return &Error{BrokenAnswer, unexpected(err)}
	case c.wire.sent == 0 && c.kept:
		return errUnsent
	case c.wire.sent == 0:
		return &Error{NoConnection, err}
	case c.kept:
		return &Error{BrokenKept, err}
	default:
		return &Error{BrokenNew, err}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (t *Transport) maxHead() int {
	if t.MaxHead > 0 {
		return t.MaxHead
	}
	return DefaultMaxHead
}
