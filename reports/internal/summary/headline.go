package summary

import (
	"fmt"
	"strings"

	"oauthbench/bench/verdict"
)

// decision is what the report says; "" when nothing was compared.
func (s *summary) decision() verdict.Decision {
	if len(s.contradictions) > 0 {
		return verdict.Invalid
	}
	return s.verdict.Decision
}

// word is the verdict as one word in capitals.
func (s *summary) word() string {
	if d := s.decision(); d != "" {
		return strings.ToUpper(string(d))
	}
	if !s.measured() {
		return "NO RESULT"
	}
	return "MEASURED"
}

// measured tells whether any valid trial holds a measurement.
func (s *summary) measured() bool {
	for _, x := range s.sides {
		for _, t := range x.valid {
			if len(t.Measurements) > 0 {
				return true
			}
		}
	}
	return false
}

// state says what a reader must know before the verdict: that the run is not whole.
// "" for a complete run.
func (s *summary) state() string {
	if why := s.run.Incomplete(); why != "" {
		return "INTERRUPTED"
	}
	return ""
}

// headline is the first line of every report: state, decision, what was compared.
func (s *summary) headline() string {
	words := s.word()
	if st := s.state(); st != "" {
		words = st + ", " + words
	}
	return words + ": " + s.subject()
}

// subject names what was measured.
func (s *summary) subject() string {
	switch len(s.sides) {
	case 0:
		return "nothing was measured"
	case 1:
		return plain(s.sides[0].deployment.Name)
	}
	return plain(s.sides[1].deployment.Name) + " against " + plain(s.sides[0].deployment.Name)
}

// sentence says the decision in a plain sentence.
func (s *summary) sentence() string {
	if len(s.contradictions) > 0 {
		return "The stored figures contradict each other, so that nothing can be concluded from them."
	}
	if s.run.Incomplete() != "" && len(s.run.Trials) == 0 {
		return "The run ended before its first trial did."
	}
	if s.decision() != "" && !s.compared() {
		return s.sentenceAlone()
	}
	switch s.decision() {
	case verdict.Pass:
		return "The candidate is no slower than the baseline by the margins or more, fails no more often, and gave no wrong answer."
	case verdict.Regression:
		return "The candidate is worse than the baseline."
	case verdict.Inconclusive:
		return "The data decide neither for nor against the candidate."
	case verdict.Invalid:
		return "This run cannot be judged."
	}
	if !s.measured() {
		return "No trial counts: there is nothing to conclude from."
	}
	if s.compared() {
		return "No verdict was made on this run."
	}
	return "One version was measured; there is none to compare it with."
}

// sentenceAlone is sentence for a run that compares nothing.
func (s *summary) sentenceAlone() string {
	switch s.decision() {
	case verdict.Pass:
		if len(s.verdict.SLOs) == 0 {
			return "One version was measured: it gave no wrong answer. No limit was set for its response times."
		}
		return "One version was measured: it gave no wrong answer and kept every limit that was set."
	case verdict.Regression:
		return "One version was measured: it gave wrong answers or missed a limit."
	case verdict.Inconclusive:
		return "One version was measured, but not enough to decide."
	}
	return "This run cannot be judged."
}

// reasons are why the decision is what it is, most important first.
func (s *summary) reasons() []string {
	if len(s.contradictions) > 0 {
		return s.contradictions
	}
	return s.verdict.Reasons
}

// extent says how much was measured: "12 trials in 6 pairs and 1 epoch of 5 s each".
func (s *summary) extent() string {
	epochs, pairs := map[int]bool{}, map[int]bool{}
	warm, excluded, n := 0, 0, 0
	for _, t := range s.run.Trials {
		if t.Warmup {
			warm++
			continue
		}
		n++
		epochs[t.Epoch] = true
		pairs[t.Pair] = true
		if len(t.Excluded) > 0 {
			excluded++
		}
	}
	parts := []string{plural(n, "trial")}
	if s.compared() {
		parts[0] += " in " + plural(len(pairs), "pair") + " and " + plural(len(epochs), "epoch")
	}
	if n == 0 {
		parts[0] = "no trial was measured"
	} else if loads := s.run.Loads; len(loads) > 0 {
		parts[0] += fmt.Sprintf(", %s each", duration(loads[0].Length))
	}
	if why := s.run.Incomplete(); why != "" {
		parts = append(parts, fmt.Sprintf("stopped after %d of %d planned trials (%s)", n, s.run.Slots, plain(why)))
	}
	if excluded > 0 {
		parts = append(parts, fmt.Sprintf("%d excluded for outside disturbance", excluded))
	}
	if warm > 0 {
		parts = append(parts, fmt.Sprintf("%d more for warm-up", warm))
	}
	return strings.Join(parts, "; ")
}

// identity names a deployment in one line: "embedded:v2 (embedded v2, sqlite)".
func identity(x side) string {
	d := x.deployment
	var what []string
	for _, part := range []string{strings.TrimSpace(d.Server + " " + d.Version), d.Database} {
		if part != "" {
			what = append(what, plain(part))
		}
	}
	if len(what) == 0 {
		return plain(d.Name)
	}
	return plain(d.Name) + " (" + strings.Join(what, ", ") + ")"
}
