package live

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// Drawing may take one percent of the time, whatever it takes.
func TestDueKeepsTheShare(t *testing.T) {
	if !due(time.Hour, 0) {
		t.Error("the first drawing is not due")
	}
	for _, took := range []time.Duration{time.Millisecond, 40 * time.Millisecond, 3 * time.Second} {
		if due(100*took-time.Millisecond, took) || !due(100*took, took) {
			t.Errorf("after a drawing of %v the next is not due after %v exactly", took, 100*took)
		}
	}
}

// A nil view is what a run without --live has.
func TestNilViewShowsNothing(t *testing.T) {
	var v *View
	if err := v.Publish(&bench.Run{}); err != nil {
		t.Error(err)
	}
	if err := v.Finish(&bench.Run{}); err != nil {
		t.Error(err)
	}
	v.Follow(&experiment.Progress{}, 3, nil, Place{})()
	v.Prepare(func() string { return "" }, Place{})()
	v.Conclude(Conclusion{})
}

func TestStatusCountsWhatHappenedSince(t *testing.T) {
	var l look
	first, second := &generator.Counters{}, &generator.Counters{}
	at := time.UnixMilli(1_700_000_000_250)
	got := l.at(at, experiment.Status{Counters: first, Slot: bench.Slot{Epoch: 1, Role: bench.Candidate, Warmup: true},
		Deployment: "v</script>", Stage: "measuring", Planned: 90, Done: 4}, 12)
	want := status{At: 1_700_000_000.25, Stage: "measuring", Deployment: "v</script>", Role: "candidate", Epoch: 2,
		Trial: 5, Trials: 12, Warmup: true, Planned: 90}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v; want %+v", got, want)
	}
	l.ended = 50
	if got := l.at(at, experiment.Status{Counters: second}, 0); got.Answered != 0 || got.Trials != 1 {
		t.Errorf("a new trial begins with %d answered of %d trials", got.Answered, got.Trials)
	}
}

func TestOnlyLoopbackIsServed(t *testing.T) {
	h, err := New().Handler()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		host, method, path, site string
		want                     int
	}{
		{"127.0.0.1:8081", "GET", "/", "", 200},
		{"localhost:9", "GET", "/", "none", 200}, // by a tunnel
		{"[::1]:8081", "GET", "/", "same-origin", 200},
		{"localhost", "HEAD", "/", "", 200},
		{"evil.example:8081", "GET", "/", "", 403}, // DNS rebinding
		{"127.0.0.1.evil.example", "GET", "/", "", 403},
		{"localhost.evil.example", "GET", "/events", "", 403},
		{"192.168.1.4:8081", "GET", "/", "", 403},
		{"", "GET", "/", "", 403},
		{"127.0.0.1:8081", "GET", "/events", "cross-site", 403},
		{"127.0.0.1:8081", "GET", "/events", "same-site", 403},
		{"127.0.0.1:8081", "POST", "/", "", 405},
		{"127.0.0.1:8081", "DELETE", "/events", "", 405},
		{"127.0.0.1:8081", "GET", "/run.jsonl", "", 404},
	} {
		r := httptest.NewRequest(test.method, "http://x"+test.path, nil)
		r.Host = test.host
		r.Header.Set("Sec-Fetch-Site", test.site)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s %s from %q, site %q: %d; want %d", test.method, test.path, test.host, test.site, w.Code,
				test.want)
		}
		if w.Code == 200 && (!strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") ||
			w.Header().Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%s: headers %v", test.path, w.Header())
		}
	}
}

func TestListenRefusesOtherInterfaces(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:80", "8081", ""} {
		if s, err := Listen(address); err == nil {
			t.Errorf("%q is served at %s", address, s.URL())
			_ = s.Close()
		}
	}
}

