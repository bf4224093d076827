package summary

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/refusals"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// noteFailures puts a footnote at each figure that stands for arrivals without a right
// answer: it is the timeout, and no time that the server took.
func noteFailures(s *Summary) {
	for k := range s.Operations {
		op := &s.Operations[k]
		for i := range op.Sides {
			var rows []*Row
			var labels []string
			for r := range op.Rows {
				if row := &op.Rows[r]; op.Sides[i].isFailure(row.Quantile, row.Values[i], longestTimeout(s)) {
					rows, labels = append(rows, row), append(labels, row.Label)
				}
			}
			if rows == nil {
				continue
			}
			o := op.Sides[i].Outcomes
			n := s.Notes.Add(fmt.Sprintf("%s %s%s: no time that the server took, for %d of %d requests had "+
				"no right answer, and each of those counts as the timeout of %s at least",
				plaintext.Line(op.Name), strings.Join(labels, ", "), s.OnThe(s.Sides[i]),
				o.Failed(), o.Total(), units.Duration(longestTimeout(s))))
			for _, row := range rows {
				row.Figures = append(row.Figures, n)
			}
		}
	}
}

// FailureNotes are the footnotes at figures that stand for failures.
func FailureNotes(s *Summary) []string {
	var notes []string
	for _, op := range s.Operations {
		for _, r := range op.Rows {
			for _, n := range r.Figures {
				if text := s.Notes[n-1]; !slices.Contains(notes, text) {
					notes = append(notes, text)
				}
			}
		}
	}
	return notes
}

// longestTimeout is that of the run's loads.
func longestTimeout(s *Summary) time.Duration {
	if len(s.Run.Loads) == 0 {
		return 0
	}
	return s.Run.Loads[0].Timeout
}

// isFailure tells whether a quantile is the time of a failed arrival, not of an answer.
func (m Measured) isFailure(quantile float64, value, timeout time.Duration) bool {
	const precision = .001 // of a histogram
	failed, total := float64(m.Outcomes.Failed()), float64(m.Outcomes.Total())
	beyond := math.Max(1, total-math.Ceil(quantile*total)+1) // arrivals from the quantile on
	return timeout > 0 && failed >= beyond && float64(value) >= float64(timeout)*(1-precision)
}

// Requests fail of too much load, or of something else: a lower rate mends the first alone.

// lowerTheRate is for versions that all left requests unanswered: the load is too much for each.
func lowerTheRate(s *Summary) string {
	if len(s.Run.Loads) == 0 || len(s.Sides) == 0 {
		return ""
	}
	for _, x := range s.Sides {
		if !leavesUnanswered(s, x.Role) || !overloaded(s, x.Role) {
			return ""
		}
	}
	rate := units.Rate(s.Run.Loads[0].Rate())
	if !s.Compared() {
		return "lower the rate: at " + rate + " it did not answer all; oauthbench capacity finds what it carries"
	}
	return "lower the rate: at " + rate + " no version answered all; oauthbench capacity finds what they carry"
}

// lookAtFailures is for failures that no load explains: it names them, and when they came.
func lookAtFailures(s *Summary) string {
	var steps []string
	for _, x := range s.Sides {
		if !failsByItself(s, x.Role) {
			continue
		}
		trials := countedTrials(s, x.Role)
		refused := refusals.Of(trials)
		what := refused.String()
		if !refused.Most() {
			what = fmt.Sprintf("of %s requests %s", units.Count(refused.Sent), notOK(outcomesOf(trials, x.Role)))
		}
		steps = append(steps, what+s.OnThe(x)+outageTimes(s, x.Role))
	}
	if steps == nil {
		return ""
	}
	return "look at the requests that failed, for no limit was seen that a lower rate would mend: " +
		strings.Join(steps, "; ")
}

// mostUnanswered is the share of the requests without an answer from which on a version is said
// not to have carried the load.
const mostUnanswered = .01

func leavesUnanswered(s *Summary, role bench.Role) bool {
	i := s.Index(role)
	return i >= 0 && slices.ContainsFunc(s.Operations, func(op Operation) bool {
		o := op.Sides[i].Outcomes
		return float64(o.Rejected+o.Timeout+o.Unreachable) > mostUnanswered*float64(o.Total())
	})
}

// failsByItself tells whether a version failed requests, so many that it counts, for another reason than the load.
func failsByItself(s *Summary, role bench.Role) bool {
	failed := outcomesOf(countedTrials(s, role), role)
	counts := leavesUnanswered(s, role) || slices.ContainsFunc(s.Verdict.SLOs, func(r verdict.SLOResult) bool {
		return string(r.Side) == string(role) && r.SLO.Metric == "error_ratio" && r.Known() && !r.Held
	})
	return counts && failed.Rejected+failed.Timeout+failed.Unreachable > 0 && !overloaded(s, role)
}

// overloaded tells whether a version failed requests because of the load: something that the load uses was at its
// end, or most of what failed got no answer, or one that says that there are too many requests. What
// failed in an outage after which the version went on under the same load is not of it.
func overloaded(s *Summary, role bench.Role) bool {
	if slices.ContainsFunc(Bottlenecks(s), func(b Bottleneck) bool { return b.Role == role && b.limited() }) {
		return true
	}
	trials := countedTrials(s, role)
	failed := outcomesOf(trials, role)
	tooMuch := failed.Timeout + failed.Unreachable
	for _, t := range trials {
		for _, m := range t.Measurements {
			for name, n := range m.Cases {
				if strings.HasPrefix(name, "status 429") || strings.HasPrefix(name, "status 503") {
					tooMuch += n
				}
			}
		}
		for _, g := range t.Gaps {
			tooMuch -= g.Outcomes.Unreachable
			if g.Back {
				tooMuch -= g.Outcomes.Timeout + g.Outcomes.Rejected
			}
		}
	}
	return 2*tooMuch > failed.Rejected+failed.Timeout+failed.Unreachable
}

// limited tells whether something that a load uses was the limit.
func (b *Bottleneck) limited() bool {
	return !slices.Contains([]string{"", LimitNone, LimitUnidentified, LimitFailure, LimitRefusals}, b.Limit)
}

// countedTrials are the trials of a version that figures are shown of.
func countedTrials(s *Summary, role bench.Role) []bench.Trial {
	if i := s.Index(role); i >= 0 {
		return s.Sides[i].Valid
	}
	return nil
}

// mostOutagesNamed keeps a step readable.
const mostOutagesNamed = 3

// outageTimes says when a version was away in the trials that figures are shown of, "" when it never was.
func outageTimes(s *Summary, role bench.Role) string {
	var times []string
	last, more := -1, 0
	for i, t := range s.Run.Trials {
		if t.Role != role || i >= len(s.InHeadline) || !s.InHeadline[i] {
			continue
		}
		for _, g := range t.Gaps {
			if len(times) == mostOutagesNamed {
				more++
				continue
			}
			when := fmt.Sprintf("from %s until %s", units.Duration(g.At), units.Duration(g.At+g.Length))
			if i != last {
				when = fmt.Sprintf("trial %d %s", i+1, when)
			}
			times, last = append(times, when), i
		}
	}
	if times == nil {
		return ""
	}
	words := ", in outages (" + strings.Join(times, ", ")
	if more > 0 {
		words += fmt.Sprintf(" and %d more", more)
	}
	return words + ")"
}
