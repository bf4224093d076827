package http1

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What is cut by hand is what net/url makes of it.
func FuzzSplit(f *testing.F) {
	for _, raw := range []string{
		"http://server.test/token", "https://server.test:8443/a/b?x=1&y=%20", "http://127.0.0.1:80//x?", "http://h/?#f",
		"http://h:/", "http://h:8x/", "http://:80/", "http://[::1]:80/", "http://u:p@h/", "http://h/a%2fb",
		"http://h/?a b",
		"http://h", "http://h?x/", "ftp://h/", "http:///x", "HTTP://h/", "http://h/\xc3\xa4", "http://h/?\xc3\xa4",
		"://h/", "",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		scheme, host, uri, ok := split(raw)
		if !ok {
			return
		}
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatalf("%q: cut to %q, %q and %q; net/url refuses it: %v", raw, scheme, host, uri, err)
		}
		if u.Scheme != scheme || u.Host != host || u.RequestURI() != uri {
			t.Fatalf("%q: cut to %q, %q and %q; net/url has %q, %q and %q", raw, scheme, host, uri, u.Scheme, u.Host,
				u.RequestURI())
		}
	})
}

func TestUsualURLsAreCutByHand(t *testing.T) {
	for _, raw := range []string{"http://127.0.0.1:8080/oauth2/token", "https://server.test/realms/x/introspect?n=1"} {
		if _, _, _, ok := split(raw); !ok {
			t.Errorf("%q is left to net/url", raw)
		}
	}
}

// recording is a connection that keeps what is written to it.
type recording struct {
	*scripted
	wrote strings.Builder
}

func (r *recording) Write(p []byte) (int, error) { return r.wrote.Write(p) }

// A request leaves Exchange, byte for byte, as one of net/http leaves RoundTrip, which is fuzzed against
// net/http's own writer.
func TestExchangeSendsWhatRoundTripSends(t *testing.T) {
	for _, r := range []Request{
		{URL: "http://server.test/"},
		{Method: "POST", URL: "http://server.test:80/token?x=%20#f", Body: []byte("grant_type=a"),
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"},
				"Authorization": {"Basic eDp5"}}},
		{Method: "POST", URL: "http://server.test/a%2fb c", Header: http.Header{"X": {" spaced\t", "twice"}}},
		{Method: "PUT", URL: "http://server.test", Header: http.Header{"Connection": {"close"}, "User-Agent": {"me"}}},
		{Method: "DELETE", URL: "http://server.test/x", Header: http.Header{"Host": {"other.test"}}},
	} {
		var sent [2]string
		for k, by := range []func(*Transport) error{
			func(t *Transport) error { _, err := t.Exchange(r, 10); return err },
			func(t *Transport) error {
				req, err := http.NewRequest(r.Method, r.URL, strings.NewReader(string(r.Body)))
				if err != nil {
					return err
				}
				if r.Header != nil {
					req.Header, req.Host = r.Header, r.Header.Get("Host")
				}
				resp, err := t.RoundTrip(req)
				if err == nil {
					resp.Body.Close()
				}
				return err
			},
		} {
			conn := &recording{scripted: &scripted{data: []byte("HTTP/1.1 204 No Content\r\n\r\n"), step: 100}}
			transport := &Transport{Dial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
			if err := by(transport); err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			sent[k] = conn.wrote.String()
		}
		if sent[0] != sent[1] {
			t.Errorf("%+v:\nExchange sends %q\nRoundTrip sends %q", r, sent[0], sent[1])
		}
	}
}

// What cannot be sent is refused before a connection is made.
func TestExchangeRefusesNonsense(t *testing.T) {
	dialled := errors.New("dialled")
	transport := &Transport{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, dialled }}
	for _, r := range []Request{
		{URL: ""}, {URL: "server.test/"}, {URL: "ftp://server.test/"}, {URL: "http:///x"}, {URL: "http://h:80x/"},
		{Method: "G T", URL: "http://server.test/"}, {Method: "CONNECT", URL: "http://server.test/"},
		{URL: "http://server.test/", Header: http.Header{"X": {"a\r\nInjected: b"}}},
		{URL: "http://server.test/", Header: http.Header{"X y": {"a"}}},
		{URL: "http://server.test/", Header: http.Header{"Host": {"a b"}}},
	} {
		if _, err := transport.Exchange(r, 10); err == nil || errors.Is(err, dialled) {
			t.Errorf("%+v: %v; want it refused", r, err)
		}
	}
}

// Of a long answer the beginning is kept, and the connection all the same.
func TestExchangeBoundsWhatItKeeps(t *testing.T) {
	for name, answer := range map[string]string{
		"counted": "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + strings.Repeat("x", 3000),
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n" + strings.Repeat("x", 3000) +
			"\r\n0\r\n\r\n",
	} {
		server := &scripted{data: []byte(answer), step: 1000}
		transport := &Transport{Dial: func(context.Context, string, string) (net.Conn, error) { return server, nil }}
		got, err := transport.Exchange(Request{URL: "http://server.test/"}, 10)
		if err != nil || string(got.Body) != strings.Repeat("x", 10) || server.read != len(answer) {
			t.Errorf("%s: %d bytes kept, %d of %d read, %v; want 10 and all", name, len(got.Body), server.read,
				len(answer),
				err)
		}
		if p := transport.pools[target{"http", "server.test"}]; len(p.idle) != 1 {
			t.Errorf("%s: %d connections are kept; want one", name, len(p.idle))
		}
	}
}
