package generator

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// directConn reads and writes a connection without telling the scheduler of each system
// call. None of them can block, for the descriptor is a non-blocking one; but a call that
// is announced wakes the runtime's monitor thread whenever the process was idle before,
// which it is between two requests, and that costs as much CPU as the request itself.
//
// As net/http and bench/http1 do, one goroutine at a time may read, and one write.
type directConn struct {
	net.Conn
	raw syscall.RawConn
	in  transfer
	out transfer
}

// transfer is one direction of a directConn.
type transfer struct {
	call uintptr // number of the system call
	p    []byte
	n    int
	err  error
	step func(fd uintptr) bool // kept: a new closure for each call would be garbage
}

// direct returns conn with cheaper calls, or as it is when it is not the system's.
func direct(conn net.Conn) net.Conn {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return conn
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return conn
	}
	c := &directConn{Conn: conn, raw: raw}
	c.in.call, c.out.call = syscall.SYS_READ, syscall.SYS_WRITE
	c.in.step, c.out.step = c.in.once, c.out.once
	return c
}

// once tries the call; false means that the descriptor is not ready.
func (t *transfer) once(fd uintptr) bool {
	for {
		n, _, e := syscall.RawSyscall(t.call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(t.p))), uintptr(len(t.p)))
		switch e {
		case 0:
			t.n, t.err = int(n), nil
			return true
		case syscall.EAGAIN:
			return false
		case syscall.EINTR:
		default:
			t.n, t.err = 0, e
			return true
		}
	}
}

// Read implements net.Conn.
func (c *directConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c.in.p = p
	err := c.raw.Read(c.in.step)
	c.in.p = nil
	switch {
	case err != nil:
		return 0, err // deadline, or closed
	case c.in.err != nil:
		return 0, c.failed("read", c.in.err)
	case c.in.n == 0:
		return 0, io.EOF
	}
	return c.in.n, nil
}

// Write implements net.Conn: it returns when all of p is written, or with an error.
func (c *directConn) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		c.out.p = p[written:]
		err := c.raw.Write(c.out.step)
		c.out.p = nil
		if err != nil {
			return written, err
		}
		if c.out.err != nil {
			return written, c.failed("write", c.out.err)
		}
		written += c.out.n
	}
	return written, nil
}

func (c *directConn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(),
		Err: os.NewSyscallError(op, err)}
}

// SyscallConn implements syscall.Conn.
func (c *directConn) SyscallConn() (syscall.RawConn, error) { return c.raw, nil }
