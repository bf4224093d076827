package http1

import (
	"bytes"
	"io"
)

const readBuffer = 4 << 10 // bytes; mostly a whole answer

// reader is the buffer of what came and was not yet used: buf[r:w].
type reader struct {
	src   io.Reader // nil when bytes are brought: then there is never more than what is here
	buf   []byte
	r, w  int
	began bool // a byte of this answer has come

	// How far reading lines has come, for it may end before the last has come, and go on when more is here.
	seen, lineCount int // bytes after r that were looked at, and lines in them
	interim, heads  int // interim answers before this one, and bytes of all heads

	// failed is what the next fill finds, where it is known already.
	failed error
}

func (b *reader) buffered() int { return b.w - b.r }

// begin is called before a request leaves.
func (b *reader) begin() { b.began, b.seen, b.lineCount, b.interim, b.heads = false, 0, 0, 0, 0 }

// fill waits for more. The buffer grows only when it is full; callers hold the limit.
func (b *reader) fill() error {
	if err := b.failed; err != nil {
		b.failed = nil
		return err
	}
	if b.src == nil {
		return errSilent
	}
	switch {
	case b.buf == nil:
		b.buf = make([]byte, readBuffer)
	case b.r == b.w:
		b.r, b.w = 0, 0
		if len(b.buf) > 16*readBuffer {
			b.buf = make([]byte, readBuffer)
		}
	case b.w == len(b.buf) && b.r > 0:
		b.w = copy(b.buf, b.buf[b.r:b.w])
		b.r = 0
	case b.w == len(b.buf):
		b.buf = append(b.buf, make([]byte, len(b.buf))...)
	}
	for range 100 {
		n, err := b.src.Read(b.buf[b.w:])
		b.w += n
		if n > 0 {
			b.began = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// room is the buffer, of which nothing is in use.
func (b *reader) room() []byte {
	b.r, b.w = 0, 0
	if b.buf == nil || len(b.buf) > 16*readBuffer {
		b.buf = make([]byte, readBuffer)
	}
	return b.buf
}

// lines returns everything up to and with the first empty line, valid until the next
// fill, and how many lines are before that. check sees each line without its end as soon as it has come, so that what
// is
// not HTTP is refused at once, not after the timeout. limit is in bytes.
func (b *reader) lines(limit int, check func(n int, line []byte) error) (all []byte, count int, err error) {
	for {
		i := bytes.IndexByte(b.buf[b.r+b.seen:b.w], '\n')
		if i < 0 {
			if b.buffered() > limit {
				return nil, 0, refuse("its head is longer than %d bytes", limit)
			}
			if err := b.fill(); err != nil {
				return nil, 0, err
			}
			continue
		}
		line := b.buf[b.r+b.seen : b.r+b.seen+i]
		b.seen += i + 1
		if k := len(line); k > 0 && line[k-1] == '\r' {
			line = line[:k-1]
		}
		if b.seen > limit {
			return nil, 0, refuse("its head is longer than %d bytes", limit)
		}
		if b.lineCount > 0 && len(line) == 0 {
			all, count = b.buf[b.r:b.r+b.seen], b.lineCount
			b.r += b.seen
			b.seen, b.lineCount = 0, 0
			return all, count, nil
		}
		if err := check(b.lineCount, line); err != nil {
			return nil, 0, err
		}
		b.lineCount++
	}
}
