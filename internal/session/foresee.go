package session

import (
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// Foreseen is what is known of a run before anything is started.
type Foreseen struct {
	// Loads are what the trials send; empty where rates are to be found out.
	Loads []bench.Load
	Size  plan.Size // of a comparison whose rates are all given
	// Most is how long all of it may take.
	Most time.Duration
}

// Arrivals are how many requests the trials of each version send, warm-ups not counted; 0
// when it is not known.
func (f Foreseen) Arrivals() int64 {
	var sum float64
	each := 1
	if len(f.Loads) > 0 && f.Size.Trials > 0 {
		each = f.Size.Trials / 2 / len(f.Loads) // of each version
	}
	for _, l := range f.Loads {
		sum += float64(each) * l.Rate() * l.Length.Seconds()
	}
	return int64(sum)
}

// leastBefore is what a comparison takes before its trials at least: the burn-in and the pilot of each version.
func leastBefore(p plan.Plan, profile plan.Profile, parts int) time.Duration {
	burnIn := experiment.LeastBurnIn(windowsOf(profile.Budget, p.Budget != 0))
	return 2 * (burnIn + pilotLength(profile, false) + time.Duration(parts)*profile.Settle)
}

// Foresee tells what a plan of a run or a comparison comes to. It fails where the budget is
// too small for the rates.
func Foresee(p plan.Plan, compares bool) (Foreseen, error) {
	profile := p.EffectiveProfile()
	fixed, auto := planned(p)
	if !compares {
		f := Foreseen{Most: profile.LeadIn + p.Duration + profile.Warmup + 2*profile.Settle}
		if len(auto) == 0 {
			f.Loads = loadsOf(p, profile, fixed)
			f.Loads[0].Length = profile.LeadIn + p.Duration
		}
		return f, nil
	}
	f := Foreseen{Most: profile.Budget}
	if len(auto) > 0 {
		return f, nil
	}
	loads := loadsOf(p, profile, fixed)
	var before time.Duration
	if p.Budget != 0 { // One that was not given grows.
		before = leastBefore(p, profile, len(loads))
	}
	size, err := profile.Fit(loads, 0, 0, before)
	if median, ok := profile.OnlyMedian(); err != nil && p.Budget != 0 && ok {
		size, err = median.Fit(loads, 0, 0, before) // as the run itself will do
	}
	if err != nil {
		return f, err
	}
	for i := range loads {
		loads[i].Length = size.Length
	}
	return Foreseen{Loads: loads, Size: size, Most: f.Most}, nil
}
