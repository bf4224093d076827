package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// markdownLimit keeps the comment under the 65,536 characters that GitHub accepts.
const markdownLimit = 64_000

// markdownNotes bounds the footnotes in a comment; report.html has all.
const markdownNotes = 20

// writeMarkdown writes a document's own Markdown, or its words for a terminal in a fence
// that nothing in them can close.
func writeMarkdown(w io.Writer, d *Document) error {
	var b strings.Builder
	if d.markdown != nil {
		d.markdown(&b)
	} else if err := fenced(&b, d); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func fenced(b *strings.Builder, d *Document) error {
	var words strings.Builder
	if err := d.WriteText(&words, false); err != nil {
		return err
	}
	text := units.Clip(words.String(), markdownLimit)
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	title := md(strings.ToUpper(string(d.Decision)))
	if title == "" {
		title = md(d.Headline)
	}
	fmt.Fprintf(b, "## oauthbench: %s\n\n%s\n%s\n%s\n", title, fence, text, fence)
	return nil
}

// stepsMarkdown says what to do.
func stepsMarkdown(b *strings.Builder, steps []string) {
	for i, step := range steps {
		if i == 0 {
			b.WriteString("\n**What to do**\n\n")
		}
		fmt.Fprintf(b, "- %s\n", md(units.Clip(step, 500)))
	}
}

func runMarkdown(b *strings.Builder, s *summary.Summary) {
	head, subject, _ := strings.Cut(s.Headline(), ": ")
	fmt.Fprintf(b, "## oauthbench: %s\n\n**%s.** %s\n\n", head, md(subject), md(s.Answer()))
	for _, why := range s.Reasons() {
		fmt.Fprintf(b, "- %s\n", md(units.Clip(why, 500)))
	}
	stepsMarkdown(b, summary.NextSteps(s))
	fmt.Fprintf(b, "\n%s.\n\n", md(s.Extent()))
	for _, l := range summary.Loads(s) {
		fmt.Fprintf(b, "Load: %s.\n\n", md(units.Clip(l, 1000)))
	}
	var rest strings.Builder
	markdownPicture(&rest, s)
	markdownSLOs(&rest, s)
	markdownRows(&rest, s, "Side observations", "", summary.Observations(s))
	markdownRows(&rest, s, "What it cost", "change", summary.Resources(s))
	markdownBottlenecks(&rest, s)
	markdownFacts(&rest, s)
	markdownNotesTo(&rest, s)
	markdownTable(b, s, markdownLimit-b.Len()-min(rest.Len(), markdownLimit/2))
	if b.Len()+rest.Len() <= markdownLimit {
		b.WriteString(rest.String())
	} else {
		b.WriteString("\nThe rest is in report.html.\n")
	}
}

// markdownTable writes the table within about room bytes; operations that do not fit
// are counted.
func markdownTable(b *strings.Builder, s *summary.Summary, room int) {
	if len(s.Operations) == 0 {
		return
	}
	if s.Judged() {
		b.WriteString("| operation | response time | baseline | candidate | ratio, change [90 % interval] | margin | " +
			"decision | rates and outcomes: baseline / candidate |\n|---|---|--:|--:|---|--:|---|---|\n")
	} else {
		b.WriteString("| operation | response time |")
		for _, x := range s.Sides {
			b.WriteString(" " + s.Column(x) + " |")
		}
		b.WriteString(" rates and outcomes |\n|---|---|" + strings.Repeat("--:|", len(s.Sides)) + "---|\n")
	}
	start := b.Len()
	for i, op := range s.Operations {
		if b.Len()-start > room-4000 {
			fmt.Fprintf(b, "\n%s more in report.html.\n", units.Plural(len(s.Operations)-i, "operation"))
			return
		}
		for k, r := range op.Rows {
			name, rates := "", statisticsIn(op, k)
			if k == 0 {
				name = "**" + md(units.Clip(op.Name, 80)) + "**"
			}
			cells := []string{name, md(r.Head())}
			for _, v := range r.Values {
				cells = append(cells, units.DurationOrNone(v))
			}
			if s.Judged() {
				margin, decision := "", ""
				ratioCell := ""
				if c := r.Comparison; c != nil {
					ratioCell, margin, decision = summary.Both(c), summary.Margin(c), summary.DecisionWords(c)
					decision = strings.TrimSpace(decision + " " + md(summary.Marks(r.Notes)))
				}
				cells = append(cells, strings.Replace(ratioCell, "~", `\~`, 1), margin, decision)
			}
			fmt.Fprintf(b, "| %s |\n", strings.Join(append(cells, rates), " | "))
		}
	}
}

// statisticsIn are the statistics beside the k-th of an operation's rows: one beside each,
// beside the last all that are left.
func statisticsIn(op summary.Operation, k int) string {
	all := summary.Statistics
	if k < len(op.Rows)-1 {
		all = all[:min(k+1, len(all))]
	}
	var words []string
	for _, st := range all[min(k, len(all)):] {
		words = append(words, st.Name+" "+sides(op, func(m summary.Measured) string {
			return st.Words(st.Of(m.Measurement))
		}))
	}
	return strings.Join(words, "; ")
}

func sides(op summary.Operation, of func(summary.Measured) string) string {
	var parts []string
	for _, m := range op.Sides {
		part := units.None
		if m.Trials > 0 {
			part = of(m)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " / ")
}

func markdownSLOs(b *strings.Builder, s *summary.Summary) {
	lines := summary.Slos(s)
	if len(lines) == 0 {
		return
	}
	b.WriteString("\n**Service level objectives**\n\n")
	for _, l := range lines {
		fmt.Fprintf(b, "- %s\n", md(l.Text))
	}
}

// markdownRows writes a folded table with a column for each version, and one for Change
// when change gives it a heading.
func markdownRows(b *strings.Builder, s *summary.Summary, title, change string, rows []summary.TableRow) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n| |", title)
	columns := len(s.Sides)
	for _, side := range s.Sides {
		fmt.Fprintf(b, " %s |", s.Column(side))
	}
	if change != "" {
		fmt.Fprintf(b, " %s |", change)
		columns++
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", columns) + "\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |", md(r.Name), strings.Join(summary.OrNone(r.Values), " | "))
		if change != "" {
			fmt.Fprintf(b, " %s |", r.Change)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n</details>\n")
}

func markdownBottlenecks(b *strings.Builder, s *summary.Summary) {
	all := summary.Bottlenecks(s)
	if len(all) == 0 {
		return
	}
	b.WriteString("\n**What limited it**\n\n")
	for _, x := range all {
		fmt.Fprintf(b, "- %s: %s\n", s.ColumnOf(x.Role), md(x.Sentence))
	}
}

func markdownFacts(b *strings.Builder, s *summary.Summary) {
	differ := summary.Differences(s)
	for _, op := range s.Operations {
		for i, m := range op.Sides {
			if m.Outcomes.Failed() > 0 {
				fmt.Fprintf(b, "\n%s%s: %s.\n", md(op.Name), s.OnThe(s.Sides[i]),
					md(summary.OutcomeWords(m.Measurement)))
			}
		}
	}
	if len(differ) == 0 {
		return
	}
	b.WriteString("\n<details><summary>What differs between the two deployments</summary>\n\n| | baseline | " +
		"candidate |\n|---|---|---|\n")
	for _, f := range differ {
		fmt.Fprintf(b, "| %s |", md(f.Name))
		for _, v := range summary.OrNone(f.Values) {
			fmt.Fprintf(b, " %s |", md(units.Clip(v, 200)))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n</details>\n")
}

func markdownNotesTo(b *strings.Builder, s *summary.Summary) {
	if len(s.Notes) == 0 {
		return
	}
	b.WriteString("\n<details><summary>" + units.Plural(len(s.Notes), "footnote") + "</summary>\n\n")
	for i, n := range s.Notes {
		if i == markdownNotes {
			fmt.Fprintf(b, "\nand %d more in report.html\n", len(s.Notes)-markdownNotes)
			break
		}
		fmt.Fprintf(b, "%d. %s\n", i+1, md(units.Clip(n, 500)))
	}
	b.WriteString("\n</details>\n")
}

// md makes a string plain text within Markdown.
func md(s string) string { return plaintext.Markdown(s) }
