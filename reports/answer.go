package reports

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// answerLines is how long an answer may be, so that a terminal of 24 lines shows all of it with
// the path of the report and the prompt below it.
const answerLines = 21

// answerSize bounds the rows, reasons and steps of an answer. A brief one leaves out, beside them,
// how much was measured and what passed in detail.
type answerSize struct {
	rows, reasons, steps int
	brief                bool
}

// answerSizes are tried in turn until an answer fits.
var answerSizes = []answerSize{
	{9, 2, 2, false}, {6, 2, 2, false}, {6, 2, 1, false}, {4, 1, 1, false}, {2, 1, 1, false}, {1, 1, 1, false},
	{1, 1, 1, true},
}

// answerReason is the longest reason of an answer, in characters; the report has all of it.
const answerReason = 230

// fitted writes an answer in the first of the sizes in which it fits.
func fitted(t *textWriter, write func(*textWriter, answerSize)) {
	for i, size := range answerSizes {
		one := &textWriter{color: t.color, width: t.width}
		write(one, size)
		text := one.words.String()
		if strings.Count(text, "\n") <= answerLines || i == len(answerSizes)-1 {
			t.words.WriteString(text)
			return
		}
	}
}

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
	fitted(t, func(t *textWriter, size answerSize) { t.answerOf(s, size) })
}

