package summary

import (
	"fmt"
	"strings"

	"oauthbench/bench"
	"oauthbench/reports/internal/units"
)

// A report claims a check only by the count of what was checked, and says so when that is
// nothing. Runs that were stored before these were counted claim nothing.

// checks are facts of trials that count what was asked and what came of it.
var checks = []struct {
	asked, done string                          // names of facts
	words       func(asked, done string) string // for people
	none        string                          // when nothing was asked or done
}{
	{"authentication_asked", "authentication_refused", func(asked, done string) string {
		return "client authentication: " + done + " refusals of " + asked + " asked"
	}, "client authentication: not checked"},
	{"issued_tokens", "issued_tokens_introspected", func(asked, done string) string {
		return "issued tokens: " + done + " of " + asked + " introspected after their trial"
	}, "issued tokens: none introspected"},
	{"issued_jwts", "issued_jwts_verified", func(asked, done string) string {
		return "issued JWTs: signatures of " + done + " of " + asked + " verified"
	}, "issued JWTs: signatures not checked"},
}

// checkedNotes say what was checked, and what the run left behind.
func (s *Summary) checkedNotes() []string {
	var notes []string
	for _, c := range checks {
		for _, side := range s.roles() {
			asked, known := s.fact(side, c.asked)
			done, _ := s.fact(side, c.done)
			switch {
			case !known:
				continue
			case asked == 0 || done == 0 && c.asked != "authentication_asked":
				notes = append(notes, s.of(side)+c.none)
			default:
				notes = append(notes, s.of(side)+c.words(units.Count(asked), units.Count(done)))
			}
		}
	}
	var left []string
	for _, side := range s.roles() {
		if n, known := s.fact(side, "tokens_left"); known && n > 0 {
			left = append(left, fmt.Sprintf("%s at the %s", units.Count(n), side))
		}
	}
	if len(left) > 0 {
		text := "tokens that this run had issued: " + strings.Join(left, ", ")
		if s.Run.Deployments[bench.Candidate].Server == "external" {
			text += "; what was there before is not known, and the state of two servers that run already is not made equal"
		}
		notes = append(notes, text)
	}
	return notes
}

// roles are the sides of the run, the baseline first.
func (s *Summary) roles() []bench.Role {
	if s.Compared() {
		return []bench.Role{bench.Baseline, bench.Candidate}
	}
	return []bench.Role{bench.Candidate}
}

// of names a side where there are two.
func (s *Summary) of(side bench.Role) string {
	if s.Compared() {
		return string(side) + ": "
	}
	return ""
}

// fact adds up a fact over all trials of a side, warm-ups included. known is false when no
// trial has it.
func (s *Summary) fact(side bench.Role, name string) (sum int64, known bool) {
	for _, t := range s.Run.Trials {
		if n, ok := t.Facts[name]; ok && t.Role == side {
			sum, known = sum+n, true
		}
	}
	return sum, known
}
