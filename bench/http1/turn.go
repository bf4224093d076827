package http1

// turn is what a small request on a plain connection takes, in one wait of the runtime's poller: a look
// whether the kept connection still lives, one write, and the read of the answer once it is there.
//
// Note: the poller is told before the write that somebody will wait, so that an answer that comes at once
// is not missed, and the first read need not be tried in vain.
type turn struct {
	out, in []byte
	look    bool
	begun   bool
	wrote   bool // all of out has left
	got     int
	err     error
	seen    [1]byte
}

// turn returns how much of the answer was read into in. When less than all of out was written, by
// w.sent, and there is no error, the system's buffers are full. The error is errUnsent when a look
// was asked for and found the connection dead.
func (w *wire) turn(out, in []byte, look bool) (got int, err error) {
	t := &w.turned
	*t = turn{out: out, in: in, look: look}
	err = w.raw.Read(w.step)
	switch {
	case t.err != nil:
		err = t.err
	case look && !t.begun:
		err = errUnsent // It was closed here, or is too late.
	}
	got = t.got
	t.out, t.in = nil, nil
	return got, err
}

// takeTurn is called when the turn begins, and whenever there may be something to read; false means that
// there is nothing yet.
func (w *wire) takeTurn(fd uintptr) bool {
	t := &w.turned
	t.begun = true
	if t.wrote {
		n, err := readNow(fd, t.in)
		if err == errSilent {
			return false
		}
		t.got, t.err = n, err
		return true
	}
	if t.look {
		if _, err := readNow(fd, t.seen[:]); err != errSilent {
			t.err = errUnsent
			return true
		}
	}
	n, err := writeNow(fd, t.out)
	w.sent += int64(n)
	t.wrote = n == len(t.out)
	t.err = err
	return !t.wrote
}

// inTurn sends a small request on a plain connection, and waits for the answer, whose
// beginning is then in the reader, or what happened instead. It returns errUnsent, or why
// not all of the request could be sent.
func (c *conn) inTurn(out []byte) error {
	w := &c.wire
	w.sent = 0
	got, err := w.turn(out, c.in.room(), c.kept)
	if w.sent < int64(len(out)) {
		if err == nil {
			_, err = c.rw.Write(out[w.sent:])
		}
		return err
	}
	if err != nil {
		c.in.failed = err
		return nil
	}
	c.in.w += got
	c.in.began = got > 0
	return nil
}
