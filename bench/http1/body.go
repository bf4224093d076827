package http1

import (
	"context"
	"io"
	"net/http"
	"time"
)

type framing uint8

const (
	none       framing = iota
	counted            // Content-Length
	chunks             // Transfer-Encoding: chunked
	untilClose         // neither: all until the connection ends
)

// body is the body of an answer. When it has been read to its end, the connection goes
// back to the pool; when it is closed before, the connection is closed, unless the rest
// has come already.
type body struct {
	in      *reader
	resp    *http.Response
	conn    *conn // nil when it was given back
	ctx     context.Context
	stop    func() bool
	framing framing
	last    bool  // the connection is not used again
	left    int64 // bytes of the body, or of this chunk
	chunk   chunkReader
	err     error // for every Read from now on

	transport *Transport
	got, held int64 // bytes of the body that came, and that count in transport.held
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.read(p)
	if much := b.hold(n); err == nil {
		err = much
	}
	switch {
	case err == io.EOF:
		b.err = io.EOF
		b.release()
	case err != nil:
		b.err = b.conn.fail(b.ctx, b.stop, err)
		b.conn = nil
	}
	return n, b.err
}

// read returns io.EOF with the last bytes, not after them.
func (b *body) read(p []byte) (int, error) {
	switch b.framing {
	case counted:
		if len(p) == 0 {
			return 0, nil
		}
		n, err := b.in.take(p, b.left)
		b.left -= int64(n)
		if b.left == 0 {
			return n, io.EOF
		}
		return n, unexpected(err)
	case chunks:
		return b.chunk.read(b.in, p, b.resp)
	default:
		if len(p) == 0 {
			return 0, nil
		}
		return b.in.take(p, int64(len(p)))
	}
}

// take reads at most limit bytes, past the buffer when it is empty and p is as large.
func (b *reader) take(p []byte, limit int64) (int, error) {
	if int64(len(p)) > limit {
		p = p[:limit]
	}
	if b.r == b.w {
		if len(p) >= readBuffer && b.src != nil {
			return b.src.Read(p)
		}
		if err := b.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.buf[b.r:b.w])
	b.r += n
	return n, nil
}

// Close ends the answer: a rest that is not here yet is not waited for.
func (b *body) Close() error {
	b.letGo()
	if b.err == nil && b.framing == counted && b.left <= int64(b.in.buffered()) {
		b.in.r += int(b.left)
		b.release()
	}
	if b.err == nil || b.err == io.EOF {
		b.err = http.ErrBodyReadAfterClose
	}
	if b.conn != nil {
		b.last = true
		b.release()
	}
	return nil
}

// release gives the connection back after a whole answer.
func (b *body) release() {
	c := b.conn
	b.conn = nil
	// stop is asked first: from then on nobody but us has the connection.
	if !b.stop() || b.last || b.in.buffered() > 0 {
		c.close()
		return
	}
	c.kept, c.used = true, time.Now()
	c.pool.put(c)
}
