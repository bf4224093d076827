package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Size is what a profile's budget buys at given rates.
type Size struct {
	Length    time.Duration // of one trial, lead-in included
	Trials    int           // without warm-ups
	Quantiles []float64     // that will have the requests to gate
	Expected  time.Duration // all trials with what surrounds them
	// Profile is the one that was fitted: with fewer epochs where the server is slow.
	Profile Profile
	// Missing tells for each quantile of the profile that does not fit, what budget
	// would let it gate.
	Missing []Missing
}

// Missing is a quantile that the budget does not reach.
type Missing struct {
	Quantile float64
	Budget   time.Duration // that would reach it
}

// Fit chooses the number of epochs, the largest whose trials reach the lowest gating
// quantile within the budget, and the length of a trial. loads has the streams of each part, overhead is
// what preparing and verifying costs per arrival, restart what fresh processes of both
// versions cost, spent is how much of the budget is used up already. It fails when not
// even the lowest quantile fits.
func (p Profile) Fit(loads []bench.Load, overhead, restart, spent time.Duration) (Size, error) {
	for looks := len(p.Rule.Looks); looks > 1; looks-- {
		if size, err := p.upTo(looks).fit(loads, overhead, restart, spent); err == nil {
			return size, nil
		}
	}
	return p.upTo(1).fit(loads, overhead, restart, spent)
}

// OnlyMedian is the profile with P50 as its only gate: what is left to decide on where a
// budget that may not grow carries no higher percentile. It is false for a profile that
// does not watch P50.
func (p Profile) OnlyMedian() (Profile, bool) {
	i := slices.IndexFunc(p.Rule.Watched, func(f verdict.Floor) bool { return f.Quantile == 0.5 })
	if i < 0 {
		return p, false
	}
	p.Rule.Floors, p.Rule.Watched = p.Rule.Watched[i:i+1], nil
	return p, true
}

// fit chooses the length of a trial for all epochs of the profile.
func (p Profile) fit(loads []bench.Load, overhead, restart, spent time.Duration) (Size, error) {
	trials := p.Epochs * p.Pairs * 2
	size := Size{Trials: trials * len(loads), Profile: p}
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
	for _, floor := range p.Rule.Floors {
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
		return size, fmt.Errorf("at these rates even %s needs a budget of %v, and profile %s has %v here: give "+
			"--budget %v, raise the rate, use fewer scenarios, or take a larger profile",
			verdict.Percentile(m.Quantile), m.Budget, p.Name, p.Budget, m.Budget)
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

// Gates are the comparisons that decide: every operation at every quantile that has
// enough requests.
func (p Profile) Gates(operations []string, quantiles []float64) []verdict.Gate {
	return each(operations, quantiles)
}

// Sentinels are the comparisons that can convict beside the gates. They are corrected for
// together: where so many would leave a gate that could never convict alone, because n
// units reach p = 2^-n at best, there are none.
func (p Profile) Sentinels(operations []string, gates int) []verdict.Gate {
	var quantiles []float64
	for _, f := range p.Rule.Watched {
		quantiles = append(quantiles, f.Quantile)
	}
	sentinels := each(operations, quantiles)
	if verdict.UnitsToConvict(gates+len(sentinels), p.Rule.Alpha) > p.Rule.Planned() {
		return nil
	}
	return sentinels
}

func each(operations []string, quantiles []float64) []verdict.Gate {
	var gates []verdict.Gate
	for _, operation := range operations {
		for _, q := range quantiles {
			gates = append(gates, verdict.Gate{Operation: operation, Quantile: q})
		}
	}
	return gates
}
