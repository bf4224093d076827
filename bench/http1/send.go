package http1

import (
	"errors"
	"time"
)

const (
	// largeRequest, in bytes, may not fit into the system's buffers: the server can then
	// answer while we still write.
	largeRequest = 16 << 10
	// flushTime is how long such a write waits before it looks for an answer.
	flushTime = 20 * time.Millisecond
)

// errAnswered is a request broken off because the server has answered.
var errAnswered = errors.New("answered before the request was whole")

// send writes a request: in one piece, or, when it is large, in pieces between which it
// looks for an answer that does not wait for the rest, such as 413.
func (c *conn) send(out []byte) error {
	w := &c.wire
	w.sent = 0
	if len(out) <= largeRequest || !w.canLook() {
		_, err := c.rw.Write(out)
		return err
	}
	w.large = true
	defer func() { w.large, w.rest = false, nil }()
	for len(out) > 0 {
		piece := out[:min(len(out), largeRequest)]
		if _, err := c.rw.Write(piece); err != nil {
			return err
		}
		out = out[len(piece):]
		for len(w.rest) > 0 {
			if err := w.flush(); err != nil {
				return err
			}
			if len(w.rest) == 0 {
				break
			}
			if err := c.glance(); err != errSilent {
				return err
			}
		}
	}
	return nil
}

// glance reads what is here: errAnswered when that is anything.
func (c *conn) glance() error {
	c.wire.looking = true
	defer func() { c.wire.looking = false }()
	err := c.in.fill()
	switch {
	case err == nil:
		return errAnswered
	case errors.Is(err, errSilent):
		return errSilent
	default:
		return err
	}
}
