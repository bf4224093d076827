package reports

import (
	"io"
	"strings"
	"unicode/utf8"

	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/summary"
	"oauthbench/reports/internal/units"
)

// answerRows bounds the rows of the answer, and answerReasons its reasons, so that it
// fits a terminal of 24 lines.
const (
	answerRows    = 9
	answerReasons = 2
)

// WriteAnswer writes what a person at a terminal wants to know: the verdict in a sentence
// and a row for each gate, in lines of at most width columns. Documents that have no such
// answer are written whole. color is as in WriteText.
func (d *Document) WriteAnswer(w io.Writer, color bool, width int) error {
	t := &textWriter{color: color, width: width}
	if d.answer != nil {
		d.answer(t)
	} else {
		d.text(t)
	}
	_, err := io.WriteString(w, plaintext.Secrets.String(t.words.String()))
	return err
}

// answer is the verdict on a run in a sentence, and what decided.
func (t *textWriter) answer(s *summary.Summary) {
	first, rest, _ := strings.Cut(s.Headline(), ": ")
	t.wrap("", t.paint(first, s.Decision())+": "+rest)
	t.wrap("", s.Answer())
	if d := s.Decision(); d != verdict.Pass && d != verdict.Measured {
		t.some("  - ", s.Reasons(), answerReasons)
		for _, h := range summary.Hints(s) {
			t.wrap("", h)
		}
	}
	t.line("")
	if s.Judged() {
		t.gates(s)
	} else {
		t.figures(s)
	}
	for _, n := range summary.FailureNotes(s) {
		t.wrap("", n)
	}
	for _, l := range summary.Slos(s) {
		t.wrap(t.tick(l.Decision())+" ", l.Text)
	}
	for _, l := range summary.LoadsInBrief(s) {
		t.wrap("load: ", l)
	}
	if words := summary.LimitsInBrief(s); words != "" {
		t.wrap("limit: ", words)
	}
	t.wrap("", s.Extent())
}

// some writes the first of several texts, and how many more there are.
func (t *textWriter) some(lead string, texts []string, most int) {
	for i, text := range texts {
		if i == most && len(texts) > most+1 {
			t.wrap(lead, units.Plural(len(texts)-most, "more reason")+" in the report")
			return
		}
		t.wrap(lead, plaintext.Line(text))
	}
}

// tick says a decision in one character.
func (t *textWriter) tick(d verdict.Decision) string {
	switch d {
	case verdict.Pass:
		return t.paint("✓", d)
	case verdict.Regression, verdict.Failed:
		return t.paint("✗", d)
	}
	return t.paint("~", d)
}

// gates is a row for each comparison that decided, those that did not pass first.
func (t *textWriter) gates(s *summary.Summary) {
	var rows []*verdict.Comparison
	for _, passed := range []bool{false, true} {
		for _, op := range s.Operations {
			for _, r := range op.Rows {
				c := r.Comparison
				if c == nil || (c.Decision == verdict.Pass) != passed || !c.Gating && c.Decision != verdict.Regression {
					continue
				}
				rows = append(rows, c)
			}
		}
	}
	name := 16
	for _, c := range rows {
		name = max(name, min(utf8.RuneCountInString(plaintext.Line(c.Name())), 24))
	}
	t.line("  %s  %s  %s  %s  %s", pad("", name), padLeft("baseline", 9), padLeft("candidate", 9),
		pad("change [90 % interval]", 23), "margin")
	for i, c := range rows {
		if i == answerRows && len(rows) > answerRows+1 {
			words := ""
			if c.Decision == verdict.Pass { // those that did not are first
				words = " that passed"
			}
			t.line("  and %d more%s", len(rows)-answerRows, words)
			break
		}
		t.line("%s %s  %s  %s  %s  %s", t.tick(c.Decision), pad(units.Clip(plaintext.Line(c.Name()), name), name),
			padLeft(units.DurationOrNone(c.Baseline), 9), padLeft(units.DurationOrNone(c.Candidate), 9),
			pad(summary.Change(c), 23), units.Margin(c.Margin))
	}
}

// figures is a row for each operation of a run without comparisons.
func (t *textWriter) figures(s *summary.Summary) {
	for i, side := range s.Sides {
		who := ""
		if s.Compared() {
			who = string(side.Role)
		}
		t.line("%s  %s  %s  %s  %s  %s", pad(who, 22), padLeft("P50", 9), padLeft("P95", 9), padLeft("P99", 9),
			padLeft("achieved", 10), padLeft("not OK", 8))
		for k, op := range s.Operations {
			if k == answerRows {
				t.line("and %d more", len(s.Operations)-answerRows)
				break
			}
			m := op.Sides[i]
			q := m.Response.Quantiles(summary.Headlines...)
			t.line("%s  %s  %s  %s  %s  %s", pad(units.Clip(plaintext.Line(op.Name), 22), 22),
				padLeft(units.DurationOrNone(q[0]), 9),
				padLeft(units.DurationOrNone(q[1]), 9), padLeft(units.DurationOrNone(q[2]), 9),
				padLeft(units.Rate(m.Achieved), 10), padLeft(units.Count(m.Outcomes.Failed()), 8))
		}
	}
}
