package generator

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
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
// is lost or mixed up, and never more requests are in flight than allowed, also when slow ones
// are.
func TestWorkersAreLetGoAfterAStall(t *testing.T) {
	for name, c := range map[string]struct {
		workers, most int
		slow          bool // one request before the second stall takes 15 s
	}{
		"as many workers as it takes":      {2048, 1001, false},
		"few workers":                      {64, 64, false},
		"few workers, a request left over": {64, 64, true},
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
				// One request is under way now and then, and perhaps the slow one: two workers or
				// three do, and the others have gone some seconds after a stall.
				for _, look := range []struct {
					at     time.Duration
					stalls bool
				}{{9 * time.Second, false}, {14900 * time.Millisecond, true}, {29 * time.Second, false},
					{34900 * time.Millisecond, true}, {49 * time.Second, false}} {
					time.Sleep(time.Until(anchor.Add(look.at + time.Second/rate/4))) // between two arrivals
					workers := counters.Workers()
					if look.stalls && workers < int64(c.most)-25 || !look.stalls && workers > 3 {
						t.Errorf("at %v: %d workers, of %d that the stall needs", look.at, workers, c.most)
					}
				}
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if workers := counters.Workers(); workers != 0 {
					t.Errorf("%d workers are left", workers)
				}
				if most := int(tr.most.Load()); most != c.most {
					t.Errorf("%d requests in flight at most; want %d", most, c.most)
				}
				for i := range s.Count {
					if due := s.At(i).Due; seen[due] != 1 {
						t.Errorf("the arrival due at %v was taken %d times", due, seen[due])
					}
				}
			})
		})
	}
}
