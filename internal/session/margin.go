package session

import (
	"math"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plan"
	"oauthbench/scenarios"
)

// chooseMargin fixes the margin of the gates before the first trial, where the user gave
// none and the profile leaves it open: from the pilot's noise alone, never from which
// version is faster. It says what the run will be able to certify, and how likely equal
// versions are to pass.
func chooseMargin(s *session, loads []bench.Load, size plan.Size, noise []verdict.Noise) {
	gates := scattersOf(s, loads, size, noise)
	if len(gates) == 0 {
		return
	}
	rule := s.profile.Rule
	if len(s.Plan.Margins) > 0 || len(rule.Margins) > 0 {
		s.Observer.Say("plan: equal versions pass with a chance of %.0f %% with the pilot's noise",
			100*rule.PassProbability(gates))
		return
	}
	margin, chance := rule.ChooseMargin(gates)
	for _, g := range s.Plan.Gates {
		own := max(margin, s.Plan.Rule(s.profile).Fraction(g.Operation, g.Quantile))
		s.Plan.Margins = append(s.Plan.Margins,
			verdict.Margin{Operation: g.Operation, Quantile: g.Quantile, Fraction: own})
	}
	narrowest := verdict.AutomaticMargins[0]
	if margin == narrowest {
		s.Observer.Say("plan: certifies %+.0f %% on this machine today: equal versions pass with a chance of %.0f %%",
			100*margin, 100*chance)
		return
	}
	// What a trial's noise costs falls with the square root of its length.
	longer := math.Pow(math.Log1p(margin)/math.Log1p(narrowest), 2)
	s.Observer.Say("plan: certifies %+.0f %% on this machine today (equal versions pass with a chance of %.0f %%); "+
		"%.0f %% would take about %v",
		100*margin, 100*chance, 100*narrowest, time.Duration(longer*float64(size.Expected)).Round(time.Minute))
}

// scattersOf are the gates with the noise that their pairs will have.
func scattersOf(s *session, loads []bench.Load, size plan.Size, noise []verdict.Noise) []verdict.Scatter {
	var gates []verdict.Scatter
	for _, g := range s.Plan.Gates {
		for _, n := range noise {
			if n.Operation != g.Operation || n.Quantile != g.Quantile {
				continue
			}
			n = n.Scaled(requestsPerTrial(loads, size, g.Operation))
			gates = append(gates, verdict.Scatter{Deviation: n.Deviation, Margin: n.Margin})
		}
	}
	return gates
}

// requestsPerTrial is how many requests of an operation one trial records.
func requestsPerTrial(loads []bench.Load, size plan.Size, operation string) float64 {
	sum := 0.0
	for _, l := range loads {
		for _, stream := range l.Streams {
			sum += stream.Rate * scenarios.Share(stream.Scenario, operation) * (size.Length - l.LeadIn).Seconds()
		}
	}
	return sum
}
