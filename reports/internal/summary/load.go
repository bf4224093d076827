package summary

import (
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Loads says what was asked of the deployments, one line for each load.
func Loads(s *Summary) []string {
	var lines []string
	for _, l := range s.Run.Loads {
		lines = append(lines, LoadWords(l)+utilisation(s, l))
	}
	return lines
}

// LoadsInBrief is Loads without how the requests were sent.
func LoadsInBrief(s *Summary) []string {
	var lines []string
	for _, l := range s.Run.Loads {
		lines = append(lines, offered(l)+utilisation(s, l))
	}
	return lines
}

// LoadWords says all of a load.
func LoadWords(l bench.Load) string {
	text := fmt.Sprintf("%s, %s arrivals, %s with a lead-in of %s, timeout %s", offered(l), plaintext.Line(l.Process),
		units.Duration(l.Length), units.Duration(l.LeadIn), units.Duration(l.Timeout))
	if l.Transport != "" {
		text += ", transport " + plaintext.Line(string(l.Transport))
	}
	if l.CatchUp == bench.Drop {
		text += ", requests due while all workers were busy not sent (catch-up none)"
	}
	return text
}

// offered is a load's rate, and what of.
func offered(l bench.Load) string {
	var streams []string
	for _, x := range l.Streams {
		streams = append(streams, plaintext.Line(x.Scenario)+" "+units.Rate(x.Rate))
	}
	return fmt.Sprintf("%s offered (%s)", units.Rate(l.Rate()), strings.Join(streams, ", "))
}

// utilisation says what part of each deployment's capacity a load is: the same
// difference in service time weighs more the busier a server is. "" when no pilot
// measured the load's scenarios.
func utilisation(s *Summary, l bench.Load) string {
	var parts []string
	for _, x := range s.Sides {
		for _, p := range s.Run.Pilots {
			if p.Of(x.Role, x.Deployment.Name) && p.Capacity > 0 && sameScenarios(p, l) {
				who := "it"
				if s.Compared() {
					who = "the " + string(x.Role)
				}
				parts = append(parts, fmt.Sprintf("%.0f %% of what %s can carry (%s)", 100*l.Rate()/p.Capacity,
					who, units.Rate(p.Capacity)))
				break
			}
		}
	}
	if parts == nil {
		return ""
	}
	return "; that is " + strings.Join(parts, " and ")
}

func sameScenarios(p bench.Pilot, l bench.Load) bool {
	if len(p.Scenarios) != len(l.Streams) {
		return false
	}
	for i, x := range l.Streams {
		if p.Scenarios[i] != x.Scenario {
			return false
		}
	}
	return true
}
