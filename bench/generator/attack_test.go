package generator

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
)

// transport answers in memory: wait tells how long each request takes, from when it
// was sent; a negative wait never ends.
type transport struct {
	wait func(sent time.Time, n int) time.Duration
	code int
	fail error
	n    atomic.Int64
}

func (tr *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	n := int(tr.n.Add(1)) - 1
	if tr.wait != nil {
		d := tr.wait(time.Now(), n)
		if d < 0 {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		// No timer of no length: under the race detector and synctest Go 1.26 crashes.
		if d > 0 {
			select {
			case <-time.After(d):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
	}
	if tr.fail != nil {
		return nil, tr.fail
	}
	return &http.Response{
		StatusCode: max(tr.code, 200), Status: http.StatusText(max(tr.code, 200)), Header: http.Header{},
		Body: io.NopCloser(strings.NewReader("{}")), Request: r, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// workload sends requests that nobody reads; every fifth is of another operation.
type workload struct{ check func(i int) bench.Answer }

func (workload) Request(_ int, t *vegeta.Target) { t.Method, t.URL = "GET", "http://server.test/" }
func (w workload) Check(i int, _ *vegeta.Result) bench.Answer {
	if w.check == nil {
		return bench.Answer{}
	}
	return w.check(i)
}
func (workload) Operation(i int) string {
	if i%5 == 4 {
		return "rare"
	}
	return "common"
}
func (workload) Verify(context.Context) ([]Finding, error) { return nil, nil }

// attackWith runs one attack to its end and returns what was recorded.
func attackWith(t *testing.T, tr *transport, w Workload, rate float64, length, leadIn, timeout time.Duration,
	workers int) map[string]bench.Measurement {
	t.Helper()
	s, err := bench.Draw("constant", bench.Constant(rate, length), 1)
	if err != nil {
		t.Fatal(err)
	}
	rec := NewRecorder(s, leadIn, timeout)
	a := Attack{Client: NewClientTransport(timeout, tr), Schedule: s, Workload: w, MaxWorkers: workers}
	if err := a.Run(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	out := map[string]bench.Measurement{}
	for _, m := range rec.Measurements(length) {
		out[m.Operation] = m
	}
	return out
}

func near(got, want time.Duration) bool {
	return (got - want).Abs() <= want/1000+time.Microsecond
}

// The test that this package is for: a server that stops for 5 s is seen to stop
// for 5 s, in every operation, however many requests may be in flight.
func TestStallShowsInResponseTime(t *testing.T) {
	const rate, stallAt, stall = 100, 10 * time.Second, 5 * time.Second
	for name, workers := range map[string]int{"one worker": 1, "capped": 10, "uncapped": 5000} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				tr := &transport{wait: func(sent time.Time, _ int) time.Duration {
					if at := sent.Sub(began); at >= stallAt && at < stallAt+stall {
						return stallAt + stall - at
					}
					return 0
				}}
				for operation, m := range attackWith(t, tr, workload{}, rate, 60*time.Second, 0, 30*time.Second,
					workers) {
					// The first arrival in the stall waits for all of it, give or take one gap
					// of this operation; each later one waits less.
					gap := time.Second / rate
					if operation == "rare" {
						gap *= 5
					}
					if got := m.Response.Max(); got > stall || got < stall-gap {
						t.Errorf("%s: longest response %v; want %v less at most %v", operation, got, stall, gap)
					}
					// 5 of 60 s are stalled: the waits go evenly from 5 s to 0, so the quantile
					// at 1 - x of all arrivals is 5 s less 60 s times x.
					for _, q := range []float64{0.95, 0.99} {
						want := stall - time.Duration((1-q)*60*float64(time.Second))
						if got := m.Response.Quantile(q); (got - want).Abs() > 2*gap {
							t.Errorf("%s: quantile %v of response = %v; want %v", operation, q, got, want)
						}
					}
					if got := m.Response.Quantile(0.5); got != 0 {
						t.Errorf("%s: median response %v; want 0", operation, got)
					}
					if workers == 1 && m.SendLag.Max() < stall-2*gap {
						t.Errorf("%s: longest send lag %v; want the stall, for nobody could send", operation,
							m.SendLag.Max())
					}
					if workers == 5000 && m.SendLag.Max() != 0 {
						t.Errorf("%s: send lag %v; want none", operation, m.SendLag.Max())
					}
				}
			})
		})
	}
}

// Nobody answers during a stall, however the arrivals due in it end: the answers are
// counted when they come, each once.
func TestStallShowsInAnswersBySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		tr := &transport{wait: func(sent time.Time, _ int) time.Duration {
			if at := sent.Sub(began); at >= 10*time.Second && at < 15*time.Second {
				return 15*time.Second - at
			}
			return 0
		}}
		var all int64
		answered := map[time.Duration]int64{}
		for _, m := range attackWith(t, tr, workload{}, 100, 20*time.Second, 2*time.Second, 30*time.Second, 5000) {
			for _, s := range m.Timeline {
				answered[s.At/time.Second] += s.Answered
				all += s.Answered
			}
		}
		if all != 2000 {
			t.Errorf("%d answers; want all 2000, those of the lead-in too", all)
		}
		for at := range time.Duration(20) {
			want := int64(100)
			switch {
			case at >= 10 && at < 15:
				want = 0
			case at == 15:
				want = 600 // its own, and those of 5 s
			}
			if answered[at] != want {
				t.Errorf("%d answers in second %d; want %d", answered[at], at, want)
			}
		}
	})
}

func TestTimesAreExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := &transport{wait: func(_ time.Time, n int) time.Duration {
			return time.Duration(n%100+1) * time.Millisecond
		}}
		for operation, m := range attackWith(t, tr, workload{}, 200, 10*time.Second, 0, time.Second, 5000) {
			if m.Response.Count() != m.Outcomes.OK || m.Response.Max() != m.Service.Max() || m.SendLag.Max() != 0 {
				t.Errorf("%s: %d responses up to %v, service up to %v, lag up to %v, %d OK",
					operation, m.Response.Count(), m.Response.Max(), m.Service.Max(), m.SendLag.Max(), m.Outcomes.OK)
			}
		}
		m := attackWith(t, tr, workload{}, 200, 10*time.Second, 0, time.Second, 5000)["common"]
		if got := m.Response.Quantile(0.5); !near(got, 50*time.Millisecond) {
			t.Errorf("median %v; want 50 ms", got)
		}
	})
}

func TestLeadInIsSentButNotRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := &transport{}
		ms := attackWith(t, tr, workload{}, 100, 10*time.Second, 2*time.Second, time.Second, 100)
		if n := ms["common"].Outcomes.Total() + ms["rare"].Outcomes.Total(); n != 800 || tr.n.Load() != 1000 {
			t.Errorf("recorded %d, sent %d; want 800 and 1000", n, tr.n.Load())
		}
		if o := ms["common"].Offered + ms["rare"].Offered; o != 100 {
			t.Errorf("offered %v/s; want 100", o)
		}
		var timeline int64
		for _, s := range append(ms["common"].Timeline, ms["rare"].Timeline...) {
			timeline += s.Outcomes.Total()
		}
		if timeline != 1000 {
			t.Errorf("the timeline shows %d arrivals; want 1000, the lead-in too", timeline)
		}
	})
}

func TestInvalidAnswerInLeadInIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lie := workload{check: func(i int) bench.Answer {
			if i == 3 {
				return bench.Answer{Outcome: bench.Invalid, Case: "a lie"}
			}
			return bench.Answer{}
		}}
		m := attackWith(t, &transport{}, lie, 100, 4*time.Second, 2*time.Second, time.Second, 100)["common"]
		if m.Outcomes.Invalid != 1 || m.Cases["a lie"] != 1 || m.Response.Count() != m.Outcomes.Total() {
			t.Errorf("outcomes %+v, cases %v, %d times; want the one wrong answer among them", m.Outcomes, m.Cases,
				m.Response.Count())
		}
	})
}

