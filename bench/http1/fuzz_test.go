package http1

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// scripted is a server in memory that has written all it ever will, and closed.
type scripted struct {
	net.Conn
	data []byte
	step int // bytes at most in one Read
	read int
}

func (s *scripted) Read(p []byte) (int, error) {
	if s.read == len(s.data) {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.step)], s.data[s.read:])
	s.read += n
	return n, nil
}
func (s *scripted) Write(p []byte) (int, error) { return len(p), nil }
func (*scripted) SetDeadline(time.Time) error   { return nil }
func (*scripted) Close() error                  { return nil }

// seen is all that a caller can see of an answer.
type seen struct {
	Status           string
	StatusCode       int
	Proto            string
	Header           http.Header
	Trailer          http.Header
	ContentLength    int64
	TransferEncoding []string
	Close            bool
	Body             string
}

func see(resp *http.Response, body []byte) seen {
	return seen{resp.Status, resp.StatusCode, resp.Proto, resp.Header, resp.Trailer, resp.ContentLength,
		resp.TransferEncoding, resp.Close, string(body)}
}

// parsed is what one of the parsers made of an answer.
type parsed struct {
	seen
	headErr, bodyErr error
	used             int // bytes of the answer; with ours -1 if the connection was not kept
}

func ours(data []byte, method string, step int) parsed {
	server := &scripted{data: data, step: step}
	t := &Transport{Dial: func(context.Context, string, string) (net.Conn, error) { return server, nil }}
	req, err := http.NewRequest(method, "http://server.test/", nil)
	if err != nil {
		panic(err)
	}
	resp, err := t.RoundTrip(req)
	if err != nil {
		return parsed{headErr: err}
	}
	body, bodyErr := io.ReadAll(resp.Body)
	resp.Body.Close()
	used := -1
	if p := t.pools[target{"http", "server.test"}]; len(p.idle) == 1 {
		used = server.read
	}
	return parsed{seen: see(resp, body), bodyErr: bodyErr, used: used}
}

// exchanged is the same by Exchange, of which nobody sees more than a load needs.
func exchanged(data []byte, method string, step int) (Answer, error) {
	server := &scripted{data: data, step: step}
	t := &Transport{Dial: func(context.Context, string, string) (net.Conn, error) { return server, nil }}
	return t.Exchange(Request{Method: method, URL: "http://server.test/"}, 1<<20)
}

// checkExchange holds Exchange against RoundTrip: the same answer, or the same error.
func checkExchange(t *testing.T, data []byte, method string, step int, want parsed) {
	t.Helper()
	got, err := exchanged(data, method, step)
	failed := want.headErr
	if failed == nil {
		failed = want.bodyErr
	}
	if (err == nil) != (failed == nil) || err != nil && err.Error() != failed.Error() {
		t.Fatalf("%s %q: Exchange fails with %v; RoundTrip with %v", method, data, err, failed)
	}
	if want.headErr == nil && (got.Code != want.StatusCode || got.Status != want.Status ||
		!reflect.DeepEqual(got.Header, want.Header) || string(got.Body) != want.Body) {
		t.Fatalf("%s %q: Exchange reads %+v; RoundTrip %+v", method, data, got, want)
	}
}

// checkIncoming holds Incoming against Exchange, when the same bytes come in the same pieces: the first time,
// and again on the same connection, if it can be used again.
func checkIncoming(t *testing.T, data []byte, method string, step int) {
	t.Helper()
	server := &scripted{data: data, step: step}
	transport := &Transport{Dial: func(context.Context, string, string) (net.Conn, error) { return server, nil }}
	want, failed := transport.Exchange(Request{Method: method, URL: "http://server.test/"}, 1<<20)
	in := NewIncoming(&Transport{})
	for range 3 {
		in.Begin(method, 1<<20)
		whole, err := false, error(nil)
		used := 0
		for used < len(data) && !whole && err == nil {
			n := min(step, len(data)-used)
			whole, err = in.Bring(bytes.Clone(data[used : used+n]))
			used += n
		}
		if !whole && err == nil {
			whole, err = in.End(io.EOF)
		}
		if whole != (err == nil) || whole != (failed == nil) {
			t.Fatalf("%s %q: whole %v, %v; Exchange: %v", method, data, whole, err, failed)
		}
		if !whole {
			var e *Error
			refused := errors.As(failed, &e) && e.Kind == Malformed
			if refused != errors.As(err, &e) || refused && err.Error() != failed.Error() {
				t.Fatalf("%s %q: fails with %v; Exchange with %v", method, data, err, failed)
			}
			return
		}
		got := in.Answer()
		if got.Code != want.Code || got.Status != want.Status || !reflect.DeepEqual(got.Header, want.Header) ||
			string(got.Body) != string(want.Body) {
			t.Fatalf("%s %q: reads %+v; Exchange %+v", method, data, got, want)
		}
		kept := len(transport.pools[target{"http", "server.test"}].idle) == 1
		if again := in.Reusable() && used <= len(data); again != kept && len(data) <= readBuffer {
			t.Fatalf("%s %q: to be used again %v; Exchange keeps its connection: %v", method, data, again, kept)
		}
		if !in.Reusable() {
			return
		}
	}
}

