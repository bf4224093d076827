package reports

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// textWidth is the widest line of the table, in columns. Words wrap before it.
const textWidth = 100

// labelWidth is the first column's, in characters.
const labelWidth = 10

// textNotes bounds the footnotes on a terminal; report.html has all.
const textNotes = 20

// run writes the table of one run.
func (t *textWriter) run(s *summary.Summary) {
	t.head(s)
	t.table(s)
	t.slos(s)
	t.rows("side observations", 46, summary.Observations(s))
	t.rows("what it cost", 30, summary.Resources(s))
	t.bottlenecks(s)
	t.footnotes(s)
}

type textWriter struct {
	words strings.Builder
	color bool
	width int // of a line, in columns; 0 is textWidth
}

func (t *textWriter) line(format string, args ...any) {
	t.words.WriteString(plainLine(strings.TrimRight(fmt.Sprintf(format, args...), " ")) + "\n")
}

// painted are the escape sequences of paint.
var painted = regexp.MustCompile("\x1b\\[(32|1;31|33|1;35|0)m")

// plainLine makes a line plain but for the colours of paint: what was forgotten to be made
// plain where it was said is caught here.
func plainLine(s string) string {
	var b strings.Builder
	at := 0
	for _, place := range painted.FindAllStringIndex(s, -1) {
		b.WriteString(plaintext.Line(s[at:place[0]]) + s[place[0]:place[1]])
		at = place[1]
	}
	return b.String() + plaintext.Line(s[at:])
}

// paint colours words by decision; the words stay the same.
func (t *textWriter) paint(words string, d verdict.Decision) string {
	code := map[verdict.Decision]string{verdict.Pass: "32", verdict.Measured: "32", verdict.Regression: "1;31",
		verdict.Failed: "1;31", verdict.Inconclusive: "33", verdict.Invalid: "1;35"}[d]
	if !t.color || code == "" {
		return words
	}
	return "\x1b[" + code + "m" + words + "\x1b[0m"
}

func (t *textWriter) head(s *summary.Summary) {
	first, rest, _ := strings.Cut(s.Headline(), ": ")
	t.line("%s: %s", t.paint(first, s.Decision()), rest)
	t.wrap("", s.Answer())
	for _, why := range s.Reasons() {
		t.wrap("  - ", plaintext.Line(why))
	}
	t.nextSteps(s, textNotes)
	t.wrap("", s.Extent())
	for _, side := range s.Sides {
		t.wrap(pad(s.Column(side), 10)+" ", summary.Identity(side))
	}
	for _, l := range summary.Loads(s) {
		t.wrap("load       ", l)
	}
	for _, f := range summary.Differences(s) {
		t.wrap("differs    ", f.Name+": "+strings.Join(summary.OrNone(f.Values), " -> "))
	}
}

func (t *textWriter) table(s *summary.Summary) {
	if len(s.Operations) == 0 {
		return
	}
	t.line("")
	if !slices.ContainsFunc(s.Operations, func(op summary.Operation) bool {
		return slices.ContainsFunc(op.Sides, func(m summary.Measured) bool { return m.Trials > 0 })
	}) {
		t.line("no response time was measured in a trial that counts")
		return
	}
	columns := []string{pad("percentile", labelWidth)}
	for _, side := range s.Sides {
		columns = append(columns, padLeft(s.Column(side), 9))
	}
	if s.Judged() {
		columns = append(columns, pad("ratio", 5)+" "+pad("change [90 % interval]", 23)+" "+pad("margin", 6),
			"decision, ratios in turn")
	}
	t.line("%s", strings.Join(columns, "  "))
	for _, op := range s.Operations {
		t.line("%s", units.Clip(plaintext.Line(op.Name), 40))
		for _, r := range op.Rows {
			t.row(r)
		}
		for _, st := range summary.Statistics {
			cells := []string{pad("  "+st.Name, labelWidth)}
			for _, m := range op.Sides {
				cell := units.None
				if m.Trials > 0 {
					cell = st.Words(st.Of(m.Measurement))
				}
				cells = append(cells, padLeft(cell, 9))
			}
			t.line("%s", strings.Join(cells, "  "))
		}
		for i, m := range op.Sides {
			if m.Outcomes.Failed() > 0 {
				t.wrap("  "+pad(s.Column(s.Sides[i]), 10)+" ", summary.OutcomeWords(m.Measurement))
			}
		}
	}
}

