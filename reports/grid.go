package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/grid/stored"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/search"
	"github.com/oauthbench/oauthbench/reports/internal/units"
	"github.com/oauthbench/oauthbench/reports/internal/varied"
	"github.com/oauthbench/oauthbench/reports/page"
)

// GridCell is one cell of a grid as its run was judged.
type GridCell struct {
	Run      *bench.Run // Run is nil where there is none.
	Missing  string     // Missing says why there is none.
	Decision verdict.Decision
	Reasons  []string
}

// OfGrid reports on a grid of settings. cells are as its cells.
func OfGrid(h grid.Header, cells []GridCell) *Document {
	v := variedOf(h, cells)
	return &Document{
		Headline: v.Headline(), Decision: v.Decision(), Reasons: v.Reasons(),
		text:     func(t *textWriter) { writeGrid(t, v) },
		answer:   func(t *textWriter) { gridAnswer(t, v) },
		values:   func() []Value { return gridValues(v) },
		markdown: func(b *strings.Builder) { gridMarkdown(b, v) },
		page:     func(w io.Writer) error { return page.WriteGrid(w, v) },
		json:     func() any { return newGridFile(v) },
		jsonFile: "varied.json",
		junit: func() junitSuite {
			suite := junitSuite{Name: "oauthbench: grid", Time: "0"}
			suite.add("grid", v.Subject(), v.Decision(), v.Headline(), v.Reasons())
			return suite
		},
		pictures: func() []plot.Figure { return plot.GridFigures(v, plot.Wide) },
	}
}

// variedOf finds what the cells show, and what limited them.
func variedOf(h grid.Header, cells []GridCell) *varied.Varied {
	runs := make([]*bench.Run, len(cells))
	missing := map[int]string{}
	for i, c := range cells {
		runs[i] = c.Run
		if c.Missing != "" {
			missing[i] = c.Missing
		}
	}
	v := &varied.Varied{Found: stored.Of(h, runs, missing)}
	var p struct {
		Candidate string `json:"candidate"`
		Seed      uint64 `json:"seed"`
	}
	if json.Unmarshal(h.Plan, &p) == nil {
		v.Target, v.Seed = p.Candidate, p.Seed
	}
	for _, c := range cells {
		if c.Run != nil && v.Environment == nil {
			v.Environment = &c.Run.Environment
		}
		if c.Run != nil && h.Fixed && len(c.Run.Loads) > 0 {
			v.Rate = c.Run.Loads[0].Rate()
		}
		v.Verdicts = append(v.Verdicts, varied.Verdict{Decision: c.Decision, Reasons: c.Reasons})
		limit := ""
		if c.Run != nil && !h.Fixed {
			if s, err := search.Of(c.Run); err == nil {
				limit = s.Limits[len(s.Limits)-1].Limit
				v.Limits = nil
				for _, l := range s.Rule.Limits {
					v.Limits = append(v.Limits, l.String())
				}
			}
		}
		v.Bottlenecks = append(v.Bottlenecks, limit)
	}
	return v
}

// writeGrid writes the table of cells.
func writeGrid(t *textWriter, v *varied.Varied) {
	t.wrap("", t.paint(strings.ToUpper(string(v.Decision())), v.Decision())+": "+v.Subject())
	t.wrap("", v.Sentence())
	for _, why := range v.Reasons() {
		t.wrap("  - ", why)
	}
	writeSteps(t, v.Steps(), textNotes)
	t.line("")
	gridTable(t, v, len(v.Rows()))
	if all := v.Statements(); len(all) > 0 {
		t.line("")
		for _, words := range all {
			t.wrap("  - ", words)
		}
	}
	if all := v.Doubts(); len(all) > 0 {
		t.line("")
		t.line("cells")
		for _, words := range all {
			t.wrap("  - ", words)
		}
	}
}

// gridAnswer is what a person at a terminal wants to know of a grid: its cells, and what goes through
// several of them.
func gridAnswer(t *textWriter, v *varied.Varied) {
	fitted(t, func(t *textWriter, size answerSize) {
		t.wrap("", t.paint(strings.ToUpper(string(v.Decision())), v.Decision())+": "+clip(t, v.Subject(), 2))
		t.wrap("", clip(t, v.Sentence(), 2))
		t.some("  - ", v.Reasons(), size.reasons)
		t.line("")
		gridTable(t, v, size.rows)
		all := v.Statements()
		for _, words := range all[:min(len(all), size.reasons)] {
			t.wrap("  - ", clip(t, words, 3))
		}
		writeSteps(t, v.Steps(), size.steps)
	})
}

// Widths of columns of a grid's table, at the most; those of settings are narrower where lines are.
const (
	widestCell      = 30
	narrowedSetting = 20
)

