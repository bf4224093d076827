package reports

import (
	"fmt"
	"io"
	"strings"
)

// markdownLimit keeps the comment under the 65,536 characters that GitHub accepts.
const markdownLimit = 64_000

// markdownNotes bounds the footnotes in a comment; report.html has all.
const markdownNotes = 20

func writeMarkdown(w io.Writer, s *summary) error {
	var b strings.Builder
	head, subject, _ := strings.Cut(s.headline(), ": ")
	fmt.Fprintf(&b, "## oauthbench: %s\n\n**%s.** %s\n\n", head, md(subject), md(s.sentence()))
	for _, why := range s.reasons() {
		fmt.Fprintf(&b, "- %s\n", md(clip(why, 500)))
	}
	fmt.Fprintf(&b, "\n%s.\n\n", md(s.extent()))
	for _, l := range s.loads() {
		fmt.Fprintf(&b, "Load: %s.\n\n", md(clip(l, 1000)))
	}
	var rest strings.Builder
	markdownPicture(&rest, s)
	markdownSLOs(&rest, s)
	markdownRows(&rest, s, "What was seen beside the answers", "", s.observations())
	markdownRows(&rest, s, "What it cost", "change", s.resources())
	markdownBottlenecks(&rest, s)
	markdownFacts(&rest, s)
	markdownNotesTo(&rest, s)
	markdownTable(&b, s, markdownLimit-b.Len()-min(rest.Len(), markdownLimit/2))
	if b.Len()+rest.Len() <= markdownLimit {
		b.WriteString(rest.String())
	} else {
		b.WriteString("\nThe rest is in report.html.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownTable writes the table within about room bytes; operations that do not fit
// are counted.
func markdownTable(b *strings.Builder, s *summary, room int) {
	if len(s.operations) == 0 {
		return
	}
	if s.judged() {
		b.WriteString("| operation | response time | baseline | candidate | ratio [90 % interval] | margin | decision | rates and outcomes: baseline / candidate |\n|---|---|--:|--:|---|--:|---|---|\n")
	} else {
		b.WriteString("| operation | response time |")
		for _, x := range s.sides {
			b.WriteString(" " + string(x.role) + " |")
		}
		b.WriteString(" rates and outcomes |\n|---|---|" + strings.Repeat("--:|", len(s.sides)) + "---|\n")
	}
	start := b.Len()
	for i, op := range s.operations {
		if b.Len()-start > room-4000 {
			fmt.Fprintf(b, "\n%s more in report.html.\n", plural(len(s.operations)-i, "operation"))
			return
		}
		for k, r := range op.rows {
			name, rates := "", ""
			switch k {
			case 0:
				name = "**" + md(clip(op.name, 80)) + "**"
				rates = "offered " + sides(op, func(m measured) string { return rate(m.Offered) })
			case 1:
				rates = "achieved " + sides(op, func(m measured) string { return rate(m.Achieved) })
			case 2:
				rates = "not OK " + sides(op, func(m measured) string { return count(m.Outcomes.Failed()) })
			}
			cells := []string{name, r.label}
			for _, v := range r.values {
				cells = append(cells, durationOrNone(v))
			}
			if s.judged() {
				margin, decision := "", ""
				ratioCell := ""
				if c := r.comparison; c != nil {
					ratioCell, margin, decision = ratio(c, "×"), "×"+factor(1+c.Margin), string(c.Decision)
					if !c.Gating {
						decision += ", advisory"
					}
					decision = strings.TrimSpace(decision + " " + md(marks(r.notes)))
				}
				cells = append(cells, strings.Replace(ratioCell, "~", `\~`, 1), margin, decision)
			}
			fmt.Fprintf(b, "| %s |\n", strings.Join(append(cells, rates), " | "))
		}
	}
}

func sides(op operation, of func(measured) string) string {
	var parts []string
	for _, m := range op.sides {
		part := none
		if m.trials > 0 {
			part = of(m)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " / ")
}

func markdownSLOs(b *strings.Builder, s *summary) {
	lines := s.slos()
	if len(lines) == 0 || len(s.contradictions) > 0 {
		return
	}
	b.WriteString("\n**Service level objectives**\n\n")
	for _, l := range lines {
		fmt.Fprintf(b, "- %s\n", md(l.Text))
	}
}

// markdownRows writes a folded table with a column for each version, and one for Change
// when change gives it a heading.
func markdownRows(b *strings.Builder, s *summary, title, change string, rows []tableRow) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n| |", title)
	columns := len(s.sides)
	for _, side := range s.sides {
		fmt.Fprintf(b, " %s |", side.role)
	}
	if change != "" {
		fmt.Fprintf(b, " %s |", change)
		columns++
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", columns) + "\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |", md(r.Name), strings.Join(orNone(r.Values), " | "))
		if change != "" {
			fmt.Fprintf(b, " %s |", r.Change)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n</details>\n")
}

func markdownBottlenecks(b *strings.Builder, s *summary) {
	all := s.bottlenecks()
	if len(all) == 0 {
		return
	}
	b.WriteString("\n**What limited it**\n\n")
	for _, x := range all {
		fmt.Fprintf(b, "- %s: %s\n", x.Role, md(x.Sentence))
	}
}

func markdownFacts(b *strings.Builder, s *summary) {
	differ := s.differences()
	for _, op := range s.operations {
		for i, m := range op.sides {
			if m.Outcomes.Failed() > 0 {
				fmt.Fprintf(b, "\n%s on the %s: %s.\n", md(op.name), s.sides[i].role, md(outcomeWords(m.Measurement)))
			}
		}
	}
	if len(differ) == 0 {
		return
	}
	b.WriteString("\n<details><summary>What differs between the two deployments</summary>\n\n| | baseline | candidate |\n|---|---|---|\n")
	for _, f := range differ {
		fmt.Fprintf(b, "| %s |", md(f.Name))
		for _, v := range orNone(f.Values) {
			fmt.Fprintf(b, " %s |", md(clip(v, 200)))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n</details>\n")
}

func markdownNotesTo(b *strings.Builder, s *summary) {
	if len(s.notes) == 0 {
		return
	}
	b.WriteString("\n<details><summary>" + plural(len(s.notes), "footnote") + "</summary>\n\n")
	for i, n := range s.notes {
		if i == markdownNotes {
			fmt.Fprintf(b, "\nand %d more in report.html\n", len(s.notes)-markdownNotes)
			break
		}
		fmt.Fprintf(b, "%d. %s\n", i+1, md(clip(n, 500)))
	}
	b.WriteString("\n</details>\n")
}

// md makes a string plain text within Markdown: no markup, no HTML, no new line, and
// no mention of a person or an issue, which would call them to the comment.
func md(s string) string {
	var b strings.Builder
	for _, r := range plain(s) {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '@', '#':
			fmt.Fprintf(&b, "&#%d;", r)
		case '\\', '`', '*', '_', '[', ']', '|', '~', '!', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	// An address would become a link.
	return strings.ReplaceAll(b.String(), "://", "&#58;//")
}
