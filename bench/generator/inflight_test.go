package generator

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Little's law, exactly: the mean number under way is the sum of all response times over
// the time they were spent in, whether answers come, wait for a worker, fail or stall.
func TestInFlightIsWhatResponseTimesSay(t *testing.T) {
	const leadIn, timeout = 2 * time.Second, 3 * time.Second
	for name, c := range map[string]struct {
		workers int
		wait    func(sent time.Time, n int) time.Duration
		fail    error
		exact   float64 // 0: only the law
	}{
		"steady": {workers: 500, wait: func(time.Time, int) time.Duration {
			return 100 * time.Millisecond
		}, exact: 50 * .1},
		"uneven": {workers: 500, wait: func(_ time.Time, n int) time.Duration {
			return time.Duration(1+n%70) * time.Millisecond
		}},
		"queueing": {workers: 4, wait: func(time.Time, int) time.Duration { return 100 * time.Millisecond }},
		"hanging":  {workers: 500, wait: func(_ time.Time, n int) time.Duration { return time.Duration(-(n % 7 / 6)) }},
		"failing": {workers: 500, wait: func(time.Time, int) time.Duration {
			return 20 * time.Millisecond
		}, fail: errors.New("broken")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const rate, length = 50, 22 * time.Second
				s, err := bench.Draw("constant", bench.Constant(rate, length), 1)
				if err != nil {
					t.Fatal(err)
				}
				rec := NewRecorder(s, leadIn, timeout)
				a := Attack{Client: NewClientTransport(timeout, &transport{wait: c.wait, fail: c.fail}), Schedule: s,
					Workload: workload{}, MaxWorkers: c.workers}
				if err := a.Run(t.Context(), rec); err != nil {
					t.Fatal(err)
				}
				var sum, rounding float64 // means are rounded to nanoseconds
				for _, m := range rec.Measurements(length) {
					for _, h := range []*bench.Histogram{m.Service, m.SendLag} {
						sum += float64(h.Mean()) * float64(h.Count())
						rounding += float64(h.Count()) / 2
					}
				}
				window := float64(rec.Elapsed() - leadIn)
				if got := rec.InFlight(); math.Abs(got*window-sum) > 1e-9*sum+1+rounding {
					t.Errorf("%v in flight; response times say %v", got, sum/window)
				}
				if c.exact > 0 && math.Abs(rec.InFlight()-c.exact) > .01*c.exact {
					t.Errorf("%v in flight; want %v", rec.InFlight(), c.exact)
				}
			})
		})
	}
}
