package experiment

import (
	"context"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/stats"
)

// The rule of burn-in (method section 8): closed-loop windows follow each other until
// three in a row gained less than a twentieth of throughput over the best before them, and
// just-in-time compilers that can be seen rest in the last: a plateau of throughput is not the
// end while they work.
const (
	settledWindows = 3
	settledGain    = 1.05
	// quickWindows is how many short windows a server that is quick to settle may need.
	// One that needs more gets long ones: its gain within a short one hides in the noise.
	quickWindows = 8
	leastOfMost  = 20 * time.Second
	mostBurnIn   = 120 * time.Second
)

// MostBurnIn is how long a burn-in may take within a budget.
func MostBurnIn(budget time.Duration) time.Duration {
	return min(max(budget/5, leastOfMost), mostBurnIn)
}

// Windows are how long those of a burn-in are: short ones first, and long ones for a server
// that is not at its speed after some of them.
type Windows struct{ Short, Long time.Duration }

// LeastBurnIn is how long a burn-in takes at least.
func LeastBurnIn(w Windows) time.Duration { return (settledWindows + 1) * w.Short }

// BurnIn loads a fresh deployment in a closed loop until it is at its speed, or for most: the
// just-in-time compiler of a server may need ten thousands of requests, and until then neither its
// capacity nor its response times say what it can do. A server without compilers that can be seen,
// whose windows scatter and whose long ones are no faster than the short ones were, was at its speed
// from the first: it is settled, and not slow to be so. overhead is what preparing and verifying the
// last window took, per arrival: as long as the same will take of trials, for each window leaves
// tokens to the next.
func (s Side) BurnIn(ctx context.Context, mix []bench.Stream, workers int, windows Windows, most, timeout time.Duration,
	seed uint64) (b bench.BurnIn, overhead time.Duration, err error) {
	b.Deployment = s.Deployment
	began, capacity, window := time.Now(), 0.0, windows.Short
	for {
		compilers, since := s.Spent().Compilers, time.Now()
		n := max(int(capacity*window.Seconds()), pilotFirst)
		r, err := s.burst(ctx, mix, workers, n, timeout, seed+uint64(len(b.Windows)))
		if err != nil {
			return b, overhead, err
		}
		first := capacity == 0
		capacity, overhead = r.Capacity, r.Overhead
		b.Requests += r.Completed
		b.Elapsed = time.Since(began)
		if first {
			continue // It only told how many requests fill a window.
		}
		b.Windows = append(b.Windows, capacity)
		if spent := s.Spent().Compilers.Since(compilers); spent.Known {
			b.Compilers = append(b.Compilers, spent.CPU.Seconds()/time.Since(since).Seconds())
		}
		if b.Settled = settled(b.Windows) && atRest(b.Compilers); b.Settled || b.Elapsed > most {
			b.Slow = len(b.Windows) > quickWindows && (len(b.Compilers) > 0 || gained(b.Windows))
			return b, overhead, nil
		}
		if len(b.Windows) >= quickWindows {
			window = windows.Long
		}
	}
}

// Burn sends so many requests in closed loops, and judges nothing.
func (s Side) Burn(ctx context.Context, mix []bench.Stream, workers, requests int, timeout time.Duration,
	seed uint64) error {
	for left := requests; left > 0; seed++ {
		r, err := s.burst(ctx, mix, workers, left, timeout, seed)
		if err != nil {
			return err
		}
		left -= max(int(r.Completed), 1)
	}
	return nil
}

// atRest tells whether compilers took next to nothing in the last window, in cores.
func atRest(compilers []float64) bool {
	return len(compilers) == 0 || compilers[len(compilers)-1] < bench.MaxCompilers
}

// settled tells whether the last windows gained next to nothing over the best before them, or
// so many long ones over the short ones.
func settled(windows []float64) bool {
	if len(windows) <= settledWindows {
		return false
	}
	if len(windows) >= quickWindows+settledWindows && !gained(windows) {
		return true
	}
	best := 0.0
	for i, w := range windows {
		if i >= len(windows)-settledWindows && w >= best*settledGain {
			return false
		}
		best = max(best, w)
	}
	return true
}

// gained tells whether the last long windows are above the short ones: a server that needed them
// to become faster, and not one whose windows scatter.
func gained(windows []float64) bool {
	if len(windows) <= quickWindows {
		return false
	}
	long := windows[max(quickWindows, len(windows)-settledWindows):]
	return middle(long) >= settledGain*middle(windows[:quickWindows])
}

func middle(windows []float64) float64 { return stats.Median(slices.Sorted(slices.Values(windows))) }
