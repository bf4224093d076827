package http1

import (
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// wire is the connection below TLS. It counts what leaves, can look for something to
// read without waiting, and can write without waiting for ever, so that a server may answer a request before it is
// whole.
type wire struct {
	net.Conn
	raw      syscall.RawConn // nil where the connection is not the system's
	deadline time.Time
	broken   atomic.Bool // broken off by a context

	sent    int64 // bytes given to the system in this exchange
	looking bool  // Read does not wait
	large   bool  // Write does not wait
	rest    []byte

	// For read, which is kept because a new closure for each call would be garbage.
	read func(fd uintptr) bool
	p    []byte
	n    int
	err  error

	step   func(fd uintptr) bool // takeTurn, kept likewise
	turned turn
}

func (w *wire) open(nc net.Conn) {
	w.Conn = nc
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := sc.SyscallConn(); err == nil {
		w.raw, w.step = raw, w.takeTurn
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

// Write counts what leaves. While a large request is written it does not wait: what the
// system does not take is kept for flush.
func (w *wire) Write(p []byte) (int, error) {
	if w.large {
		w.rest = append(w.rest, p...)
		return len(p), nil
	}
	n, err := w.Conn.Write(p)
	w.sent += int64(n)
	return n, err
}

// flush writes what was kept, as far as the system takes it within flushTime. What is
// left then is no error.
func (w *wire) flush() error {
	until := time.Now().Add(flushTime)
	last := !w.deadline.IsZero() && !until.Before(w.deadline)
	if last {
		until = w.deadline
	}
	_ = w.SetWriteDeadline(until)
	if w.broken.Load() { // perhaps before this deadline was set
		return os.ErrDeadlineExceeded
	}
	n, err := w.Conn.Write(w.rest)
	w.sent += int64(n)
	w.rest = w.rest[:copy(w.rest, w.rest[n:])]
	if err != nil && late(err) && !last {
		return nil
	}
	return err
}

// quiet is an error that TLS takes for a passing one.
type quiet string

func (q quiet) Error() string { return string(q) }
func (quiet) Timeout() bool   { return true }
func (quiet) Temporary() bool { return true }

// errSilent is nothing to read at the moment.
const errSilent = quiet("nothing to read")