// A failed arrival counts as the timeout at least: failing fast must not pay.
func TestOutcomesOfTheNetwork(t *testing.T) {
	const timeout = 3 * time.Second
	dialing := func(call string, err syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError(call, err)}
	}
	for name, c := range map[string]struct {
		tr   *transport
		want bench.Outcomes
		text string
	}{
		"never answers": {&transport{wait: func(time.Time, int) time.Duration { return -1 }},
			bench.Outcomes{Timeout: 80}, "no answer in time"},
		"nobody listens": {&transport{fail: dialing("connect", syscall.ECONNREFUSED)},
			bench.Outcomes{Unreachable: 80}, "connection refused"},
		"no descriptor left": {&transport{fail: dialing("socket", syscall.EMFILE)}, bench.Outcomes{Unable: 80},
			NoDescriptor},
		"nor in the system": {&transport{fail: dialing("socket", syscall.ENFILE)}, bench.Outcomes{Unable: 80},
			NoDescriptor},
		"no port left": {&transport{fail: dialing("connect", syscall.EADDRNOTAVAIL)}, bench.Outcomes{Unable: 80},
			NoPort},
		"no buffer left": {&transport{fail: dialing("connect", syscall.ENOBUFS)}, bench.Outcomes{Unable: 80},
			NoMemory},
		"breaks off": {&transport{fail: io.ErrUnexpectedEOF}, bench.Outcomes{Unreachable: 80},
			"connection broken"},
		"speaks not HTTP": {&transport{
			fail: errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "x"`)},
			bench.Outcomes{Unreachable: 80}, "not HTTP"},
		"the workload's say": {&transport{code: 503}, bench.Outcomes{Rejected: 80}, "status"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := workload{check: func(int) bench.Answer {
					return bench.Answer{Outcome: bench.Rejected, Case: "status"}
				}}
				m := attackWith(t, c.tr, w, 10, 10*time.Second, 0, timeout, 5000)["common"]
				if m.Outcomes != c.want || m.Cases[c.text] != 80 {
					t.Errorf("outcomes %+v, cases %v; want %+v, %q", m.Outcomes, m.Cases, c.want, c.text)
				}
				if m.Response.Min() != timeout {
					t.Errorf("shortest response %v; want the timeout %v", m.Response.Min(), timeout)
				}
				if m.Achieved != 0 {
					t.Errorf("achieved %v/s; want 0", m.Achieved)
				}
			})
		})
	}
}

func TestAchievedRateFallsWhenTheServerFallsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// One worker and 20 ms a request carry 50/s; 100/s are offered.
		tr := &transport{wait: func(time.Time, int) time.Duration { return 20 * time.Millisecond }}
		ms := attackWith(t, tr, workload{}, 100, 10*time.Second, 0, time.Minute, 1)
		achieved := ms["common"].Achieved + ms["rare"].Achieved
		if achieved < 49.5 || achieved > 50.5 {
			t.Errorf("achieved %v/s; want 50", achieved)
		}
	})
}

// ^C: nothing more is sent, what is in flight is broken off, and the attack returns
// at once although the server never answers.
func TestCancelEndsAnAttackAtOnce(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) { cancelled(t, path) })
	}
}

func cancelled(t *testing.T, path path) {
	// A real listener that accepts and never answers: Abort works on connections.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	s, err := bench.Draw("constant", slices.Concat(
		bench.Constant(1000, 10*time.Millisecond), bench.Constant(0, time.Hour), bench.Constant(1, time.Second),
	), 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stopped")
	go func() { <-accepted; cancel(stop) }()
	client := path.open(time.Hour, 10)
	defer client.Close()
	rec := NewRecorder(s, 0, time.Hour)
	w := targeted{url: "http://" + l.Addr().String()}
	if err := (Attack{Client: client, Schedule: s, Workload: w}).Run(ctx, rec); !errors.Is(err, stop) {
		t.Errorf("error %v; want the cause", err)
	}
	if ms := rec.Measurements(rec.Elapsed()); len(ms) != 0 {
		t.Errorf("%d operations recorded; what we broke off says nothing of the server", len(ms))
	}
	if len(client.conns) != 0 {
		t.Errorf("%d connections stay open", len(client.conns))
	}
}

type targeted struct {
	workload
	url string
}

func (w targeted) Request(_ int, t *vegeta.Target) { t.Method, t.URL = "GET", w.url }
