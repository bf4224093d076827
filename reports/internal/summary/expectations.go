package summary

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Expectation is one case of the matrix: what was asked of what, which answers are
// right, and how each version answered.
type Expectation struct {
	bench.Expectation
	Sides []ExpectedSide // as in summary.sides
}

// ExpectedSide is how one version answered a case.
type ExpectedSide struct {
	Words string // "1,204 of 1,204", none when it was never asked
	Wrong string // what else came, "" when all was right
}

// Expectations is the matrix over the trials that count, by operation and in the order
// in which cases were first asked for; nil for runs without one.
func Expectations(s *Summary) []Expectation {
	var matrix []Expectation
	for _, op := range s.Operations {
		for i, m := range op.Sides {
			for _, e := range m.Expectations {
				k := slices.IndexFunc(matrix, func(x Expectation) bool { return x.Expectation == e.Expectation })
				if k < 0 {
					k = len(matrix)
					matrix = append(matrix, Expectation{e.Expectation,
						slices.Repeat([]ExpectedSide{{Words: units.None}}, len(op.Sides))})
				}
				matrix[k].Sides[i] = ExpectedSide{Words: units.Count(e.Outcomes.OK) + " of " +
					units.Count(e.Outcomes.Total()), Wrong: notOK(e.Outcomes)}
			}
		}
	}
	for i := range matrix {
		e := &matrix[i].Expectation
		e.Operation, e.Kind, e.State, e.Expected, e.Source = plaintext.Line(e.Operation), plaintext.Line(e.Kind),
			plaintext.Line(e.State), plaintext.Line(e.Expected), plaintext.Line(e.Source)
	}
	return matrix
}

// The facts of scenario refresh-retry, of which people want to see the share.
const (
	retried = "refresh_retries"
	killed  = "refresh_chains_killed"
)

// Observations lists facts and lags of the trials that count, by name.
func Observations(s *Summary) []TableRow {
	sums := make([]bench.Observation, len(s.Sides))
	facts, lags := map[string]bool{}, map[string]bool{}
	for i, x := range s.Sides {
		for _, t := range x.Valid {
			sums[i].Merge(bench.Observation{Facts: t.Facts, Lags: t.Lags})
		}
		for name := range sums[i].Facts {
			facts[name] = true
		}
		for name := range sums[i].Lags {
			lags[name] = true
		}
	}
	var all []TableRow
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		o := TableRow{Name: words(name)}
		for _, sum := range sums {
			o.Values = append(o.Values, units.Count(sum.Facts[name]))
		}
		all = append(all, o)
	}
	if facts[killed] {
		o := TableRow{Name: words(killed) + " per 1,000"}
		for _, sum := range sums {
			value := units.None
			if n := sum.Facts[retried]; n > 0 {
				value = fmt.Sprintf("%.1f", 1000*float64(sum.Facts[killed])/float64(n))
			}
			o.Values = append(o.Values, value)
		}
		all = append(all, o)
	}
	for _, name := range slices.Sorted(maps.Keys(lags)) {
		for _, q := range []float64{.5, .99, 1} {
			label := verdict.Percentile(q)
			if q == 1 {
				label = "longest"
			}
			o := TableRow{Name: words(name) + " lag, " + label}
			for _, sum := range sums {
				value := units.None
				if h := sum.Lags[name]; h != nil && h.Count() > 0 {
					value = units.Duration(h.Quantile(q))
				}
				o.Values = append(o.Values, value)
			}
			all = append(all, o)
		}
	}
	return all
}

// words makes a name of the run file readable.
func words(name string) string { return strings.ReplaceAll(plaintext.Line(name), "_", " ") }

// A report claims a check only by the count of what was checked, and says so when that is
// nothing. Runs that were stored before these were counted claim nothing.