// A browser gets the newest of each kind, then what changes, and the end.
func TestEvents(t *testing.T) {
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.View.change(func(s *shown) { s.status, s.statusCount = []byte(`{"old":1}`), 1 })
	s.View.change(func(s *shown) { s.status, s.statusCount = []byte(`{"new":1}`), 2 })
	answer, err := http.Get(s.URL() + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	next := func() string {
		var event []string
		for lines.Scan() && lines.Text() != "" {
			event = append(event, lines.Text())
		}
		return strings.Join(event, " ")
	}
	if got := next(); got != `event: status data: {"new":1}` {
		t.Errorf("first %q", got)
	}
	if err := s.View.Publish(&bench.Run{}); err != nil {
		t.Fatal(err)
	}
	if got := next(); got != `event: charts data: []` {
		t.Errorf("then %q", got)
	}
	s.View.Conclude(Conclusion{Headline: "PASS: b against a", Report: "r/report.html"})
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	if got := next(); got != `event: ended data: {"headline":"PASS: b against a","report":"r/report.html"}` {
		t.Errorf("at the end %q", got)
	}
	if rest, err := io.ReadAll(answer.Body); len(rest) > 0 || err != nil {
		t.Errorf("after the end %q, %v", rest, err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(s.URL()); err == nil {
		t.Error("it is still served")
	}
}

func TestTooManyWatchersAreTurnedAway(t *testing.T) {
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for i := range mostWatchers + 1 {
		answer, err := http.Get(s.URL() + "events")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if full := answer.StatusCode == http.StatusServiceUnavailable; full != (i == mostWatchers) {
			t.Errorf("browser %d gets %s", i+1, answer.Status)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// One look a second while a run goes, charts after its trials, and nothing after its
// end: under a clock of its own, exactly.
func TestViewFollowsARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := New()
		type event struct {
			status status
			charts int
		}
		var events []event
		ended := make(chan struct{})
		over := make(chan struct{})
		go func() {
			defer close(over)
			var seen shown
			for {
				now, changed := v.now()
				if now.statusCount != seen.statusCount {
					e := event{charts: now.drawings}
					if err := json.Unmarshal(now.status, &e.status); err != nil {
						t.Error(err)
					}
					events = append(events, e)
				}
				seen = now
				select {
				case <-changed:
				case <-ended:
					return
				}
			}
		}()
		run(t, v, 3*time.Second)
		_, changed := v.now()
		time.Sleep(time.Minute)
		select {
		case <-changed:
			t.Error("something is shown after the end")
		default:
		}
		close(ended)
		<-over

		if len(events) != 6 || events[5].status.Preparing == "" { // two trials of almost three seconds, and their end
			t.Fatalf("%d looks", len(events))
		}
		events = events[:5]
		for i, e := range events {
			if i > 0 && e.status.At-events[i-1].status.At != 1 {
				t.Errorf("look %d is %v s after the one before", i, e.status.At-events[i-1].status.At)
			}
			if e.charts != e.status.Trial-1 {
				t.Errorf("%d drawings in trial %d", e.charts, e.status.Trial)
			}
			if e.status.Released < e.status.Ended || e.status.Ended > int64(e.status.Planned) || e.status.Failed != 0 {
				t.Errorf("look %d: %+v", i, e.status)
			}
			if e.status.Stage == "measuring" && e.status.Answered < 1 {
				t.Errorf("look %d: nothing was answered", i)
			}
			// The server takes 5 ms by the test's clock.
			so := e.status.SoFar[bench.Role(e.status.Role)]
			if e.status.P95 < 5 || e.status.P95 > 6 || e.status.Ended > 1 && (so < 5 || so > 6) {
				t.Errorf("look %d: P95 %v ms, so far %v ms", i, e.status.P95, so)
			}
			if e.status.Left == nil || *e.status.Left != 60 {
				t.Errorf("look %d does not say that a minute is left", i)
			}
		}
		if now, _ := v.now(); now.drawings != 3 || !strings.Contains(string(now.charts), `"percentiles-ping"`) {
			t.Errorf("%d drawings", now.drawings)
		}
	})
}

// run measures a server in memory, a pair of trials of a length, as a command does.
func run(t testing.TB, v *View, length time.Duration) {
	t.Helper()
	r := &bench.Run{Header: bench.Header{Deployments: map[bench.Role]bench.Deployment{bench.Baseline: {Name: "old"},
		bench.Candidate: {Name: "new </script><img src=x>"}}}}
	progress := &experiment.Progress{}
	side := func(name string) experiment.Side {
		return experiment.Side{
			Deployment: name, Client: generator.NewClientTransport(10*time.Second, server{}),
			Spent: func() bench.Spending { return bench.Spending{} },
			Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (generator.Workload, error) {
				return ping{}, nil
			},
		}
	}
	e := experiment.Experiment{
		Loads: []bench.Load{{Process: "constant", Streams: []bench.Stream{{Scenario: "ping", Rate: 50}}, Length: length,
			Timeout: 10 * time.Second, Workers: 16}},
		Sides: map[bench.Role]experiment.Side{bench.Baseline: side("old"),
			bench.Candidate: side("new </script><img src=x>")}, Progress: progress,
		Settle: 10 * time.Millisecond,
		Store: func(trial bench.Trial) error {
			r.Trials = append(r.Trials, trial)
			return v.Publish(r)
		},
	}
	defer v.Follow(progress, 2, func() time.Duration { return time.Minute },
		Place{"cell 2 of 4: cpus=2", []string{"cpus=1: 300/s"}})()
	defer func() {
		if err := v.Finish(r); err != nil {
			t.Error(err)
		}
	}()
	if err := e.Run(context.Background(),
		[]bench.Slot{{Role: bench.Baseline, Seed: 1}, {Role: bench.Candidate, Seed: 1}}); err != nil {
		t.Error(err)
	}
}

// server answers in memory after five milliseconds.
type server struct{}

func (server) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(5 * time.Millisecond)
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")),
		Request: r, ProtoMajor: 1, ProtoMinor: 1}, nil
}

type ping struct{}

func (ping) Request(_ int, t *vegeta.Target)                     { t.Method, t.URL = "GET", "http://server.test/" }
func (ping) Check(int, *vegeta.Result) bench.Answer              { return bench.Answer{} }
func (ping) Operation(int) string                                { return "ping" }
func (ping) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }

