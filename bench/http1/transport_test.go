package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The text of an error is all that is left of it in a vegeta.Result.
func TestKindsAreToldByTheirTexts(t *testing.T) {
	for k := range kinds {
		e := error(&Error{k, io.ErrUnexpectedEOF})
		if !errors.Is(e, io.ErrUnexpectedEOF) {
			t.Errorf("%v hides its cause", e)
		}
		for other := range kinds {
			if has := strings.Contains(e.Error(), other.String()); has != (k == other) {
				t.Errorf("%q contains %q: %v", e, other, has)
			}
		}
	}
}

// A connection costs no goroutine, in use or kept.
func TestConnectionsHaveNoGoroutines(t *testing.T) {
	const conns = 200
	var all sync.WaitGroup
	arrived := make(chan struct{}, conns)
	goOn := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-goOn
	}))
	defer s.Close()
	tr := &Transport{MaxIdle: conns}
	defer tr.CloseIdleConnections()
	before := ourGoroutines()
	for range conns {
		all.Go(func() {
			if err := post(tr, s.URL, nil); err != nil {
				t.Error(err)
			}
		})
	}
	for range conns {
		<-arrived
	}
	if n := ourGoroutines() - before; n > conns {
		t.Errorf("%d goroutines for %d requests in flight", n, conns)
	}
	close(goOn)
	all.Wait()
	if n := len(tr.pools[target{"http", s.Listener.Addr().String()}].idle); n != conns {
		t.Errorf("%d connections are kept; want %d", n, conns)
	}
	if n := ourGoroutines() - before; n > 0 {
		t.Errorf("%d goroutines for %d idle connections", n, conns)
	}
}

// ourGoroutines are those that this package is part of.
func ourGoroutines() int {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for one := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(one, "bench/http1.(*") {
			n++
		}
	}
	return n
}

// The wait of a cancelled request ends at once, wherever it waits.
func TestCancelledRequests(t *testing.T) {
	for name, script := range map[string]func(*client, int){
		"before the answer": func(c *client, _ int) { c.request(); c.server.gone <- struct{}{}; c.hold() },
		"within the body": func(c *client, _ int) {
			c.request()
			c.say(whole[:len(whole)-1])
			c.server.gone <- struct{}{}
			c.hold()
		},
		"while it is sent": func(c *client, _ int) { _, _ = c.in.Peek(1); c.server.gone <- struct{}{}; c.deaf() },
		"in the handshake": func(c *client, _ int) { c.server.gone <- struct{}{}; c.deaf() },
	} {
		for _, kind := range []wireKind{plain, tls13, pipes} {
			if name == "in the handshake" && kind != tls13 {
				continue
			}
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				s := serve(t, kind, script)
				ctx, cancel := context.WithCancel(t.Context())
				go func() { <-s.gone; cancel() }()
				req, err := http.NewRequestWithContext(ctx, "POST", s.url,
					strings.NewReader(strings.Repeat("x", 8<<20)))
				if err != nil {
					t.Fatal(err)
				}
				tr := s.sync(time.Hour).Transport.(*Transport)
				resp, err := tr.RoundTrip(req)
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					resp.Body.Close()
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v; want that of the context", err)
				}
				for _, p := range tr.pools {
					if len(p.idle) != 0 {
						t.Error("the connection is kept")
					}
				}
				again := req.Clone(ctx)
				again.Body, again.ContentLength = nil, 0
				if _, err := tr.RoundTrip(again); !errors.Is(err, context.Canceled) {
					t.Errorf("a request of an ended context: %v", err)
				}
			})
		}
	}
}

// Closing a body leaves nothing that could be taken for the next answer.
func TestClosedBodies(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		read   int // bytes before it is closed
		conns  int64
	}{
		"read whole":                {whole, 100, 1},
		"not read, all is here":     {whole, 0, 1},
		"read in part, all is here": {whole, 2, 1},
		"the rest is on its way": {"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" +
			strings.Repeat("x", 1<<20), 2, 2},
		"chunks not read to their end": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
			2, 2},
		"it has no end": {"HTTP/1.1 200 OK\r\n\r\nhello", 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, pipes, answering(c.answer)) // a pipe shows what is here and what not
			client := s.sync(time.Minute)
			for range 2 {
				resp, err := client.Post(s.url, "", nil)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]byte, c.read)
				if n, err := io.ReadFull(resp.Body, got); err != nil && n != 5 {
					t.Fatal(n, err)
				}
				resp.Body.Close()
				resp.Body.Close()
				if n, err := resp.Body.Read(got[:min(1, len(got))]); n != 0 || err == nil {
					t.Errorf("read %d bytes of a closed body, %v", n, err)
				}
			}
			if n := s.accepted.Load(); n != c.conns {
				t.Errorf("%d connections; want %d", n, c.conns)
			}
		})
	}
}

