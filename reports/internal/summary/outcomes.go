package summary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// outcomeCount is one kind of outcome and how often it came.
type outcomeCount struct {
	Outcome bench.Outcome
	N       int64
}

// Outcomes lists all kinds in their order, zeros included.
func Outcomes(o bench.Outcomes) []outcomeCount {
	return []outcomeCount{
		{bench.OK, o.OK}, {bench.Rejected, o.Rejected}, {bench.Invalid, o.Invalid},
		{bench.Timeout, o.Timeout}, {bench.Unreachable, o.Unreachable}, {bench.Unable, o.Unable},
	}
}

// CaseCount is one way to be wrong and how often it came.
type CaseCount struct {
	Name string
	N    int64
}

// Cases lists what was wrong, the most frequent first.
func Cases(m bench.Measurement) []CaseCount {
	var cs []CaseCount
	for _, name := range slices.Sorted(maps.Keys(m.Cases)) {
		cs = append(cs, CaseCount{plaintext.Line(name), m.Cases[name]})
	}
	slices.SortStableFunc(cs, func(a, b CaseCount) int { return cmp.Compare(b.N, a.N) })
	return cs
}

// OutcomeWords says what did not end in OK and why: "3 rejected, 1 invalid (a revoked
// token was called active 1)".
func OutcomeWords(m bench.Measurement) string {
	var why []string
	for _, c := range Cases(m) {
		name := c.Name
		if name == "" {
			name = "no case given"
		}
		why = append(why, fmt.Sprintf("%s: %s", name, units.Count(c.N)))
	}
	words := notOK(m.Outcomes)
	if len(why) > 0 {
		words += " (" + strings.Join(why, "; ") + ")"
	}
	return words
}

// SloLine is one service level objective in words.
type SloLine struct {
	Word string // held, missed or unknown
	Text string
}

// Slos lists the objectives with what came of them, and of two versions with whose it is.
func Slos(s *Summary) []SloLine {
	var lines []SloLine
	for _, r := range s.Verdict.SLOs {
		text := r.String()
		if s.Compared() {
			text += " (" + string(r.Side) + ")"
		}
		l := SloLine{"missed", plaintext.Line(text)}
		switch {
		case !r.Known():
			l.Word = "unknown"
		case r.Held:
			l.Word = "held"
		}
		lines = append(lines, l)
	}
	return lines
}

// Decision is what came of an objective.
func (l SloLine) Decision() verdict.Decision {
	switch l.Word {
	case "held":
		return verdict.Pass
	case "missed":
		return verdict.Failed
	}
	return verdict.Inconclusive
}

// notOK counts what did not end in OK: "3 rejected, 1 invalid".
func notOK(o bench.Outcomes) string {
	var parts []string
	for _, c := range Outcomes(o) {
		if c.Outcome != bench.OK && c.N > 0 {
			parts = append(parts, units.Count(c.N)+" "+c.Outcome.String())
		}
	}
	return strings.Join(parts, ", ")
}

// worseBy says in figures what a version did that fails it beside being slow, "" when it is nothing
// that is counted.
func worseBy(s *Summary, role bench.Role) string {
	if wrong, answers := wrongOf(s, role); wrong > 0 {
		return fmt.Sprintf("gave %s in %s%s", units.Plural(int(wrong), "wrong answer"), units.Count(answers),
			uncounted(s, role, answered))
	}
	var flaws []bench.Flaw
	deaths := 0
	for _, t := range s.Run.Trials {
		if t.Role != role {
			continue
		}
		if t.Died != "" {
			deaths++
		}
		for _, f := range t.Flaws {
			if !slices.Contains(flaws, f) {
				flaws = append(flaws, f)
			}
		}
	}
	switch {
	case len(flaws) > 0:
		return "was found wrong in " + units.Plural(len(flaws), "point")
	case deaths > 0:
		return "died under load, " + units.Plural(deaths, "time")
	}
	var missed []verdict.SLOResult
	limits := 0
	for _, r := range s.Verdict.SLOs {
		if string(r.Side) != string(role) && s.Compared() {
			continue
		}
		limits++
		if r.Known() && !r.Held {
			missed = append(missed, r)
		}
	}
	if len(missed) > 0 {
		which := fmt.Sprintf("missed %d of %d limits", len(missed), limits)
		if limits == 1 {
			which = "missed its one limit"
		}
		return which + " (" + strings.TrimSuffix(missed[0].String(), ", missed") + ")"
	}
	sum := outcomesOf(s.Run.Trials, role)
	if sum.Failed() > 0 {
		return fmt.Sprintf("left %s of %s without a right answer", units.Count(sum.Failed()),
			units.Plural(int(sum.Total()), "request"))
	}
	return ""
}

