package http1

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// wire is the connection below TLS. It counts what leaves, can look for something to
// read without waiting, and lets a server answer before a large request is written.
type wire struct {
	net.Conn
	raw      syscall.RawConn // nil where the connection is not the system's
	deadline time.Time
	broken   atomic.Bool // broken off by a context

	sent    int64 // bytes given to the system in this exchange
	looking bool  // Read does not wait
	large   bool  // Write looks for answers

	// For read, which is kept because a new closure for each call would be garbage.
	read func(fd uintptr) bool
	p    []byte
	n    int
	err  error
}

func (w *wire) open(nc net.Conn) {
	w.Conn = nc
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := sc.SyscallConn(); err == nil {
		w.raw = raw
		w.read = func(fd uintptr) bool {
			w.n, w.err = readNow(fd, w.p)
			return true
		}
	}
}

func (w *wire) canLook() bool { return w.raw != nil && canReadNow }

func (w *wire) begin(deadline time.Time) {
	w.deadline = deadline
	_ = w.SetDeadline(deadline) // of a closed connection: the next call says so
}

// breakOff makes everything that is under way fail at once.
func (w *wire) breakOff() {
	w.broken.Store(true)
	_ = w.SetDeadline(time.Unix(1, 0))
}

// Read waits for data, unless the connection is only looked at: then it returns
// errSilent when there is none.
func (w *wire) Read(p []byte) (int, error) {
	if !w.looking {
		return w.Conn.Read(p)
	}
	w.p = p
	err := w.raw.Read(w.read)
	w.p = nil
	if err != nil {
		return 0, err
	}
	return w.n, w.err
}

const (
	// largeRequest may not fit into the system's buffers, bytes: the server can then
	// answer while we still write.
	largeRequest = 16 << 10
	// answerPoll is how long such a write waits before it looks for an answer.
	answerPoll = 20 * time.Millisecond
)

// Write counts what left.
func (w *wire) Write(p []byte) (int, error) {
	if !w.large || !w.canLook() {
		n, err := w.Conn.Write(p)
		w.sent += int64(n)
		return n, err
	}
	written := 0
	for {
		until := time.Now().Add(answerPoll)
		last := !w.deadline.IsZero() && !until.Before(w.deadline)
		if last {
			until = w.deadline
		}
		_ = w.SetWriteDeadline(until)
		if w.broken.Load() { // perhaps before this deadline was set
			_ = w.SetWriteDeadline(time.Unix(1, 0))
			last = true
		}
		n, err := w.Conn.Write(p[written:])
		w.sent += int64(n)
		written += n
		if err == nil || !late(err) || last {
			return written, err
		}
		if w.answered() {
			return written, errAnswered
		}
	}
}

// answered tells whether there is something to read, or nothing ever will be.
func (w *wire) answered() bool {
	var silent bool
	err := w.raw.Read(func(fd uintptr) bool {
		silent = peekNow(fd)
		return true
	})
	return err != nil || !silent
}

// quiet is an error that TLS takes for a passing one.
type quiet string

func (q quiet) Error() string { return string(q) }
func (quiet) Timeout() bool   { return true }
func (quiet) Temporary() bool { return true }

// errSilent is nothing to read at the moment.
const errSilent = quiet("nothing to read")

// errAnswered is a write broken off because the server has answered.
var errAnswered = errors.New("answered before the request was whole")
