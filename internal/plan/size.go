package plan

import (
	"fmt"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/scenarios"
)

// Size is what a profile's budget buys at given rates.
type Size struct {
	Length    time.Duration // of one trial, lead-in included
	Trials    int           // without warm-ups
	Quantiles []float64     // that will have the requests to gate
	Expected  time.Duration // all trials with what surrounds them
	// Missing tells for each quantile of the profile that does not fit, what budget
	// would let it gate.
	Missing []Missing
}

// Missing is a quantile that the budget does not reach.
type Missing struct {
	Quantile float64
	Budget   time.Duration // that would reach it
}

// Fit chooses the length of a trial. loads has the streams of each part, overhead is
// what preparing and verifying costs per arrival, restart what fresh processes of both
// versions cost, spent is how much of the budget is used up already. It fails when not
// even the lowest quantile fits.
func (p Profile) Fit(loads []bench.Load, overhead, restart, spent time.Duration) (Size, error) {
	trials := p.Epochs * p.Pairs * 2
	size := Size{Trials: trials * len(loads)}
	around := time.Duration(p.Epochs*2*len(loads))*(p.Warmup+p.Settle) + time.Duration(p.Epochs-1)*restart
	for _, l := range loads {
		around += time.Duration(float64(p.Epochs*2) * l.Rate() * p.Warmup.Seconds() * float64(overhead))
	}
	cost := func(length time.Duration) time.Duration {
		var one time.Duration
		for _, l := range loads {
			arrivals := l.Rate() * length.Seconds()
			one += p.Settle + length + time.Duration(arrivals*float64(overhead))
		}
		return around + time.Duration(trials)*one
	}
	left := p.Budget - spent
	for _, floor := range p.Judge.Floors {
		need := p.lengthFor(loads, floor.Requests)
		if cost(need) <= left {
			size.Length = max(size.Length, need)
			size.Quantiles = append(size.Quantiles, floor.Quantile)
		} else {
			size.Missing = append(size.Missing, Missing{floor.Quantile, (spent + cost(need)).Round(time.Second)})
		}
	}
	if len(size.Quantiles) == 0 {
		m := size.Missing[0]
		return size, fmt.Errorf("at these rates even %s needs a budget of %v, profile %s has %v: raise the rate, use fewer scenarios, or a larger profile",
			verdict.Percentile(m.Quantile), m.Budget, p.Name, p.Budget)
	}
	// What is left of the budget makes the trials longer, up to three times: beyond that
	// more pairs would be worth more than longer ones.
	longest := 3 * size.Length
	for size.Length < longest && cost(size.Length+100*time.Millisecond) <= left {
		size.Length += 100 * time.Millisecond
	}
	size.Expected = cost(size.Length)
	return size, nil
}

// lengthFor is how long a trial must be to record n requests of each stream, on average
// over the trials. Which arrivals fall into the lead-in is up to chance: 3 % and 2 more
// keep the average of a run above n.
func (p Profile) lengthFor(loads []bench.Load, n int) time.Duration {
	// What a trial's processes and its machine did is counted in steps of 10 ms: below a
	// second that says little.
	length := p.LeadIn + time.Second - 100*time.Millisecond
	for _, l := range loads {
		for _, s := range l.Streams {
			seconds := (1.03*float64(n) + 2) / (s.Rate * scenarios.LeastShare(s.Scenario))
			length = max(length, p.LeadIn+time.Duration(seconds*float64(time.Second)))
		}
	}
	return length.Truncate(100*time.Millisecond) + 100*time.Millisecond
}

// Gates chooses the comparisons that decide, from the quantiles that have enough
// requests. All of them gate, unless the design has so few units that a slower
// candidate could then never be convicted: n units reach p = 2^-n at best, which Holm
// multiplies by the number of gates. Then the highest quantile of each operation
// gates and the others are shown.
func (p Profile) Gates(operations []string, quantiles []float64) []verdict.Gate {
	last := p.Judge.Looks[len(p.Judge.Looks)-1]
	for len(quantiles) > 1 && verdict.UnitsToConvict(len(operations)*len(quantiles), p.Judge.Alpha) > last {
		quantiles = quantiles[1:]
	}
	var gates []verdict.Gate
	for _, operation := range operations {
		for _, q := range quantiles {
			gates = append(gates, verdict.Gate{Operation: operation, Quantile: q})
		}
	}
	return gates
}