// alsoFailed counts what failed in a run of one version that no limit forbade, of all its trials, as what was wrong is
// counted: "; 1 of 2,497 requests was refused", "" when nothing failed.
func alsoFailed(s *Summary) string {
	role := s.Sides[0].Role
	o := outcomesOf(s.Run.Trials, role)
	failed := o.Total() - o.OK
	if failed == 0 {
		return ""
	}
	of := fmt.Sprintf("; %s of %s%s", units.Count(failed), units.Plural(int(o.Total()), "request"),
		uncounted(s, role, answered))
	if failed > o.Rejected {
		return of + " failed: " + notOK(o)
	}
	if failed == 1 {
		return of + " was refused"
	}
	return of + " were refused"
}

// outcomesOf are those of a version in some trials.
func outcomesOf(trials []bench.Trial, role bench.Role) bench.Outcomes {
	var sum bench.Outcomes
	for _, t := range trials {
		for _, m := range t.Measurements {
			if t.Role == role {
				sum.Merge(m.Outcomes)
			}
		}
	}
	return sum
}

// wrongOf is how many answers of a version were wrong, of all its trials, for a wrong answer counts
// whenever it comes; and of how many.
func wrongOf(s *Summary, role bench.Role) (wrong, answers int64) {
	for _, t := range s.Run.Trials {
		for _, m := range t.Measurements {
			if t.Role == role {
				wrong += m.Outcomes.Invalid
				answers += m.Outcomes.OK + m.Outcomes.Rejected + m.Outcomes.Invalid
			}
		}
	}
	return wrong, answers
}

// answered tells whether a trial has answers of its load.
func answered(t *bench.Trial) bool { return len(t.Measurements) > 0 }

// uncounted says of a count over all trials of a version which of them the tables do not contain, for a reader
// who finds another number there; "" when that is none.
func uncounted(s *Summary, role bench.Role, counted func(*bench.Trial) bool) string {
	warm, left := false, false
	for i := range s.InHeadline { // none of a search, whose tables hold no such counts
		t := &s.Run.Trials[i]
		if t.Role != role || s.InHeadline[i] || !counted(t) {
			continue
		}
		warm, left = warm || t.Warmup, left || !t.Warmup
	}
	switch {
	case warm && left:
		return " (warm-ups and trials that do not count included)"
	case warm:
		return " (warm-ups included)"
	case left:
		return " (trials that do not count included)"
	}
	return ""
}

// bothWrong counts the wrong answers of two versions, "" when none was to the load.
func bothWrong(s *Summary) string {
	candidate, of := wrongOf(s, bench.Candidate)
	baseline, ofBaseline := wrongOf(s, bench.Baseline)
	if candidate+baseline == 0 {
		return ""
	}
	return ", the candidate " + howOftenWrong(candidate, of) + " and the baseline " +
		howOftenWrong(baseline, ofBaseline)
}

// howOftenWrong is for a version that was wrong: where no answer to the load was, a question beside it showed
// that.
func howOftenWrong(wrong, answers int64) string {
	if wrong == 0 {
		return "where it was asked beside the load"
	}
	return units.Count(wrong) + " in " + units.Count(answers)
}
