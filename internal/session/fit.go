package session

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// loadsOf puts all streams into one load, or each into one of its own when the plan
// isolates them.
func loadsOf(p plan.Plan, profile plan.Profile, streams []bench.Stream) []bench.Load {
	groups := [][]bench.Stream{streams}
	if p.Isolate {
		groups = slices.Collect(slices.Chunk(streams, 1))
	}
	var loads []bench.Load
	for _, group := range groups {
		l := bench.Load{Process: p.Process, Streams: group, LeadIn: profile.LeadIn, Timeout: p.Timeout,
			Transport: p.Transport,
			Pacing:    p.Pacing, CatchUp: p.CatchUp, CPUs: p.GeneratorCPUs}
		// All that may be under way before the first one times out, within reason.
		inFlight := l.Rate() * p.Timeout.Seconds()
		most := min(bench.DefaultMaxWorkers, generator.MaxConnections()/p.Sides())
		l.Workers = cmp.Or(p.MaxWorkers, min(max(int(math.Ceil(inFlight)), plan.LeastWorkers), most))
		loads = append(loads, l)
	}
	return loads
}

// mostStretch is how many times a profile's own budget may grow for a slow server.
const mostStretch = 6

// fit chooses the length of the trials. Where a budget that may not grow carries no gating
// percentile, P50 decides instead; so it does where other programs left so little of the machine that
// none fits and there are costs to judge, which need no percentile.
func (s *session) fit(loads []bench.Load) (plan.Size, error) {
	size, err := s.fitOrStretch(s.profile, loads)
	if err == nil || len(size.Missing) == 0 || s.Plan.Budget == 0 && !(s.shared && len(s.Plan.CostGates) > 0) {
		return size, err
	}
	median, ok := s.profile.OnlyMedian()
	if !ok {
		return size, err
	}
	less, problem := s.fitOrStretch(median, loads)
	if problem == nil {
		s.Observer.Say("plan: %v; P50 decides instead", err)
	}
	return less, problem
}

// fitOrStretch fits a profile. A version that carries little may need more than the profile's
// budget for a single percentile; when nobody set a budget the profile's is stretched, and that
// is said, rather than refusing to measure it.
func (s *session) fitOrStretch(profile plan.Profile, loads []bench.Load) (plan.Size, error) {
	spent := time.Since(s.began)
	size, err := profile.Fit(loads, s.overhead, s.restartCost(), spent)
	if err == nil || len(size.Missing) == 0 || s.Plan.Budget != 0 {
		return size, err
	}
	// The least quantile needs this much; a little more keeps rounding harmless.
	need := size.Missing[0].Budget + 5*time.Second
	if need > mostStretch*profile.Budget {
		return size, err
	}
	cause := "the slower version carries so little"
	if s.burnIn.cost > 0 {
		cause = fmt.Sprintf("fresh processes take %v to be at their speed, so long", s.restartCost().Round(time.Second))
	}
	s.Observer.Say("plan: %s that %s needs %v instead of %v", cause, profile.Name, need, profile.Budget)
	profile.Budget = need
	return profile.Fit(loads, s.overhead, s.restartCost(), spent)
}

// tooLittleLeft is why a run ends without a pair when its trials do not fit because other programs
// left so little of the machine: what the user asked for is not at fault. "" where they did not.
func (s *session) tooLittleLeft(err error) string {
	if err == nil || !s.shared {
		return ""
	}
	why := fmt.Sprintf("other programs used the machine while the rates were looked for, and at those no "+
		"trial fits (%v)",
		err)
	if s.machine.busy {
		why += "; " + s.machine.note
	}
	return why
}
