package http1

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

func encoded(t *testing.T, req *http.Request) (string, error) {
	t.Helper()
	var r request
	err := r.encode(req)
	return string(r.out), err
}

// Servers must see what net/http would have sent them, byte for byte.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "http://server.test/token?x=1#frag", "", "Content-Type", "application/x-www-form-urlencoded",
		"grant_type=a", false)
	f.Add("GET", "http://user:secret@server.test:8080", "", "Accept", "", "", false)
	f.Add("HEAD", "http://[fe80::1%25eth0]:1/ä ö", "", "User-Agent", "", "", true)
	f.Add("", "http://server.test/a%2fb/../c?", "other.test", "user-agent", "me", "", false)
	f.Add("DELETE", "http://server.test?q", "", "X", " spaced\t", "body", true)
	f.Add("POST", "http://server.test//x", "bad host", "Connection", "keep-alive, Close", "", true)
	f.Add("PUT", "http://server.test/x", "", "content-length", "5", "", false)
	f.Add("PUT", "http://server.test/x", "", "X", "a\r\nInjected: b", "", false)
	f.Add("PUT", "http://server.test/x", "", "X: y\r\nZ", "a", "", false)
	f.Add("G T", "http://server.test/x", "", "Host", "a", "", false)
	f.Add("GET", "http:opaque?x y", "h", "X", "a", "", false)
	f.Fuzz(func(t *testing.T, method, url, host, name, value, body string, last bool) {
		build := func() *http.Request {
			req, err := http.NewRequest(method, url, strings.NewReader(body))
			if err != nil {
				t.Skip()
			}
			req.Host = host
			req.Header["X-B"], req.Header["X-A"] = []string{"1", "2"}, []string{"3"}
			req.Header[name] = []string{value}
			req.Close = last
			return req
		}
		got, err := encoded(t, build())
		if err != nil {
			return
		}
		if name != http.CanonicalHeaderKey(name) && canonicalElsewhere(name) {
			return // net/http sends a second line for "content-length"; we do not
		}
		if last && name == "Connection" {
			return // net/http looks for "close" between any two bytes that are no letters
		}
		var want bytes.Buffer
		if err := build().Write(&want); err != nil {
			t.Fatalf("%s %q: sent %q; net/http refuses with %v", method, url, got, err)
		}
		if got != want.String() {
			t.Fatalf("%s %q:\n got %q\nwant %q", method, url, got, want.String())
		}
		if strings.Count(got, "\r\n") != strings.Count(want.String(), "\r\n") {
			t.Fatalf("lines were added: %q", got)
		}
	})
}

func canonicalElsewhere(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer":
		return true
	}
	return false
}

func TestRequestsThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"a line break in a value":      func(r *http.Request) { r.Header.Set("X", "a\r\nInjected: b") },
		"a line feed in a value":       func(r *http.Request) { r.Header.Set("X", "a\nb") },
		"a NUL in a value":             func(r *http.Request) { r.Header.Set("X", "a\x00b") },
		"a line break in a name":       func(r *http.Request) { r.Header["X\r\nY"] = []string{"a"} },
		"a space in a name":            func(r *http.Request) { r.Header["X Y"] = []string{"a"} },
		"no name":                      func(r *http.Request) { r.Header[""] = []string{"a"} },
		"a line break in the agent":    func(r *http.Request) { r.Header.Set("User-Agent", "a\r\nb") },
		"a line break in the host":     func(r *http.Request) { r.Host = "a\r\nInjected: b" },
		"a host outside ASCII":         func(r *http.Request) { r.Host = "bücher.test" },
		"a space in the method":        func(r *http.Request) { r.Method = "GET /admin HTTP/1.1\r\nX:" },
		"CONNECT":                      func(r *http.Request) { r.Method = "CONNECT" },
		"a space in the query":         func(r *http.Request) { r.URL.RawQuery = "a b HTTP/1.1" },
		"a line break in the query":    func(r *http.Request) { r.URL.RawQuery = "a\r\nInjected: b" },
		"a body shorter than its size": func(r *http.Request) { r.ContentLength = 10 },
		"a body longer than its size":  func(r *http.Request) { r.ContentLength = 2 },
		"no header":                    func(r *http.Request) { r.Header = nil },
		"no URL":                       func(r *http.Request) { r.URL = nil },
	} {
		closed := false
		req, err := http.NewRequest("POST", "http://server.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Body, req.ContentLength = &closing{strings.NewReader("body"), &closed}, 4
		change(req)
		if got, err := encoded(t, req); err == nil {
			t.Errorf("%s was sent: %q", name, got)
		}
		if !closed {
			t.Errorf("%s: the body stays open", name)
		}
	}
}

type closing struct {
	io.Reader
	closed *bool
}

func (c *closing) Close() error { *c.closed = true; return nil }

func TestRequestBodies(t *testing.T) {
	large := strings.Repeat("x", 3*largeRequest)
	for name, c := range map[string]struct {
		body   io.Reader
		length int64
		want   string
	}{
		"none": {nil, 0, "POST / HTTP/1.1\r\nHost: server.test\r\nUser-Agent: " +
			"Go-http-client/1.1\r\nContent-Length: 0\r\n\r\n"},
		"known": {strings.NewReader("abc"), 3,
			"POST / HTTP/1.1\r\nHost: server.test\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 3\r\n\r\nabc"},
		"unknown length": {io.MultiReader(strings.NewReader("ab"), strings.NewReader("c")), -1,
			"POST / HTTP/1.1\r\nHost: server.test\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 3\r\n\r\nabc"},
		"large": {strings.NewReader(large), int64(len(large)),
			"POST / HTTP/1.1\r\nHost: server.test\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 49152\r\n\r\n" +
				large},
	} {
		req, err := http.NewRequest("POST", "http://server.test/#7", c.body)
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = c.length
		if got, err := encoded(t, req); err != nil || got != c.want {
			t.Errorf("%s: %.300q, %v; want %.300q", name, got, err, c.want)
		}
	}
}