// theirs is the same with net/http's parser, as its Transport uses it.
func theirs(data []byte, method string, step int) parsed {
	server := &scripted{data: data, step: step}
	req := &http.Request{Method: method}
	r := bufio.NewReader(server)
	for range maxInterim + 1 {
		resp, err := http.ReadResponse(r, req)
		if err != nil {
			return parsed{headErr: err}
		}
		if resp.StatusCode/100 == 1 && resp.StatusCode != 101 {
			continue
		}
		body, bodyErr := io.ReadAll(resp.Body)
		return parsed{seen: see(resp, body), bodyErr: bodyErr, used: server.read - r.Buffered()}
	}
	return parsed{headErr: errors.New("too many interim answers")}
}

var (
	statusLine  = regexp.MustCompile(`^HTTP/1\.[01] [1-9][0-9][0-9]( [^\x00-\x08\x0a-\x1f\x7f]*)?\r?\n`)
	headerLines = regexp.MustCompile(`^([!#$%&'*+.^_|~0-9A-Za-z\x60-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r?\n)*\r?\n`)
)

// stricter tells whether data begins with answers that we refuse on purpose although
// net/http takes them; doc.go lists why.
func stricter(data []byte) bool {
	for range maxInterim + 1 {
		line := statusLine.Find(data)
		if line == nil {
			return true
		}
		if bytes.Contains(line, []byte(" 101")) {
			return true
		}
		data = data[len(line):]
		head := headerLines.Find(data)
		if head == nil {
			return true
		}
		data = data[len(head):]
		if line[9] != '1' {
			break
		}
	}
	// Trailers are held to the same grammar, and end their lines in CR LF.
	return false
}

// FuzzAnswer compares with net/http's parser: the same answer, or both refuse it; and
// a connection is kept only when exactly the answer was read from it.
func FuzzAnswer(f *testing.F) {
	for _, head := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
		"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end",
		"HTTP/1.1 200 OK\r\n\r\nuntil the end",
		"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nab",
		"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 " +
			"OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;name=\"value\"\r\nyou\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: " +
			"1\r\nOther: 2\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0 ; x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 3000) + "\r\na\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nset-cookie: a\r\nSet-Cookie: b\r\nx-odd-NAME:\tc \r\nEmpty:\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA\r\n\r\n",
		"HTTP/1.1 200 OK\r\n: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: b\x00c\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
		"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
		"HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 200 OK", "", "\r\n", "SSH-2.0-server\r\n",
		"HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 0\r\n\r\n",
	} {
		for method := range uint8(3) {
			f.Add([]byte(head), method, uint8(0))
		}
		f.Add([]byte(head), uint8(0), uint8(1))
		f.Add([]byte(head), uint8(0), uint8(7))
	}
	f.Fuzz(func(t *testing.T, data []byte, method, step uint8) {
		if len(data) > 64<<10 {
			return // limits are another test's
		}
		name := []string{"GET", "POST", "HEAD"}[method%3]
		size := int(step)
		if size == 0 {
			size = len(data) + 1
		}
		got, want := ours(data, name, size), theirs(data, name, size)
		checkExchange(t, data, name, size, got)
		checkIncoming(t, data, name, size)
		if got.headErr != nil {
			if want.headErr == nil && !stricter(data) {
				t.Fatalf("%s %q: refused with %v; net/http reads %+v", name, data, got.headErr, want)
			}
			return
		}
		if want.headErr != nil {
			t.Fatalf("%s %q: read %+v; net/http refuses with %v", name, data, got, want.headErr)
		}
		// net/http answers an old Pragma with a field of its own.
		if got.Header.Get("Pragma") == "no-cache" && len(got.Header["Cache-Control"]) == 0 {
			delete(want.Header, "Cache-Control")
		}
		switch {
		case got.bodyErr == nil && want.bodyErr != nil:
			t.Fatalf("%s %q: whole body %q; net/http stops with %v", name, data, got.Body, want.bodyErr)
		case got.bodyErr != nil && want.bodyErr == nil:
			if len(want.Trailer) == 0 {
				t.Fatalf("%s %q: body ends with %v; net/http reads it whole: %q", name, data, got.bodyErr, want.Body)
			}
			return // the trailer's grammar is as strict as the header's
		case got.bodyErr != nil:
			got.Body, want.Body, got.Trailer, want.Trailer = "", "", nil, nil // how far each came
		}
		if !reflect.DeepEqual(got.seen, want.seen) {
			t.Fatalf("%s %q:\n got %+v\nwant %+v", name, data, got, want)
		}
		if got.used >= 0 && (got.bodyErr != nil || got.used != want.used || got.Close) {
			t.Fatalf("%s %q: kept the connection after %d bytes (%v, close %v); the answer has %d", name, data,
				got.used, got.bodyErr, got.Close, want.used)
		}
	})
}
