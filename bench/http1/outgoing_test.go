package http1

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

// exchanges tells what leaves when a request is sent by Exchange.
func exchanges(t *testing.T, r Request) string {
	t.Helper()
	conn := &recording{scripted: &scripted{data: []byte("HTTP/1.1 204 No Content\r\n\r\n"), step: 100}}
	transport := &Transport{Dial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	if _, err := transport.Exchange(r, 10); err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return conn.wrote.String()
}

// A request is, byte for byte, what Exchange sends, also when a head like its own was written before.
func TestOutgoingIsWhatExchangeSends(t *testing.T) {
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	changing := http.Header{"Authorization": {"Basic eDp5"}, "X": {"a", "b"}}
	var out Outgoing
	for round := range 4 {
		changing["X"][1] += "c" // within the same header
		for _, r := range []Request{
			{URL: "http://server.test/"},
			{URL: "http://server.test/", Header: form},
			{Method: "POST", URL: "http://server.test/", Header: form},
			{Method: "POST", URL: "http://server.test/", Header: changing},
			{Method: "POST", URL: "https://server.test/"},
			{Method: "POST", URL: "http://server.test:81/token?x=%20#f", Header: form},
			{Method: "PATCH", URL: "http://server.test/", Header: http.Header{"Content-Length": {"7"}}},
			{Method: "DELETE", URL: "http://server.test/a%2fb c"},
			{Method: "PUT", URL: "http://server.test", Header: http.Header{"Connection": {"close"},
				"User-Agent": {"Content-Length: 3"}}},
			{Method: "POST", URL: "http://server.test/", Header: http.Header{"Host": {"other.test"}}},
		} {
			for _, body := range []string{"", "a=b", strings.Repeat("x", 12345)} {
				if r.Body = []byte(body); strings.HasPrefix(r.URL, "https") {
					r.URL = "http" + r.URL[5:] // Its bytes are those of a plain one.
				}
				want := exchanges(t, r)
				got, to, err := out.Append([]byte("before"), r)
				if err != nil || string(got) != "before"+want {
					t.Fatalf("round %d, %+v:\nwrites %q, %v\nExchange %q", round, r, got, err, want)
				}
				port := "80"
				if strings.Contains(r.URL, ":81") {
					port = "81"
				}
				if to != (Destination{"server.test:" + port, true, r.Header.Get("Connection") == "close"}) {
					t.Errorf("%+v goes to %+v", r, to)
				}
			}
		}
	}
}

// Where a request goes is told apart, and what cannot be sent is refused, each time.
func TestOutgoingDestinations(t *testing.T) {
	var out Outgoing
	for range 2 {
		for url, want := range map[string]Destination{
			"http://a.test/":       {Address: "a.test:80", Plain: true},
			"https://a.test/":      {Address: "a.test:443"},
			"http://[::1]:8080/x":  {Address: "[::1]:8080", Plain: true},
			"https://[fe80::1]/x?": {Address: "[fe80::1]:443"},
		} {
			if _, got, err := out.Append(nil, Request{URL: url}); err != nil || got != want {
				t.Errorf("%s goes to %+v, %v; want %+v", url, got, err, want)
			}
		}
		for _, r := range []Request{
			{URL: "ftp://server.test/"}, {URL: "http:///x"}, {URL: ""}, {Method: "G T", URL: "http://server.test/"},
			{URL: "http://server.test/", Header: http.Header{"X": {"a\r\nInjected: b"}}},
		} {
			if got, _, err := out.Append([]byte("b"), r); err == nil || string(got) != "b" {
				t.Errorf("%+v: writes %q, %v; want it refused", r, got, err)
			}
		}
	}
}