// checks are facts of trials that count what was asked and what came of it.
var checks = []struct {
	asked, done string                          // names of facts
	words       func(asked, done string) string // for people
	none        string                          // when nothing was asked, or nothing came of a sample
	sample      bool                            // what was done, not what the server did, is counted
}{
	{"authentication_asked", "authentication_refused", func(asked, done string) string {
		return "client authentication: " + done + " refusals of " + asked + " asked"
	}, "client authentication: not checked", false},
	{"near_misses_asked", "near_misses_inactive", func(asked, done string) string {
		return "near misses of live tokens: " + done + " of " + asked + " called inactive, asked after the load"
	}, "near misses of live tokens: not checked", false},
	{"malformed_asked", "malformed_inactive", func(asked, done string) string {
		return "malformed tokens: " + done + " of " + asked + " called inactive, asked before the load"
	}, "malformed tokens: not checked", false},
	{"revoked_again_asked", "revoked_again_inactive", func(asked, done string) string {
		return "second revocations: " + done + " of " + asked + " tokens stayed inactive, asked after the load"
	}, "second revocations: not checked", false},
	{"issued_tokens", "issued_tokens_introspected", func(asked, done string) string {
		return "issued tokens: " + done + " of " + asked + " introspected after their trial"
	}, "issued tokens: none introspected", true},
	{"issued_jwts", "issued_jwts_verified", func(asked, done string) string {
		return "issued JWTs: signatures of " + done + " of " + asked + " verified"
	}, "issued JWTs: signatures not checked", true},
}

// What a pass claims beside the decision: each by the count of what it rests on, and "not
// checked" where that is nothing.

// NoneWrong says that no answer of a version was wrong, of all its trials.
func NoneWrong(s *Summary, role bench.Role) string {
	_, answers := wrongOf(s, role)
	if answers == 0 {
		return "whether answers are wrong was not checked"
	}
	return "of " + units.Plural(int(answers), "answer") + uncounted(s, role, answered) + " none was wrong"
}

// noneSlower says that nothing is slower than its margin, and how many figures that is.
func noneSlower(s *Summary) string {
	gates := 0
	for _, c := range slices.Concat(s.Verdict.Comparisons, s.Verdict.Costs) {
		if c.Gating && c.Units > 0 {
			gates++
		}
	}
	if gates == 0 {
		return "no margin was checked"
	}
	words := fmt.Sprintf("none of %d gates is beyond its margin of %s", gates, marginsOfGates(s))
	if gates == 1 {
		words = "its one gate is within the margin of " + marginsOfGates(s)
	}
	if most, _ := certified(s); most > 0 {
		words += fmt.Sprintf(" (the data certify %s)", units.Margin(most))
	}
	return words
}

// noMoreFailed says how many requests of each version failed, of the trials that count: no more of the
// candidate's, or no more than chance explains, for what is more fails the comparison.
func noMoreFailed(s *Summary) string {
	requests, failed := map[bench.Role]int64{}, map[bench.Role]int64{}
	for _, x := range s.Sides {
		for _, t := range x.Valid {
			failed[x.Role] += t.Unanswered()
			for _, m := range t.Measurements {
				requests[x.Role] += m.Outcomes.Total()
			}
		}
	}
	candidate, baseline := requests[bench.Candidate], requests[bench.Baseline]
	if baseline == 0 || candidate == 0 {
		return "failures were not checked"
	}
	// Shares are compared as products, which are exact.
	if failed[bench.Candidate]*baseline > failed[bench.Baseline]*candidate {
		return fmt.Sprintf("%s of %s failed and %s of the baseline's %s, which does not count as more",
			units.Count(failed[bench.Candidate]), units.Plural(int(candidate), "request"),
			units.Count(failed[bench.Baseline]), units.Count(baseline))
	}
	return fmt.Sprintf("no more of its %s failed than of the baseline's %s",
		units.Plural(int(candidate), "request"), units.Count(baseline))
}

// Checked says what was checked, each by its count.
func Checked(s *Summary) []string {
	var notes []string
	for _, c := range checks {
		for _, side := range rolesOf(s) {
			asked, known := factSum(s, side, c.asked)
			done, _ := factSum(s, side, c.done)
			switch {
			case !known:
				continue
			case asked == 0 || done == 0 && c.sample:
				notes = append(notes, columnWord(s, side)+c.none)
			default:
				notes = append(notes, columnWord(s, side)+c.words(units.Count(asked), units.Count(done))+
					uncounted(s, side, func(t *bench.Trial) bool { return t.Facts[c.asked] > 0 }))
			}
		}
	}
	return notes
}