// gridTable writes so many rows of the table. Where a line is too narrow for all columns those are left
// out that say least: the cores, and then what is clipped of the last.
func gridTable(t *textWriter, v *varied.Varied, most int) {
	columns, rows := v.Columns(), v.Rows()
	widths := make([]int, len(columns))
	for k, c := range columns {
		widest := widestCell
		if t.width > 0 && k < len(v.Grid) {
			widest = narrowedSetting
		}
		widths[k] = utf8.RuneCountInString(c.Title)
		for _, r := range rows {
			if k < len(r.Values) {
				widths[k] = min(max(widths[k], utf8.RuneCountInString(r.Values[k])), widest)
			}
		}
	}
	shown := fitColumns(columns, widths, t.width)
	put := func(values []string, more string) {
		var cells []string
		for k, value := range values {
			if !shown[k] {
				continue
			}
			value = units.Clip(value, widths[k])
			if columns[k].Numbers {
				cells = append(cells, padLeft(value, widths[k]))
			} else {
				cells = append(cells, pad(value, widths[k]))
			}
		}
		line := strings.Join(cells, "  ") + more
		if t.width > 0 {
			line = units.Clip(line, t.width)
		}
		t.line("%s", line)
	}
	var titles []string
	for _, c := range columns {
		titles = append(titles, c.Title)
	}
	put(titles, "")
	for n, r := range rows {
		if n == most && len(rows) > most+1 {
			t.line("and %d more in the report", len(rows)-most)
			return
		}
		more := ""
		if r.Missing != "" {
			more = "  " + units.Clip(r.Missing, 60)
		}
		put(r.Values, more)
	}
}

// fitColumns says which columns fit a line: those that say least are left out first. A width of 0 fits
// all.
func fitColumns(columns []varied.Column, widths []int, width int) []bool {
	shown := make([]bool, len(columns))
	sum := -2
	for k := range columns {
		shown[k] = true
		sum += widths[k] + 2
	}
	for k := len(columns) - 1; k >= 0 && width > 0; k-- {
		if sum > width && columns[k].Minor {
			shown[k] = false
			sum -= widths[k] + 2
		}
	}
	return shown
}

// gridMarkdown is the table for a pull request.
func gridMarkdown(b *strings.Builder, v *varied.Varied) {
	fmt.Fprintf(b, "## oauthbench: %s\n\n%s\n\n", md(v.Headline()), md(v.Sentence()))
	for _, why := range v.Reasons() {
		fmt.Fprintf(b, "- %s\n", md(why))
	}
	head, rule := "\n|", "|"
	for _, c := range v.Columns() {
		head += " " + md(c.Title) + " |"
		if rule += "---"; c.Numbers {
			rule += ":"
		}
		rule += "|"
	}
	fmt.Fprintf(b, "%s\n%s\n", head, rule)
	for _, r := range v.Rows() {
		b.WriteString("|")
		for _, value := range r.Values {
			fmt.Fprintf(b, " %s |", md(value))
		}
		if r.Missing != "" {
			fmt.Fprintf(b, " %s |", md(r.Missing))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, words := range append(v.Statements(), v.Doubts()...) {
		fmt.Fprintf(b, "- %s\n", md(words))
	}
	stepsMarkdown(b, v.Steps())
}

// gridFile is varied.json.
type gridFile struct {
	Schema   int              `json:"schema"`
	Headline string           `json:"headline"`
	Decision verdict.Decision `json:"decision"`
	Reasons  []string         `json:"reasons"`
	Steps    []string         `json:"next_steps"`
	Target   string           `json:"target"`
	Fixed    bool             `json:"fixed_rate"`
	Limits   []string         `json:"limits"`
	Axes     grid.Grid        `json:"axes"`
	Shared   string           `json:"shared_cores,omitempty"`
	Cells    []cellJSON       `json:"cells"`
	Slopes   []grid.Slope     `json:"slopes"`
	Laws     []stored.Law     `json:"scaling_laws"`
}

type cellJSON struct {
	Settings map[string]string `json:"settings"`
	Folder   string            `json:"folder"`
	Decision verdict.Decision  `json:"decision,omitempty"`
	Limit    string            `json:"limit,omitempty"`
	grid.Answer
}

func newGridFile(v *varied.Varied) gridFile {
	f := gridFile{
		Schema: Schema, Headline: v.Headline(), Decision: v.Decision(), Reasons: append([]string{}, v.Reasons()...),
		Steps: v.Steps(), Target: v.Target, Fixed: v.Fixed, Limits: append([]string{}, v.Limits...), Axes: v.Grid,
		Shared: v.Shared,
		Slopes: append([]grid.Slope{}, v.Slopes...), Laws: append([]stored.Law{}, v.Laws...),
	}
	for i, c := range v.Cells {
		x := cellJSON{Settings: map[string]string{}, Folder: v.Folders[i], Decision: v.Verdicts[i].Decision,
			Limit: v.Bottlenecks[i], Answer: v.Answers[i]}
		if x.Figures == nil {
			x.Figures = []grid.Figure{}
		}
		for k, a := range v.Grid {
			x.Settings[a.Name] = c[k]
		}
		f.Cells = append(f.Cells, x)
	}
	return f
}

// gridValues are the figures of all cells; the release is the cell.
func gridValues(v *varied.Varied) []Value {
	var all []Value
	for i, a := range v.Answers {
		for _, f := range a.Figures {
			all = append(all, Value{
				Release: v.Grid.Name(v.Cells[i]), Role: bench.Candidate, Version: plaintext.Line(v.Target),
				Operation: f.Operation, Statistic: f.Name, Unit: f.Unit, Number: f.Value, Low: f.Low, High: f.High,
			})
		}
	}
	return all
}
