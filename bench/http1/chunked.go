package http1

import (
	"bytes"
	"io"
	"net/http"
)

const (
	maxChunkLine = 4 << 10 // bytes, extension included
	maxTrailer   = 4 << 10 // bytes
	maxOverhead  = 16 << 10
)

// chunkReader takes the chunks apart (RFC 9112 section 7.1). Extensions are skipped;
// lines end in CR LF, for a bare LF is how requests are smuggled.
type chunkReader struct {
	left     int64 // bytes of this chunk
	end      bool  // its line end is due
	last     bool  // The last chunk has come; the trailer is due.
	overhead int64 // bytes of lines beyond what data explains; see net/http
}

// read returns io.EOF with the last bytes when the end has come with them.
func (c *chunkReader) read(in *reader, p []byte, resp *http.Response) (n int, err error) {
	for {
		if n > 0 && !c.ready(in) {
			return n, nil // what is here is not held back for what is not
		}
		switch {
		case c.last:
			if err = trailer(in, resp); err == nil {
				err = io.EOF
			}
		case c.end:
			err = c.finish(in)
		case c.left == 0:
			if err = c.start(in); err == io.EOF {
				c.last, err = true, nil
			}
		case n == len(p):
			return n, nil
		default:
			var k int
			k, err = in.take(p[n:], c.left)
			err = unexpected(err)
			n += k
			c.left -= int64(k)
			c.end = c.left == 0
		}
		if err != nil {
			return n, err
		}
	}
}

// ready tells whether the next step needs nothing that is not here yet.
func (c *chunkReader) ready(in *reader) bool {
	rest := in.buf[in.r:in.w]
	switch {
	case c.last:
		return true
	case c.end:
		return len(rest) >= 2
	case c.left > 0:
		return len(rest) > 0
	default:
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		last := bytes.HasPrefix(line, []byte("0")) // its trailer must be here too
		return whole && (!last || bytes.HasPrefix(after, []byte("\r\n")))
	}
}

func (c *chunkReader) finish(in *reader) error {
	for in.buffered() < 2 {
		if err := in.fill(); err != nil {
			return unexpected(err)
		}
	}
	if string(in.buf[in.r:in.r+2]) != "\r\n" {
		return refuse("a chunk does not end where its size says")
	}
	in.r += 2
	c.end = false
	return nil
}

// start reads the line with a chunk's size; io.EOF is the last chunk.
func (c *chunkReader) start(in *reader) error {
	var line []byte
	for {
		rest := in.buf[in.r:in.w]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
			break
		}
		if len(rest) >= maxChunkLine {
			return refuse("a chunk's size has more than %d bytes", maxChunkLine)
		}
		if err := in.fill(); err != nil {
			return unexpected(err)
		}
	}
	in.r += len(line)
	if i := bytes.IndexByte(line, '\r'); i < 0 || i != len(line)-2 {
		return refuse("a chunk's size does not end in CR LF")
	}
	line = line[:len(line)-2]
	if len(line) >= maxChunkLine {
		return refuse("a chunk's size has more than %d bytes", maxChunkLine)
	}
	c.overhead += int64(len(line)) + 4
	size, _, _ := bytes.Cut(bytes.TrimRight(line, " \t"), []byte(";"))
	n, ok := hex(size)
	if !ok {
		return refuse("a chunk's size is no number")
	}
	// 16 bytes for each chunk and twice its data are taken for granted.
	if c.overhead -= 16 + 2*min(n, 1<<40); c.overhead < 0 {
		c.overhead = 0
	}
	if c.overhead > maxOverhead {
		return refuse("its chunks are mostly not data")
	}
	if n == 0 {
		return io.EOF
	}
	c.left = n
	return nil
}

func hex(s []byte) (n int64, ok bool) {
	if len(s) == 0 || len(s) > 15 { // 2^60 bytes are enough
		return 0, false
	}
	for _, c := range s {
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | int64(c)
	}
	return n, true
}

// trailer reads what follows the last chunk.
func trailer(in *reader, resp *http.Response) error {
	for in.buffered() < 2 {
		if err := in.fill(); err != nil {
			return unexpected(err)
		}
	}
	if string(in.buf[in.r:in.r+2]) == "\r\n" {
		in.r += 2
		return nil
	}
	text, count, err := in.lines(maxTrailer, func(_ int, line []byte) error { return checkField(line) })
	if err != nil {
		return unexpected(err)
	}
	if !bytes.HasSuffix(text, []byte("\r\n\r\n")) {
		return refuse("its trailer does not end in CR LF CR LF")
	}
	if resp.Trailer == nil {
		resp.Trailer = http.Header{}
	}
	for name, values := range fields(string(text), count) {
		resp.Trailer[name] = values
	}
	return nil
}
