package experiment

import (
	"context"
	"time"

	"oauthbench/bench"
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
	longWindow   = 5 * time.Second
	leastOfMost  = 20 * time.Second
	mostBurnIn   = 120 * time.Second
)

// MostBurnIn is how long a burn-in may take within a budget.
func MostBurnIn(budget time.Duration) time.Duration {
	return min(max(budget/5, leastOfMost), mostBurnIn)
}

// BurnIn loads a fresh deployment in a closed loop until it is at its speed, or for most: the just-in-time compiler of
// a server may need ten thousands of requests, and
// until then neither its capacity nor its response times say what it can do. window is the
// length of a short one. overhead is what preparing and verifying the last window took, per
// arrival: as long as the same will take of trials, for each window leaves tokens to the next.
func (s Side) BurnIn(ctx context.Context, mix []bench.Stream, workers int, window, most, timeout time.Duration,
	seed uint64) (b bench.BurnIn, overhead time.Duration, err error) {
	b.Deployment = s.Deployment
	began, capacity := time.Now(), 0.0
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
			return b, overhead, nil
		}
		if len(b.Windows) >= quickWindows {
			b.Slow, window = true, longWindow
		}
	}
}

// Burn sends so many requests in a closed loop, and judges nothing.
func (s Side) Burn(ctx context.Context, mix []bench.Stream, workers, requests int, timeout time.Duration,
	seed uint64) error {
	_, err := s.burst(ctx, mix, workers, requests, timeout, seed)
	return err
}

// atRest tells whether compilers took next to nothing in the last window, in cores.
func atRest(compilers []float64) bool {
	return len(compilers) == 0 || compilers[len(compilers)-1] < bench.MaxCompilers
}

// settled tells whether the last windows gained next to nothing over the best before them.
func settled(windows []float64) bool {
	if len(windows) <= settledWindows {
		return false
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