// A client shows its certificate (RFC 8705), and a server's is checked.
func TestCertificates(t *testing.T) {
	server, client := certificates(t)
	server.ClientAuth = tls.RequireAnyClientCert
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.Organization[0]+" "+r.TLS.NegotiatedProtocol)
	}))
	s.TLS = server
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	client.Certificates = server.Certificates
	c := &http.Client{Transport: &Transport{TLS: client}}
	defer c.CloseIdleConnections()
	if got := ask(c, "GET", s.URL, ""); got != "200 OK Acme Co http/1.1" {
		t.Errorf("with a certificate: %s", got)
	}
	distrusting := &http.Client{Transport: &Transport{}}
	if got := ask(distrusting, "GET", s.URL, ""); got != NoConnection.String() {
		t.Errorf("a server whose certificate nobody signed: %s", got)
	}
	plainly := &http.Client{Transport: &Transport{TLS: client}}
	if got := ask(plainly, "GET", strings.Replace(s.URL, "https", "http", 1),
		""); got != "400 Bad Request Client sent an HTTP request to an HTTPS server." {
		t.Errorf("without TLS: %s", got)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	tr := &Transport{Timeout: time.Minute}
	err = post(tr, "http://"+l.Addr().String(), nil)
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != NoConnection ||
		!strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%v; want a refused connection", err)
	}
	for _, url := range []string{"ftp://server.test/", "http:///x", "/x"} {
		if err := post(tr, url, nil); err == nil {
			t.Errorf("%s: no error", url)
		}
	}
	if c := tr.TakeConnects(); c.Failed != 1 || c.Made != 0 {
		t.Errorf("counted %+v; want one failure", c)
	}
}

// Under the clock of testing/synctest all times are exact.
func TestTimes(t *testing.T) {
	// served answers after wait, over a pipe that takes connect to make.
	served := func(t *testing.T, connect, wait time.Duration) *Transport {
		return &Transport{Timeout: 10 * time.Second, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			select {
			case <-time.After(connect):
			case <-ctx.Done():
				return nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
			}
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				(&client{Conn: far, server: &server{}}).slowly(wait)
			}()
			return near, nil
		}}
	}
	for name, c := range map[string]struct {
		connect, wait time.Duration
		want          string
		took          time.Duration
	}{
		"in time":                {time.Second, 2 * time.Second, "200 OK hello", 3 * time.Second},
		"too late":               {time.Second, 20 * time.Second, Timeout.String(), 10 * time.Second},
		"connected too late":     {20 * time.Second, 1, ConnectTimeout.String(), 10 * time.Second},
		"late with both of them": {6 * time.Second, 6 * time.Second, Timeout.String(), 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := served(t, c.connect, c.wait)
				began := time.Now()
				got := ask(&http.Client{Transport: tr}, "POST", "http://server.test", "x")
				if took := time.Since(began); got != c.want || took != c.took {
					t.Errorf("%s after %v; want %s after %v", got, took, c.want, c.took)
				}
				tr.CloseIdleConnections()
				time.Sleep(time.Minute) // for the server to see it
			})
		})
	}
	t.Run("connections are kept so long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			tr := served(t, 7*time.Millisecond, time.Millisecond)
			tr.IdleTimeout = time.Minute
			tr.MaxIdle = 2
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					if err := post(tr, "http://server.test", nil); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			p := tr.pools[target{"http", "server.test"}]
			if n := len(p.idle); n != 2 {
				t.Errorf("%d connections are kept; want 2", n)
			}
			if c := tr.TakeConnects(); c != (Connects{Made: 5, Total: 35 * time.Millisecond,
				Peak: 7 * time.Millisecond}) {
				t.Errorf("counted %+v", c)
			}
			oldest := p.idle[0]
			for range 3 { // the one on top is used, the one below ages
				time.Sleep(40 * time.Second)
				if err := post(tr, "http://server.test", nil); err != nil {
					t.Error(err)
				}
			}
			if len(p.idle) != 1 || p.idle[0] == oldest {
				t.Errorf("%d connections are kept; want only the one that is used", len(p.idle))
			}
			time.Sleep(2 * time.Minute)
			if err := post(tr, "http://server.test", nil); err != nil {
				t.Error(err)
			}
			if c := tr.TakeConnects(); c.Made != 1 {
				t.Errorf("%d new connections after a long pause; want 1", c.Made)
			}
			tr.CloseIdleConnections()
			if len(p.idle) != 0 {
				t.Error("connections are still kept")
			}
			synctest.Wait()
		})
	})
}
