package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

// announce prints what will be done, before it is done.
func announce(s *session, loads []bench.Load, size plan.Size) {
	var rates []string
	for _, l := range loads {
		for _, stream := range l.Streams {
			rates = append(rates, fmt.Sprintf("%s %.3g/s", stream.Scenario, stream.Rate))
		}
	}
	mixed := "mixed"
	if len(loads) > 1 {
		mixed = "one after another"
	}
	var gates []string
	for _, g := range s.Plan.Gates {
		if name := verdict.Percentile(g.Quantile); !slices.Contains(gates, name) {
			gates = append(gates, name)
		}
	}
	s.Observer.Say("plan: %s, seed %d: %s of %v, %s (%s arrivals, %s); gates on %s; about %s",
		s.profile.Name, s.Plan.Seed, digits.Count(size.Trials, "trial"), size.Length,
		strings.Join(rates, ", "), s.Plan.Process, mixed,
		strings.Join(gates, ", "), clock(size.Expected))
	if gates, alpha := len(s.Plan.Gates),
		s.profile.Rule.Alpha; verdict.UnitsToConvict(gates, alpha) > s.profile.Rule.Planned() {
		s.Observer.Say("plan: %s cannot convict one of %d gates alone, however slow it is: use fewer scenarios, or a "+
			"larger profile",
			digits.Count(s.profile.Rule.Planned(), string(s.profile.Rule.Unit)), gates)
	}
	for _, m := range size.Missing {
		s.Observer.Say("plan: %s would gate with a budget of %v; %s has %v", verdict.Percentile(m.Quantile), m.Budget,
			s.profile.Name, s.profile.Budget)
	}
}

// announcePower says which slowdown the gates could notice with the pilot's noise, and what
// the next larger profile would buy.
func announcePower(s *session, loads []bench.Load, size plan.Size, noise []verdict.Noise) {
	words := noticeable(s.profile, loads, size, s.Plan.Gates, noise)
	if words == "" {
		return
	}
	s.Observer.Say("plan: with that noise it could notice %s", words)
	for _, larger := range plan.Profiles {
		if larger.Budget <= s.profile.Budget {
			continue
		}
		bought, err := larger.Fit(loads, s.overhead, s.restartCost(), 0)
		if err != nil {
			continue
		}
		more := noticeable(larger, loads, bought,
			larger.Gates(scenarios.Operations(s.Plan.Scenarios), bought.Quantiles), noise)
		if more == words || more == "" {
			continue // Its trials are no longer, or nothing is known of what it gates.
		}
		s.Observer.Say("plan: %s (%v) could notice %s", larger.Name, larger.Budget, more)
		return
	}
}

// noticeable lists the gates with the slowdown that each would notice four times in five.
func noticeable(p plan.Profile, loads []bench.Load, size plan.Size, gates []verdict.Gate,
	noise []verdict.Noise) string {
	var words []string
	for _, g := range gates {
		i := slices.IndexFunc(noise, func(n verdict.Noise) bool {
			return n.Operation == g.Operation && n.Quantile == g.Quantile
		})
		if i < 0 {
			continue
		}
		for _, l := range loads {
			for _, stream := range l.Streams {
				if share := scenarios.Share(stream.Scenario, g.Operation); share > 0 {
					n := noise[i].Scaled(stream.Rate * share * (size.Length - l.LeadIn).Seconds())
					words = append(words, fmt.Sprintf("%s %s %+.0f %%", g.Operation, verdict.Percentile(g.Quantile),
						100*n.Detectable(p.Rule)))
				}
			}
		}
	}
	return strings.Join(words, ", ")
}
