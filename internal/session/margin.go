package session

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

// chooseMargin fixes the margin of each gate for which the user gave none, where the profile
// leaves it open, before the first trial: from noise alone, never from which version is faster.
// It says what the run will be able to certify, and how likely equal versions are to pass.
func chooseMargin(s *session, loads []bench.Load, size plan.Size, noise []verdict.Noise) {
	rule := s.profile.Rule
	gates := scattersOf(s.Plan.Gates, loads, size, noise)
	var chosen []verdict.Scatter
	for _, g := range gates {
		if choosesMargin(s, g.gate) {
			chosen = append(chosen, g.Scatter)
		}
	}
	if len(chosen) == 0 {
		if len(gates) > 0 {
			s.Observer.Say("plan: equal versions pass with a chance of %.0f %% with the noise that was seen%s",
				100*chanceOf(rule, gates), largerWould(s, loads, noise, chanceOf(rule, gates)))
		}
		return
	}
	margin, _ := rule.ChooseMargin(chosen)
	var margins []verdict.Margin
	for _, g := range s.Plan.Gates {
		if choosesMargin(s, g) {
			own := s.Plan.Rule(s.profile).Fraction(g.Operation, g.Quantile)
			m := verdict.Margin{Operation: g.Operation, Quantile: g.Quantile, Fraction: max(margin, own)}
			if from := max(own, verdict.ConvictingShare*margin); from < m.Fraction {
				m.Convicts = from
			}
			margins = append(margins, m)
		}
	}
	for i := range gates {
		if g := &gates[i]; choosesMargin(s, g.gate) {
			g.Margin = max(margin, g.Margin)
		}
	}
	s.Plan.Margins = append(s.Plan.Margins, margins...)
	chance := chanceOf(rule, gates)
	narrowest := verdict.AutomaticMargins[0]
	if margin == narrowest {
		s.Observer.Say("plan: certifies %+.0f %% on this machine today: equal versions pass with a chance of %.0f %%",
			100*margin, 100*chance)
		return
	}
	convicts := convictsFrom(margins)
	if chance < verdict.LikelyToPass {
		words := "pass on this machine today with a chance of only"
		if chance < 0.5 {
			words = "would seldom pass on this machine today: with a chance of"
		}
		s.Observer.Say("plan: equal versions %s %.0f %%, at %+.0f %% where no margin was given; it convicts from "+
			"%s on", words, min(math.Round(100*chance), 89), 100*margin, convicts)
		return
	}
	// What a trial's noise costs falls with the square root of its length.
	longer := math.Pow(math.Log1p(margin)/math.Log1p(narrowest), 2)
	s.Observer.Say("plan: certifies %+.0f %% on this machine today (equal versions pass with a chance of "+
		"%.0f %%), and "+
		"convicts from %s on; %.0f %% would take about %v",
		100*margin, 100*chance, convicts, 100*narrowest,
		time.Duration(longer*float64(size.Expected)).Round(time.Minute))
}

// convictsFrom says from which slowdown on gates with these margins convict.
func convictsFrom(margins []verdict.Margin) string {
	least, most := margins[0].Convicting(), margins[0].Convicting()
	for _, m := range margins {
		least, most = min(least, m.Convicting()), max(most, m.Convicting())
	}
	if least == most {
		return fmt.Sprintf("%+.3g %%", 100*least)
	}
	return fmt.Sprintf("%+.3g to %+.3g %%", 100*least, 100*most)
}

// choosesMargin tells whether a gate's margin is left to the noise: the profile has none of its
// own, and the user gave none that is for it.
func choosesMargin(s *session, g verdict.Gate) bool {
	return len(s.profile.Rule.Margins) == 0 && !slices.ContainsFunc(s.Plan.Margins, func(m verdict.Margin) bool {
		return (m.Operation == "" || m.Operation == g.Operation) && (m.Quantile == 0 || m.Quantile == g.Quantile)
	})
}

// largerWould says what the next larger profile could do where this one can seldom pass equal
// versions; "" where it can.
func largerWould(s *session, loads []bench.Load, noise []verdict.Noise, chance float64) string {
	if chance >= verdict.LikelyToPass {
		return ""
	}
	for _, larger := range plan.Profiles {
		if larger.Budget <= s.profile.Budget {
			continue
		}
		size, err := larger.Fit(loads, s.overhead, s.restartCost(), 0)
		if err != nil {
			continue
		}
		wanted := larger.Gates(scenarios.Operations(s.Plan.Scenarios), size.Quantiles)
		gates := scattersOf(wanted, loads, size, noise)
		if len(gates) == 0 {
			continue
		}
		return fmt.Sprintf("; --profile %s (%v) would with one of %.0f %%", larger.Name, larger.Budget,
			100*chanceOf(larger.Rule, gates))
	}
	return ""
}

// gateNoise is a gate with the noise that its pairs will have.
type gateNoise struct {
	gate verdict.Gate
	verdict.Scatter
}

// chanceOf is that of equal versions to pass all gates.
func chanceOf(rule verdict.Profile, gates []gateNoise) float64 {
	var scatters []verdict.Scatter
	for _, g := range gates {
		scatters = append(scatters, g.Scatter)
	}
	return rule.PassProbability(scatters)
}

// scattersOf are the gates with the noise that their pairs will have, those of which it is known.
func scattersOf(gates []verdict.Gate, loads []bench.Load, size plan.Size, noise []verdict.Noise) []gateNoise {
	var all []gateNoise
	for _, g := range gates {
		for _, n := range noise {
			if n.Operation != g.Operation || n.Quantile != g.Quantile {
				continue
			}
			n = n.Scaled(requestsPerTrial(loads, size, g.Operation))
			all = append(all, gateNoise{g,
				verdict.Scatter{Deviation: n.Deviation, Margin: n.Margin, Freedom: n.Freedom}})
		}
	}
	return all
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
