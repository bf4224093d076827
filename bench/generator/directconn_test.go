package generator

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// connected returns both ends of a TCP connection; the first with cheaper calls.
func connected(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near = direct(dialled)
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

// Far more than the system's buffers hold goes through whole, in both directions at once.
func TestDirectConnCarriesAll(t *testing.T) {
	near, far := connected(t)
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MB
	go func() { _, _ = io.Copy(far, far) }()                // what comes is sent back
	sent := make(chan error, 1)
	go func() {
		n, err := near.Write(want)
		if err == nil && n != len(want) {
			err = io.ErrShortWrite
		}
		sent <- err
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(near, got); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("what came back is not what was sent")
	}
}

// Its ends are the ends that net knows.
func TestDirectConnEnds(t *testing.T) {
	var p [8]byte
	near, far := connected(t)
	if n, err := near.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d, %v", n, err)
	}
	near.SetReadDeadline(time.Unix(1, 0))
	if _, err := near.Read(p[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read after the deadline: %v", err)
	}
	var timeout net.Error
	if _, err := near.Read(p[:]); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("read after the deadline is no time-out: %v", err)
	}
	near.SetReadDeadline(time.Time{})
	far.Write([]byte("last"))
	far.Close()
	if n, err := io.ReadFull(near, p[:4]); n != 4 || err != nil {
		t.Errorf("read %d, %v; want what was sent before the end", n, err)
	}
	if _, err := near.Read(p[:]); err != io.EOF {
		t.Errorf("read at the end: %v; want EOF", err)
	}
	near.Close()
	if _, err := near.Read(p[:]); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after Close: %v", err)
	}
	if _, err := near.Write(p[:]); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after Close: %v", err)
	}

	// A reset is an error of the system, not an end.
	near, far = connected(t)
	far.(*net.TCPConn).SetLinger(0)
	far.Close()
	if _, err := near.Read(p[:]); err == nil || err == io.EOF {
		t.Errorf("read after a reset: %v", err)
	}
	if _, err := near.Write(p[:]); err == nil {
		t.Error("write after a reset went well")
	}

	// Close ends a read that waits.
	near, _ = connected(t)
	ended := make(chan error)
	go func() { _, err := near.Read(make([]byte, 1)); ended <- err }()
	near.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("read that was waiting at Close: %v", err)
	}
}