// BenchmarkLook is what following costs each second.
func BenchmarkLook(b *testing.B) {
	b.ReportAllocs()
	v, s := New(), experiment.Status{Counters: &generator.Counters{}, Deployment: "hydra:v2.3.0", Stage: "measuring",
		Planned: 1000}
	var l look
	for b.Loop() {
		text := encode(l.at(time.UnixMilli(1_700_000_000_250), s, 120))
		v.change(func(s *shown) { s.status = text; s.statusCount++ })
	}
}

// While something is prepared that is what is shown, and what is followed waits; afterwards trials are shown, with what
// they are for.
func TestPreparationIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, p := New(), &experiment.Progress{}
		place := Place{"cell 2 of 2: cpus=2", []string{"cpus=1: 300/s"}}
		seen := func() (s status) {
			now, _ := v.now()
			if err := json.Unmarshal(now.status, &s); err != nil {
				t.Fatal(err)
			}
			return s
		}
		stop := v.Prepare(func() string { return "preparing, 3 of 9 steps" }, place)
		time.Sleep(1500 * time.Millisecond)
		if got := seen(); got.Preparing != "preparing, 3 of 9 steps" || !reflect.DeepEqual(got.Place, place) {
			t.Errorf("while it is prepared %+v is shown", got)
		}
		stop()
		var l look
		trial := experiment.Status{Counters: &generator.Counters{}, Purpose: "ramp at 400/s"}
		if got := l.at(time.Now(), trial, 3); got.Purpose != "ramp at 400/s" || got.Preparing != "" {
			t.Errorf("of a trial %+v is shown", got)
		}
		v.Follow(p, 3, nil, place)()
		if got := seen(); got.Preparing == "" || !reflect.DeepEqual(got.Before, place.Before) {
			t.Errorf("after the trials %+v is shown; want that they have ended", got)
		}
	})
}
