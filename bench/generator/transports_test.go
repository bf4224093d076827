package generator

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
)

// listening serves every connection with script and counts the requests that it read.
func listening(t *testing.T, script func(c net.Conn, request func() bool)) (url string, requests *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	requests = &atomic.Int64{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				script(c, func() bool {
					r, err := http.ReadRequest(in)
					if err == nil {
						_, err = io.Copy(io.Discard, r.Body)
					}
					if err != nil {
						return false
					}
					requests.Add(1)
					return true
				})
			}()
		}
	}()
	return "http://" + l.Addr().String(), requests
}

type posting struct{ targeted }

func (w posting) Request(_ int, t *vegeta.Target) {
	t.Method, t.URL, t.Body = "POST", w.url, []byte("token=x")
}
func (posting) Check(_ int, r *vegeta.Result) bench.Answer {
	if r.Code != 200 || string(r.Body) != "ok" {
		return bench.Answer{Outcome: bench.Rejected, Case: "another answer"}
	}
	return bench.Answer{}
}
func (posting) Operation(int) string { return "post" }

// path is a way that requests of a plain server go.
type path struct {
	name      string
	transport bench.Transport
	workers   bool // not by the loop, where there is one
}

var paths = []path{{"sync", bench.Sync, false}, {"sync by workers", bench.Sync, true}, {"std", bench.Std, true}}

func (p path) open(timeout time.Duration, connections int) *Client {
	c := OpenClient(ClientOptions{Transport: p.transport, Timeout: timeout, Connections: connections})
	if p.workers {
		c.loop.close()
		c.loop = nil
	}
	return c
}

// Both transports give the same outcomes; only the synchronous one tells where a
// connection broke.
func TestTransportsAgree(t *testing.T) {
	const n = 20
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	say := func(c net.Conn, text string) { _, _ = io.WriteString(c, text) }
	for name, c := range map[string]struct {
		script  func(c net.Conn, request func() bool)
		timeout time.Duration
		want    bench.Outcomes
		cases   map[string]int64 // of the synchronous one
	}{
		"answers": {func(c net.Conn, request func() bool) {
			for request() {
				say(c, ok)
			}
		}, time.Minute, bench.Outcomes{OK: n}, nil},
		"refuses": {func(c net.Conn, request func() bool) {
			for request() {
				say(c, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")
			}
		}, time.Minute, bench.Outcomes{Rejected: n}, map[string]int64{"another answer": n}},
		"never answers": {func(_ net.Conn, request func() bool) {
			for request() {
			}
		}, time.Second, bench.Outcomes{Timeout: n}, map[string]int64{"no answer in time": n}},
		"closes instead of answering": {func(_ net.Conn, request func() bool) { request() },
			time.Minute, bench.Outcomes{Unreachable: n},
			map[string]int64{"new connection broken after the request was sent": n}},
		"closes every second time": {func(c net.Conn, request func() bool) {
			request()
			say(c, ok)
			request()
		}, time.Minute, bench.Outcomes{OK: n / 2, Unreachable: n / 2},
			map[string]int64{"kept connection broken after the request was sent": n / 2}},
		"closes within its answer": {func(c net.Conn, request func() bool) {
			request()
			say(c, ok[:len(ok)-1])
		}, time.Minute, bench.Outcomes{Unreachable: n}, map[string]int64{"connection broken within the answer": n}},
		"speaks another protocol": {func(c net.Conn, request func() bool) {
			request()
			say(c, "SSH-2.0-server\r\n")
		}, time.Minute, bench.Outcomes{Unreachable: n}, map[string]int64{"not HTTP": n}},
	} {
		for _, path := range paths {
			transport := path.transport
			t.Run(name+"/"+path.name, func(t *testing.T) {
				url, requests := listening(t, c.script)
				client := path.open(c.timeout, n)
				defer client.Close()
				// All due at once and one after another, unless the timeout is waited for.
				s, err := bench.Draw("constant", bench.Constant(n, time.Second), 1)
				if err != nil {
					t.Fatal(err)
				}
				s = s.AtOnce()
				workers := 1
				if c.want.Timeout > 0 {
					workers = n
				}
				rec := NewRecorder(s, 0, c.timeout)
				if err := (Attack{Client: client, Schedule: s, Workload: posting{targeted{url: url}},
					MaxWorkers: workers}).Run(t.Context(), rec); err != nil {
					t.Fatal(err)
				}
				m := rec.Measurements(s.Length)[0]
				if m.Outcomes != c.want || transport == bench.Sync && !maps.Equal(m.Cases, c.cases) {
					t.Errorf("outcomes %+v, cases %v; want %+v, %v", m.Outcomes, m.Cases, c.want, c.cases)
				}
				if r := requests.Load(); r != n {
					t.Errorf("the server has read %d requests; %d were sent", r, n)
				}
				if made := client.TakeConnects(); made.Made == 0 || made.Failed > 0 || made.Peak > made.Total {
					t.Errorf("connections: %+v", made)
				}
			})
		}
	}
}

// Tracking connections must not hide from the transport what it looks at: whether a
// kept connection still lives.
func TestKeptConnectionsAreLookedAt(t *testing.T) {
	closed := make(chan struct{})
	url, requests := listening(t, func(c net.Conn, request func() bool) {
		request()
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		c.Close()
		closed <- struct{}{}
	})
	client := NewClient(time.Minute, 10)
	defer client.Close()
	for i := range int64(50) {
		resp, err := client.HTTP().Post(url, "", nil)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		<-closed
	}
	if made := client.TakeConnects().Made; made != 50 || requests.Load() != 50 {
		t.Errorf("%d connections, %d requests; want 50 of each", made, requests.Load())
	}
}
