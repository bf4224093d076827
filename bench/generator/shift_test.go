package generator

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"oauthbench/bench"
)

// counting tells how many requests are in flight at most.
type counting struct {
	transport
	now, most atomic.Int64
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	return c.transport.RoundTrip(r)
}

// Two stalls of 5 s: the workers that they needed are let go after each of them, no arrival
// is lost or mixed up as another shift takes over, and never more requests are in flight
// than allowed, also when slow ones of the shift before are.
func TestWorkersAreLetGoAfterAStall(t *testing.T) {
	for name, c := range map[string]struct {
		workers, most int
		slow          bool  // one request before the second stall takes 15 s
		left          int64 // shifts that still wait for it
	}{
		"as many workers as it takes":      {2048, 1001, false, 0},
		"few workers":                      {64, 64, false, 0},
		"few workers, a request left over": {64, 64, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const rate, service = 200, time.Millisecond
				stalls := []time.Duration{10 * time.Second, 30 * time.Second}
				const stall = 5 * time.Second
				s, err := bench.Draw("constant", bench.Constant(rate, 50*time.Second), 1)
				if err != nil {
					t.Fatal(err)
				}
				anchor := time.Now()
				slow := func(at time.Duration) bool {
					return c.slow && at >= 19*time.Second && at < 19*time.Second+time.Second/rate
				}
				takes := func(at time.Duration) time.Duration {
					if slow(at) {
						return 15 * time.Second
					}
					for _, begins := range stalls {
						if at >= begins && at < begins+stall {
							return begins + stall - at + service
						}
					}
					return service
				}
				tr := &counting{}
				tr.wait = func(sent time.Time, _ int) time.Duration { return takes(sent.Sub(anchor)) }
				rec := NewRecorder(s, 0, time.Minute)
				seen := map[time.Duration]int{}
				rec.Watch = func(_ string, intended, response time.Duration) {
					seen[intended]++
					if c.workers == 2048 && response != takes(intended) {
						t.Errorf("due at %v: response time %v; want %v", intended, response, takes(intended))
					}
				}
				counters := &Counters{}
				a := Attack{
					Client: NewClientTransport(time.Minute, tr), Schedule: s, Workload: workload{},
					MaxWorkers: c.workers, Counters: counters,
				}
				done := make(chan error)
				go func() { done <- a.Run(t.Context(), rec) }()
				// A shift has ended when all of its workers have. Each stall needs one handover.
				for _, look := range []struct {
					at              time.Duration
					least, underWay int64
				}{
					{9 * time.Second, 1, 1}, {14 * time.Second, 1, 1}, {29 * time.Second, 2, 1 + c.left},
					{45 * time.Second, 3, 1},
				} {
					time.Sleep(time.Until(anchor.Add(look.at + time.Second/rate/4))) // between two arrivals
					begun, ended := counters.Shifts()
					if begun < look.least || begun-ended != look.underWay {
						t.Errorf("at %v: %d shifts, %d ended; want %d or more, %d under way", look.at, begun, ended,
							look.least, look.underWay)
					}
				}
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if begun, ended := counters.Shifts(); begun != ended {
					t.Errorf("%d shifts began, %d ended", begun, ended)
				}
				if most := int(tr.most.Load()); most != c.most {
					t.Errorf("%d requests in flight at most; want %d", most, c.most)
				}
				for _, due := range s.Arrivals {
					if seen[due] != 1 {
						t.Errorf("the arrival due at %v was taken %d times", due, seen[due])
					}
				}
			})
		})
	}
}
