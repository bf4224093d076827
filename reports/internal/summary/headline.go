package summary

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Decision is what the report says; "" when nothing was compared.
func (s *Summary) Decision() verdict.Decision {
	return audited(s.Verdict, s.Contradictions).Decision
}

// Word is the verdict as one word in capitals.
func (s *Summary) Word() string {
	if d := s.Decision(); d != "" {
		return strings.ToUpper(string(d))
	}
	if !s.measured() {
		return "NO RESULT"
	}
	return "MEASURED"
}

// measured tells whether any valid trial holds a measurement.
func (s *Summary) measured() bool {
	for _, x := range s.Sides {
		for _, t := range x.Valid {
			if len(t.Measurements) > 0 {
				return true
			}
		}
	}
	return false
}

// State says what a reader must know before the verdict: that the run is not whole.
// "" for a complete run.
func (s *Summary) State() string {
	if why := s.Run.Incomplete(); why != "" {
		return "INTERRUPTED"
	}
	return ""
}

// Headline is the first line of every report: state, decision, what was compared.
func (s *Summary) Headline() string {
	words := s.Word()
	if st := s.State(); st != "" {
		words = st + ", " + words
	}
	return words + ": " + s.Subject()
}

// Subject names what was measured.
func (s *Summary) Subject() string {
	switch len(s.Sides) {
	case 0:
		return "nothing was measured"
	case 1:
		return plaintext.Line(s.Sides[0].Deployment.Name)
	}
	return plaintext.Line(s.Sides[1].Deployment.Name) + " against " + plaintext.Line(s.Sides[0].Deployment.Name)
}

// Sentence says the decision in a plain sentence.
func (s *Summary) Sentence() string {
	switch {
	case len(s.Contradictions) > 0 && s.Decision() == verdict.Invalid:
		return "The stored figures contradict each other, so that nothing can be concluded from them."
	case len(s.Contradictions) > 0:
		return s.sentence() +
			" The stored figures contradict each other, so that nothing is concluded from response times."
	}
	return s.sentence()
}

func (s *Summary) sentence() string {
	if s.Run.Incomplete() != "" && len(s.Run.Trials) == 0 {
		return "The run ended before its first trial did."
	}
	if s.Decision() != "" && !s.Compared() {
		return s.sentenceAlone()
	}
	switch s.Decision() {
	case verdict.Pass:
		return "The candidate may replace the baseline: " + passWords(s) + "."
	case verdict.Regression:
		return "The candidate is worse than the baseline."
	case verdict.Failed:
		return "Both versions gave the same wrong answers" + bothWrong(s) +
			": neither can be passed, and the candidate is no worse."
	case verdict.Inconclusive:
		return "The data decide neither for nor against the candidate" + undecided(s) + "."
	case verdict.Invalid:
		return "This run cannot be judged."
	}
	if !s.measured() {
		return "No trial counts: there is nothing to conclude from."
	}
	if s.Compared() {
		return "No verdict was made on this run."
	}
	return "One version was measured; there is none to compare it with."
}

// sentenceAlone is sentence for a run that compares nothing.
func (s *Summary) sentenceAlone() string {
	switch s.Decision() {
	case verdict.Pass:
		limits := "no limit was checked"
		if n := len(s.Verdict.SLOs); n > 0 {
			limits = "of " + units.Plural(n, "limit") + " none was missed"
			if n == 1 {
				limits = "its one limit was kept"
			}
		}
		return "One version was measured: " + NoneWrong(s, s.Sides[0].Role) + ", and " + limits +
			alsoFailed(s) + "."
	case verdict.Measured:
		return "One version was measured: no limit was set, so that nothing was passed or failed" + alsoFailed(s) + "."
	case verdict.Failed:
		if why := worseBy(s, s.Sides[0].Role); why != "" {
			return "One version was measured: it " + why + "."
		}
		return "One version was measured, and it failed."
	case verdict.Inconclusive:
		return "One version was measured, but not enough to decide."
	}
	return "This run cannot be judged."
}

// Reasons are why the decision is what it is, most important first.
func (s *Summary) Reasons() []string {
	reasons := audited(s.Verdict, s.Contradictions).Reasons
	if d := s.Decision(); d == verdict.Pass || d == verdict.Measured {
		return reasons
	}
	return slices.Concat(reasons, s.Causes())
}

