package search

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Sided is a summary that has the versions of the search and no figures.
func Sided(s *Search) *summary.Summary {
	sum := &summary.Summary{Run: s.Run}
	for _, side := range s.Sides {
		sum.Sides = append(sum.Sides, summary.Side{Role: side.Role, Deployment: s.Run.Deployments[side.Role]})
	}
	return sum
}

// Checked says what was checked of each side, each claim by the count of what it rests on, and "not checked" where
// that is nothing.
func Checked(s *Search) []string {
	sum := Sided(s)
	var all []string
	for i := range s.Sides {
		side := &s.Sides[i]
		name := ""
		if s.Compared() {
			name = string(side.Role) + ": "
		}
		if side.Wrong == 0 {
			all = append(all, name+summary.NoneWrong(sum, side.Role))
		}
		all = append(all, name+backWords(side), name+slowerWords(side))
	}
	for _, words := range summary.Checked(sum) {
		all = append(all, plaintext.Line(words))
	}
	return all
}

// backWords say how often the server was asked whether it had come back from an overload.
func backWords(side *searches.Searched) string {
	asked, back := 0, 0
	for _, l := range side.Searches {
		for _, c := range l.Checks {
			if c.After == 0 {
				continue // The first is what the others are held against.
			}
			asked++
			if c.Recovered {
				back++
			}
		}
	}
	if asked == 0 {
		return "whether the server comes back from overloads: not checked"
	}
	return fmt.Sprintf("the server was back in %d of %s between the others", back, units.Plural(asked, "control trial"))
}

// slowerWords say whether control trials were enough to see a server that becomes slower.
func slowerWords(side *searches.Searched) string {
	most := 0
	for _, l := range side.Searches {
		n := 0
		for _, c := range l.Checks {
			if c.Compared() {
				n++
			}
		}
		most = max(most, n)
	}
	if most < searches.LeastControls {
		return fmt.Sprintf("whether the server becomes slower under the search: not checked, for that takes "+
			"%s, and the search had %d", units.Plural(searches.LeastControls, "control trial"), most)
	}
	return fmt.Sprintf("whether the server becomes slower under the search: %s were compared",
		units.Plural(most, "control trial"))
}
