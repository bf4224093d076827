package http1

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// wireKind is how the tests' servers are reached.
type wireKind string

const (
	plain wireKind = "plain"
	tls13 wireKind = "TLS 1.3"
	tls12 wireKind = "TLS 1.2"
	pipes wireKind = "net.Pipe" // nothing can be looked at
)

// server runs a script for each connection; connections are numbered from 0.
type server struct {
	url      string
	dial     func(context.Context, string, string) (net.Conn, error) // nil for the net
	tls      *tls.Config                                             // for clients
	accepted atomic.Int64
	requests atomic.Int64  // that were read whole
	gone     chan struct{} // one for each connection that a script ended
	over     chan struct{} // closed when the test is
}

// client is one connection as a script sees it.
type client struct {
	net.Conn
	tcp    *net.TCPConn // nil for a pipe
	in     *bufio.Reader
	server *server
}

// request reads one request whole; false at the end of the connection.
func (c *client) request() bool {
	req, err := http.ReadRequest(c.in)
	if err != nil {
		return false
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return false
	}
	c.server.requests.Add(1)
	return true
}

func (c *client) say(text string) { _, _ = io.WriteString(c, text) }

// early waits for the beginning of a request and answers.
func (c *client) early(text string) {
	_, _ = c.in.Peek(1)
	c.say(text)
}

// close ends the connection, and says so.
func (c *client) close() {
	c.Close()
	c.server.gone <- struct{}{}
}

// reset breaks the connection instead of closing it, and says so.
func (c *client) reset() {
	if c.tcp != nil {
		_ = c.tcp.SetLinger(0)
		c.tcp.Close()
	}
	c.close()
}

// halfClose ends what the server says.
func (c *client) halfClose() {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite()
	}
	c.server.gone <- struct{}{}
}

// hold keeps the connection open until the client ends it.
func (c *client) hold() { _, _ = io.Copy(io.Discard, c.in) }

// deaf keeps the connection open and reads nothing.
func (c *client) deaf() { <-c.server.over }

func serve(t *testing.T, kind wireKind, script func(c *client, n int)) *server {
	t.Helper()
	s := &server{url: "http://server.test/", gone: make(chan struct{}, 1000), over: make(chan struct{})}
	t.Cleanup(func() { close(s.over) })
	run := func(raw, conn net.Conn) {
		tcp, _ := raw.(*net.TCPConn)
		c := &client{Conn: conn, tcp: tcp, in: bufio.NewReader(conn), server: s}
		defer conn.Close()
		script(c, int(s.accepted.Add(1)-1))
	}
	if kind == pipes {
		s.dial = func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			t.Cleanup(func() { far.Close() })
			go run(nil, far)
			return near, nil
		}
		return s
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s.url = "http://" + l.Addr().String() + "/"
	var config *tls.Config
	if kind != plain {
		s.url = "https://" + l.Addr().String() + "/"
		config, s.tls = certificates(t)
		if kind == tls12 {
			config.MaxVersion = tls.VersionTLS12
		}
	}
	go func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			conn := raw
			if config != nil {
				conn = tls.Server(raw, config)
			}
			go run(raw, conn)
		}
	}()
	return s
}

// certificates are those of net/http/httptest, for 127.0.0.1.
func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: roots}
}

// timedOut and failed are what both transports call an outcome without an answer.
const (
	timedOut = "timed out"
	failed   = "failed"
)

// maxHeadHere bounds heads, in bytes: servers send longer ones.
const maxHeadHere = 64 << 10

// sync and std are both transports on one server, with the same limits.
func (s *server) sync(timeout time.Duration) *http.Client {
	return &http.Client{Transport: &Transport{Timeout: timeout, Dial: s.dial, TLS: s.tls, MaxHead: maxHeadHere}}
}

func (s *server) std(timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout,
		Transport: &http.Transport{DisableCompression: true, DialContext: s.dial, TLSClientConfig: s.tls,
			MaxResponseHeaderBytes: maxHeadHere}}
}

// ask sends one request and tells its outcome: status and body, or what went wrong.
func ask(c *http.Client, method, url, body string) string {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	resp, err := c.Do(req)
	if err != nil {
		return wrong(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return wrong(err)
	}
	return strings.TrimSpace(resp.Status + " " + string(data))
}

func wrong(err error) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Kind.String()
	}
	if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
		return timedOut
	}
	return failed
}

// coarse is an outcome as both transports can tell it.
func coarse(outcome string) string {
	switch outcome {
	case Timeout.String(), ConnectTimeout.String():
		return timedOut
	}
	if strings.HasPrefix(outcome, "http1: ") {
		return failed
	}
	return outcome
}

// slowly answers every request after wait.
func (c *client) slowly(wait time.Duration) {
	c.in = bufio.NewReader(c.Conn)
	for c.request() {
		time.Sleep(wait)
		c.say(whole)
	}
}