// Causes are what the versions' own parts said is wrong with them, each once for a version, of
// all trials: a part that says the same with other lines of its log has its last line told.
func (s *Summary) Causes() []string {
	var words []string
	for _, role := range rolesOf(s) {
		var all []bench.Cause
		for _, t := range s.Run.Trials {
			if t.Role != role {
				continue
			}
			for _, c := range t.Causes {
				if i := slices.IndexFunc(all, c.Like); i >= 0 {
					all[i] = c
				} else {
					all = append(all, c)
				}
			}
		}
		for _, c := range all {
			words = append(words, columnWord(s, role)+plaintext.Line(c.String()))
		}
	}
	return words
}

// Extent says how much was measured: "12 trials in 6 pairs and 1 epoch, 5 s each". Its pairs are those of the
// verdict.
func (s *Summary) Extent() string {
	e := extentOf(s.Run)
	parts := []string{units.Plural(e.trials, "trial")}
	if s.Compared() {
		parts[0] += " in " + units.Plural(e.pairs, "pair")
		if e.again > 0 {
			parts[0] += fmt.Sprintf(" (%d measured again)", e.again)
		}
		parts[0] += " and " + units.Plural(e.epochs, "epoch")
	}
	lost := " lost, for the server died in it"
	switch loads := s.Run.Loads; {
	case e.trials == 0:
		parts[0] = "no trial was measured"
	case !s.Compared() && e.died == e.trials:
		parts[0] += lost
	case len(loads) > 0 && e.trials == 1:
		parts[0] += " of " + units.Duration(loads[0].Length)
	case len(loads) > 0:
		parts[0] += fmt.Sprintf(", %s each", units.Duration(loads[0].Length))
	}
	also := func(words string, counted bool) {
		if counted {
			parts = append(parts, words)
		}
	}
	also(units.Plural(e.single, "trial")+" without its partner", s.Compared() && e.single > 0)
	also(units.Plural(e.lost, "pair")+" lost, for a server died in it", s.Compared() && e.lost > 0)
	also(strconv.Itoa(e.died)+lost, !s.Compared() && 0 < e.died && e.died < e.trials)
	if why := s.Run.Incomplete(); why != "" {
		parts = append(parts, fmt.Sprintf("stopped after %d of %d planned trials (%s)", e.planned, s.Run.Slots,
			plaintext.Line(why)))
	}
	also(units.Plural(e.disturbed, "pair")+" excluded for outside disturbance", s.Compared() && e.disturbed > 0)
	also(fmt.Sprintf("%d excluded for outside disturbance", e.excluded), !s.Compared() && e.excluded > 0)
	also(fmt.Sprintf("%d more for warm-up", e.warm), e.warm > 0)
	return strings.Join(parts, "; ")
}

// Identity names a deployment in one line: "embedded:v2 (embedded v2, sqlite)".
func Identity(x Side) string {
	d := x.Deployment
	var what []string
	for _, part := range []string{strings.TrimSpace(d.Server + " " + d.Version), d.Database} {
		if part != "" {
			what = append(what, plaintext.Line(part))
		}
	}
	if len(what) == 0 {
		return plaintext.Line(d.Name)
	}
	return plaintext.Line(d.Name) + " (" + strings.Join(what, ", ") + ")"
}

// Called is what a picture calls a version: its name, and its role where it has none or both have the same.
func Called(s *Summary, x Side) string {
	alike := func(y Side) bool { return y.Role != x.Role && y.Deployment.Name == x.Deployment.Name }
	if x.Deployment.Name == "" || slices.ContainsFunc(s.Sides, alike) {
		return string(x.Role)
	}
	return x.Deployment.Name
}

// Column is what heads a version's column: of a run that compares nothing, no candidate.
func (s *Summary) Column(x Side) string {
	return s.ColumnOf(x.Role)
}

// ColumnOf is Column by the version's role.
func (s *Summary) ColumnOf(role bench.Role) string {
	if !s.Compared() {
		return "measured"
	}
	return string(role)
}

// OnThe names the version after what was seen of it: " on the candidate", "" when there is
// only one.
func (s *Summary) OnThe(x Side) string {
	if !s.Compared() {
		return ""
	}
	return " on the " + string(x.Role)
}

