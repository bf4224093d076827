package generator

import (
	"net/http"
	"runtime"
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

// Two stalls of 5 s: what they needed is let go after each of them, no arrival is lost or
// mixed up as another attack takes over, and never is more in flight than allowed, also
// when slow requests of the attack before are.
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
				done := make(chan error)
				go func() {
					done <- Attack{Client: NewClientTransport(time.Minute, tr), Schedule: s, Workload: workload{}, MaxWorkers: c.workers}.Run(t.Context(), rec)
				}()
				goroutines := func(at time.Duration) int {
					time.Sleep(time.Until(anchor.Add(at + time.Second/rate/4))) // between two arrivals
					return runtime.NumGoroutine()
				}
				before := goroutines(9 * time.Second)
				during := goroutines(14 * time.Second)
				between := goroutines(29 * time.Second)
				after := goroutines(45 * time.Second)
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if during < before+c.most/2 {
					t.Errorf("%d goroutines before the stall and %d in it: nothing to let go", before, during)
				}
				left := 0
				if c.slow {
					left = 4 // its worker, its timeout, who takes its result, and vegeta's own
				}
				if between > before+left || after != before {
					t.Errorf("%d goroutines before the stalls, %d between, %d after; want the same", before, between, after)
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