func (t *textWriter) row(r summary.Row) {
	cells := []string{pad("  "+r.Head(), labelWidth)}
	for _, v := range r.Values {
		cells = append(cells, padLeft(units.DurationOrNone(v), 9))
	}
	if c := r.Comparison; c != nil {
		word := summary.DecisionWords(c)
		cells = append(cells,
			pad(summary.Estimate(c), 5)+" "+pad(summary.Change(c), 23)+" "+pad(units.Margin(c.Margin), 6),
			t.paint(word, c.Decision)+behind(summary.Marks(r.Notes), r.Spark, 28-len(word)))
	}
	t.line("%s", strings.Join(cells, "  "))
	if c := r.Comparison; c != nil && c.Convicts > 0 {
		t.line("    convicts from %s on, a pass certifies %s", units.Margin(c.Convicts), units.Margin(c.Margin))
	}
	if c := r.Comparison; c != nil && c.Gating && !summary.Decided(c) {
		if words := summary.Power(c); words != "" {
			t.wrap("    ", words)
		}
	}
}

// behind is what stands behind a decision within so many columns: the marks of its
// footnotes, cut where they are too many, and the sparkline where there is room for all of it.
func behind(marks, spark string, room int) string {
	words := strings.TrimRight(units.Clip(" "+marks, room), " ")
	if n := utf8.RuneCountInString(words) + 1 + utf8.RuneCountInString(spark); spark != "" && n <= room {
		words += " " + spark
	}
	return words
}

func (t *textWriter) slos(s *summary.Summary) {
	if len(s.Verdict.SLOs) == 0 {
		return
	}
	t.line("")
	t.line("service level objectives")
	for _, l := range summary.Slos(s) {
		t.wrap("  ", l.Text)
	}
}

// rows writes a table with a column for each version; label is the width of names.
func (t *textWriter) rows(title string, label int, rows []summary.TableRow) {
	if len(rows) == 0 {
		return
	}
	t.line("")
	t.line("%s", title)
	for _, r := range rows {
		cells := []string{pad("  "+r.Name, label)}
		for _, v := range summary.OrNone(r.Values) {
			cells = append(cells, padLeft(v, 10))
		}
		t.line("%s", strings.Join(append(cells, padLeft(r.Change, 8)), "  "))
	}
}

func (t *textWriter) bottlenecks(s *summary.Summary) {
	all := summary.Bottlenecks(s)
	if len(all) == 0 {
		return
	}
	t.line("")
	t.line("what limited it")
	for _, b := range all {
		t.wrap("  "+pad(s.ColumnOf(b.Role), 10)+" ", b.Sentence)
	}
}

func (t *textWriter) footnotes(s *summary.Summary) {
	if len(s.Notes) == 0 {
		return
	}
	t.line("")
	for i, n := range s.Notes {
		if i == textNotes {
			t.line("and %d more in report.html", len(s.Notes)-textNotes)
			break
		}
		t.wrap(fmt.Sprintf("[%d] ", i+1), n)
	}
}

// wrap writes words within textWidth, the first line after lead, the others
// indented as far.
func (t *textWriter) wrap(lead, words string) {
	line, indent := lead, strings.Repeat(" ", columns(lead))
	empty := true
	width := cmp.Or(t.width, textWidth)
	for _, w := range strings.Fields(units.Tight(words, unbroken)) {
		w = units.Clip(w, width-len(indent)-1)
		if !empty && columns(line)+1+columns(w) > width {
			t.line("%s", strings.ReplaceAll(line, unbroken, " "))
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line += w
		empty = false
	}
	t.line("%s", strings.ReplaceAll(line, unbroken, " "))
}

// columns is how wide a text stands on a terminal, which shows nothing of what paint adds.
func columns(s string) int { return utf8.RuneCountInString(paints.ReplaceAllString(s, "")) }

var paints = regexp.MustCompile("\x1b\\[[0-9;]*m")

// unbroken stands for a space at which no line breaks, while lines are broken.
const unbroken = "\ue000"

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) }
func padLeft(s string, n int) string {
	return strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s))) + s
}

// clip is so much of a text as fills some lines.
func clip(t *textWriter, words string, lines int) string {
	const broken = 14 // columns that breaking between words costs a line, and a lead
	return units.Clip(words, lines*(cmp.Or(t.width, textWidth)-broken))
}