// Answer is the verdict in one sentence, with the figure that matters most.
func (s *Summary) Answer() string {
	if !s.Compared() || len(s.Contradictions) > 0 {
		return s.Sentence()
	}
	name := plaintext.Line(s.Sides[1].Deployment.Name)
	switch s.Decision() {
	case verdict.Pass:
		if !s.Judged() {
			break
		}
		if best := extreme(s.Verdict.Comparisons, func(c *verdict.Comparison) bool {
			return c.Gating && c.Decision == verdict.Pass && c.Ratio.High < 1
		}, -1); best != nil {
			return fmt.Sprintf("%s is %s faster at %s%s; %s.", name, fasterBy(best.Ratio.Estimate),
				plaintext.Line(best.Name()), insteadOf(best), passWords(s))
		}
		if worst := extreme(s.Verdict.Comparisons, func(c *verdict.Comparison) bool {
			return c.Gating && c.Decision == verdict.Pass && c.Ratio.Low > 1
		}, 1); worst != nil {
			return fmt.Sprintf("%s is slower, by less than its margin, at %s (%s): %s.", name,
				plaintext.Line(worst.Name()), worst.Ratio.Change(), passWords(s))
		}
		return name + " is no slower: " + passWords(s) + "."
	case verdict.Regression:
		if wrong, _ := wrongOf(s, bench.Candidate); wrong > 0 {
			if own, _ := wrongOf(s, bench.Baseline); own == 0 {
				return name + " " + worseBy(s, bench.Candidate) + "; the baseline gave none."
			}
		}
		convicted := func(c *verdict.Comparison) bool { return c.Tested() && c.Decision == verdict.Regression }
		if worst := extreme(s.Verdict.Comparisons, convicted, 1); worst != nil && byPercentiles(&s.Verdict) {
			beyond := "its margin of " + units.Margin(worst.Margin)
			if worst.Convicts > 0 && worst.Ratio.Estimate < 1+worst.Margin {
				beyond = fmt.Sprintf("the %s from which it convicts", units.Margin(worst.Convicting()))
			}
			return fmt.Sprintf("%s is %s slower at %s%s, beyond %s.", name,
				byFactor(worst.Ratio.Estimate), plaintext.Line(worst.Name()), insteadOf(worst), beyond)
		}
		if worst := extreme(s.Verdict.Costs, convicted, 1); worst != nil && s.Verdict.ByCosts {
			return fmt.Sprintf("%s spends %s more: %s, beyond the margin of %s.", name, byFactor(worst.Ratio.Estimate),
				plaintext.Line(worst.Name()), units.Margin(worst.Margin))
		}
		if why := worseBy(s, bench.Candidate); why != "" {
			return name + " " + why + "."
		}
	}
	return s.Sentence()
}

// byPercentiles tells whether response times convicted, alone or beside costs: what is judged before them may
// have decided, however slow a version was.
func byPercentiles(v *verdict.Verdict) bool {
	return v.ByPercentiles || v.ByCosts && v.PerProtocol == verdict.Regression
}

// insteadOf are the response times of a comparison in words, "" when they are not known.
func insteadOf(c *verdict.Comparison) string {
	if c.Baseline <= 0 || c.Candidate <= 0 {
		return ""
	}
	return fmt.Sprintf(" (%s instead of %s)", units.Duration(c.Candidate), units.Duration(c.Baseline))
}

// passWords are what a pass rests on.
func passWords(s *Summary) string {
	return noneSlower(s) + ", " + noMoreFailed(s) + "; " + NoneWrong(s, bench.Candidate)
}

// extreme is the comparison of those that count whose ratio is the largest, or the
// smallest when sign is negative; nil when there is none.
func extreme(all []verdict.Comparison, counts func(*verdict.Comparison) bool, sign float64) *verdict.Comparison {
	var found *verdict.Comparison
	for i := range all {
		c := &all[i]
		if counts(c) && units.Finite(c.Ratio.Estimate) &&
			(found == nil || sign*c.Ratio.Estimate > sign*found.Ratio.Estimate) {
			found = c
		}
	}
	return found
}

// fasterBy says how much less: "5.0×" from half on, above "20 %", which is what the table calls -20 %.
func fasterBy(ratio float64) string {
	if 1/ratio >= 2 {
		return byFactor(1 / ratio)
	}
	return strings.TrimPrefix(units.Change(ratio), "-")
}

// byFactor says how much more: "5.0×" from twice on, "12 %" below.
func byFactor(ratio float64) string {
	if ratio >= 2 {
		return strconv.FormatFloat(ratio, 'f', 1, 64) + "×"
	}
	return strings.TrimPrefix(units.Change(ratio), "+")
}