func (t *textWriter) answerOf(s *summary.Summary, size answerSize) {
	first, rest, _ := strings.Cut(s.Headline(), ": ")
	t.wrap("", t.paint(first, s.Decision())+": "+rest)
	t.wrap("", s.Answer())
	if d := s.Decision(); d != verdict.Pass && d != verdict.Measured {
		t.some("  - ", beyondLimits(s), size.reasons)
	}
	t.line("")
	if s.Judged() {
		t.gates(s, size.rows, true)
	} else {
		t.figures(s, size.rows)
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
	if words := summary.LimitsInBrief(s); words != "" && !size.brief {
		t.wrap("limit: ", words)
	}
	if !size.brief {
		t.wrap("", s.Extent())
	}
	if s.Decision() == verdict.Pass && s.Verdict.Unseen != "" {
		t.wrap("not seen: ", s.Verdict.Unseen)
	}
	t.nextSteps(s, size.steps)
}

// beyondLimits are the reasons of a decision but for limits that were simply missed: each has a row of its own.
func beyondLimits(s *summary.Summary) []string {
	return slices.DeleteFunc(slices.Clone(s.Reasons()), func(reason string) bool {
		return slices.ContainsFunc(s.Verdict.SLOs, func(r verdict.SLOResult) bool {
			rest, is := strings.CutPrefix(reason, "SLO "+r.String())
			return is && (rest == "" || strings.HasPrefix(rest, " by the candidate"))
		})
	})
}

// nextSteps says what to do about a result that is no pass.
func (t *textWriter) nextSteps(s *summary.Summary, most int) {
	writeSteps(t, summary.NextSteps(s), most)
}

// writeSteps says what to do, the first of several.
func writeSteps(t *textWriter, all []string, most int) {
	lead := "what to do: "
	for i, step := range all {
		if i == most {
			return
		}
		t.wrap(lead, step)
		lead = "       and: "
	}
}

// some writes the first of several texts, and how many more there are.
func (t *textWriter) some(lead string, texts []string, most int) {
	for i, text := range texts {
		if i == most && len(texts) > most+1 {
			t.wrap(lead, units.Plural(len(texts)-most, "more reason")+" in the report")
			return
		}
		t.wrap(lead, clipped(plaintext.Line(text), answerReason))
	}
}

// clipped ends a text that is longer than most characters behind a word.
func clipped(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	text = string([]rune(text)[:most])
	return text[:max(strings.LastIndex(text, " "), 0)] + " …"
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

// gates is a row for each comparison that decided, those that did not pass first, and of more
// than most how many there are.
func (t *textWriter) gates(s *summary.Summary, most int, headed bool) {
	rows := dearer(s)
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
	shown := rows
	if len(rows) > most+1 {
		// What is left out is what decides least: of the rest what convicts stands before what only looks so.
		slices.SortStableFunc(rows, func(a, b *verdict.Comparison) int {
			return cmp.Compare(lightness(a), lightness(b))
		})
		shown = rows[:most]
	}
	var cells [][4]string // name, both figures and the change of each row that is shown
	widths := [4]int{16, len("baseline"), len("candidate"), len(changeHead)}
	for _, c := range shown {
		row := [4]string{plaintext.Line(c.Name()), gateFigure(s, c, bench.Baseline),
			gateFigure(s, c, bench.Candidate), summary.Change(c)}
		cells = append(cells, row)
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	head := "margin"
	if slices.ContainsFunc(shown, func(c *verdict.Comparison) bool { return c.Convicts > 0 }) {
		head = "convicts…margin"
	}
	taken := 4*2 + 2 + utf8.RuneCountInString(head) + widths[1] + widths[2] + widths[3]
	widths[0] = max(leastName, min(widths[0], cmp.Or(t.width, textWidth)-taken))
	line := func(tick string, row [4]string, margin string) {
		t.line("%s %s  %s  %s  %s  %s", tick, pad(units.Clip(row[0], widths[0]), widths[0]), padLeft(row[1], widths[1]),
			padLeft(row[2], widths[2]), pad(row[3], widths[3]), margin)
	}
	if headed {
		line(" ", [4]string{"", "baseline", "candidate", changeHead}, head)
	}
	for i, c := range shown {
		line(t.tick(c.Decision), cells[i], summary.Margin(c))
	}
	if more := rows[len(shown):]; len(more) > 0 {
		words := ""
		if more[0].Decision == verdict.Pass { // those that did not are first
			words = " that passed"
		}
		t.line("  and %d more%s", len(more), words)
	}
}

// lightness orders what is left out of an answer: 0 for what may have decided against a pass.
func lightness(c *verdict.Comparison) int {
	switch {
	case c.Decision == verdict.Pass:
		return 2
	case !c.Tested():
		return 1
	}
	return 0
}

// leastName is how many columns the name of a gate has at least: "introspect P95" fits.
const leastName = 14

// changeHead is over the changes of gates.
const changeHead = "change [90 % interval]"

// dearer are the costs that convicted the candidate.
func dearer(s *summary.Summary) []*verdict.Comparison {
	var rows []*verdict.Comparison
	for i := range s.Verdict.Costs {
		if c := &s.Verdict.Costs[i]; s.Decision() == verdict.Regression && c.Decision == verdict.Regression {
			rows = append(rows, c)
		}
	}
	return rows
}

// gateFigure is what one version has in the row of a comparison: a response time, or what a request costs.
func gateFigure(s *summary.Summary, c *verdict.Comparison, role bench.Role) string {
	for _, r := range summary.Resources(s) {
		if i := s.Index(role); r.Name == c.Name() && i >= 0 {
			return r.Values[i]
		}
	}
	if role == bench.Baseline {
		return units.DurationOrNone(c.Baseline)
	}
	return units.DurationOrNone(c.Candidate)
}

// figures is a row for each operation of a run without comparisons, and of more than most how
// many there are.
func (t *textWriter) figures(s *summary.Summary, most int) {
	for i, side := range s.Sides {
		if !slices.ContainsFunc(s.Operations, func(op summary.Operation) bool { return op.Sides[i].Trials > 0 }) {
			continue
		}
		who := ""
		if s.Compared() {
			who = string(side.Role)
		}
		t.line("%s  %s  %s  %s  %s  %s", pad(who, 22), padLeft("P50", 9), padLeft("P95", 9), padLeft("P99", 9),
			padLeft("achieved", 10), padLeft("not OK", 8))
		for k, op := range s.Operations {
			if k == most && len(s.Operations) > most+1 {
				t.line("and %d more", len(s.Operations)-most)
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

// releasesAnswer is the verdict on several releases, and of each what decided.
func (t *textWriter) releasesAnswer(r summary.Releases) {
	fitted(t, func(t *textWriter, size answerSize) { t.releasesAnswerOf(r, size) })
}

func (t *textWriter) releasesAnswerOf(r summary.Releases, size answerSize) {
	words := t.paint(r.Word(), r.Decision())
	if state := r.State(); state != "" {
		words = state + ", " + words
	}
	t.wrap("", words+": "+r.Subject())
	t.wrap("", r.Sentence())
	if why := r.NotCompared(); why != "" {
		lines := 2
		if size.brief {
			lines = 1
		}
		t.wrap("", clip(t, why, lines))
	}
	rows := max(1, size.rows/max(1, len(r.Sums)))
	headed := true
	for i, s := range r.Sums {
		if i == 0 || size.rows > 4 {
			t.line("")
		}
		words := s.Answer()
		if name := r.Names()[i]; !strings.HasPrefix(words, name+" ") {
			words = name + ": " + words
		}
		t.wrap(t.tick(s.Decision())+" ", words)
		if d := s.Decision(); d != verdict.Pass && d != verdict.Measured {
			writeReason(t, s, size)
		}
		switch passed := s.Decision() == verdict.Pass || s.Decision() == verdict.Measured; {
		case size.brief && passed || s.Decision() == verdict.Invalid:
		case s.Judged():
			t.gates(s, rows, headed)
			headed = false
		default:
			t.figures(s, rows)
		}
		if !size.brief || s.Decision() == r.Decision() {
			t.nextSteps(s, 1)
		}
	}
	for _, m := range r.Missing {
		t.wrap("~ not measured: ", plaintext.Line(m))
	}
	for _, l := range r.LoadsInBrief() {
		t.wrap("load: ", l)
	}
}

// writeReason writes why one of several releases was decided so: of a brief answer the first reason, in a line.
func writeReason(t *textWriter, s *summary.Summary, size answerSize) {
	reasons := beyondLimits(s)
	if size.brief && len(reasons) > 0 {
		t.wrap("  - ", clip(t, plaintext.Line(reasons[0]), 1))
		return
	}
	t.some("  - ", reasons, 1)
}
