package capacityrun

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// hopeless tells when a trial has failed beyond doubt: when more answers were too late, or
// failed, than the whole trial may have, and three standard deviations more. Arrivals that
// are overdue count as late before they end, so that a server which hangs is left at once.
// It is safe for concurrent use.
type hopeless struct {
	mu         sync.Mutex
	limits     []*allowance
	byName     map[string][]*allowance
	timeout    time.Duration
	leadIn     time.Duration
	ended      int
	allTimed   bool          // allTimed says that every operation has a limit on its times.
	longest    time.Duration // longest is the largest of those limits.
	rate       float64       // rate is of all operations together, per second.
	mostLate   float64       // mostLate is how many arrivals of all may be late.
	operations int
}

// allowance is how many arrivals of an operation may miss one limit.
type allowance struct {
	limit verdict.SLO
	than  time.Duration // than is the response time that misses it.
	most  float64
	seen  float64
}

// offered is how much of an operation a trial offers.
type offered struct {
	operation string
	rate      float64 // rate is in arrivals per second.
}

// newHopeless watches a trial of so long after its lead-in.
func newHopeless(limits []verdict.SLO, load []offered, leadIn, length, timeout time.Duration) *hopeless {
	h := &hopeless{byName: map[string][]*allowance{}, timeout: timeout, leadIn: leadIn, operations: len(load)}
	timed := map[string]time.Duration{}
	for _, o := range load {
		n := o.rate * length.Seconds()
		h.rate += o.rate
		for _, limit := range limits {
			if limit.Operation != o.operation {
				continue
			}
			a := &allowance{limit: limit}
			if longest, ok := limit.Longest(); ok {
				quantile, _ := limit.Quantile()
				a.than, a.most = longest, beyondDoubt(n*(1-quantile))
				if before, found := timed[o.operation]; !found || longest < before {
					timed[o.operation] = longest
				}
			} else if limit.Metric == "error_ratio" {
				a.than, a.most = timeout, beyondDoubt(n*limit.Limit)
			} else {
				continue
			}
			h.limits = append(h.limits, a)
			h.byName[o.operation] = append(h.byName[o.operation], a)
		}
	}
	h.allTimed = len(timed) == len(load) && len(load) > 0
	for _, longest := range timed {
		h.longest = max(h.longest, longest)
	}
	for _, a := range h.limits {
		if _, ok := a.limit.Longest(); ok {
			h.mostLate += a.most
		}
	}
	return h
}

// beyondDoubt is a count that three standard deviations of chance do not reach.
func beyondDoubt(expected float64) float64 { return expected + 3*math.Sqrt(expected) + 1 }

// watch is told of every arrival that ended. A failed one has the timeout as its response
// time at least.
func (h *hopeless) watch(operation string, intended, response time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended++
	if intended < h.leadIn {
		return
	}
	for _, a := range h.byName[operation] {
		if response >= a.than {
			a.seen++
		}
	}
}

// why says why the trial has failed beyond doubt after so much time of its schedule, "" when
// it has not.
func (h *hopeless) why(elapsed time.Duration) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	after := fmt.Sprintf("given up after %.1f s", elapsed.Seconds())
	for _, a := range h.limits {
		if a.seen > a.most {
			return fmt.Sprintf("%s: %s missed %q already", after, digits.Count(int(a.seen), "arrival"), a.limit)
		}
	}
	if !h.allTimed || elapsed < h.longest {
		return ""
	}
	// Due so long ago that they are late whatever becomes of them.
	due := h.rate * (elapsed - h.longest).Seconds()
	overdue := due - 4*math.Sqrt(due) - float64(h.ended)
	if overdue > h.mostLate {
		return fmt.Sprintf("%s: %s waited longer than %v already", after,
			digits.Count(int(math.Round(overdue)), "arrival"), h.longest)
	}
	return ""
}
