package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"oauthbench/bench"
	"oauthbench/bench/grid"
	"oauthbench/bench/grid/stored"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/plot"
	"oauthbench/reports/internal/search"
	"oauthbench/reports/internal/units"
	"oauthbench/reports/internal/varied"
	"oauthbench/reports/page"
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
	t.line("")
	columns, rows := v.Columns(), v.Rows()
	widths := make([]int, len(columns))
	const most = 30
	for k, c := range columns {
		widths[k] = len([]rune(c.Title))
		for _, r := range rows {
			if k < len(r.Values) {
				widths[k] = min(max(widths[k], len([]rune(r.Values[k]))), most)
			}
		}
	}
	put := func(values []string, more string) {
		var cells []string
		for k, value := range values {
			value = units.Clip(value, widths[k])
			if columns[k].Numbers {
				cells = append(cells, padLeft(value, widths[k]))
			} else {
				cells = append(cells, pad(value, widths[k]))
			}
		}
		t.line("%s", strings.Join(cells, "  ")+more)
	}
	var titles []string
	for _, c := range columns {
		titles = append(titles, c.Title)
	}
	put(titles, "")
	for _, r := range rows {
		more := ""
		if r.Missing != "" {
			more = "  " + units.Clip(r.Missing, 60)
		}
		put(r.Values, more)
	}
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
}

// gridFile is varied.json.
type gridFile struct {
	Schema   int              `json:"schema"`
	Headline string           `json:"headline"`
	Decision verdict.Decision `json:"decision"`
	Reasons  []string         `json:"reasons"`
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
		Target: v.Target, Fixed: v.Fixed, Limits: append([]string{}, v.Limits...), Axes: v.Grid, Shared: v.Shared,
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
	for i := range f.Laws {
		if l := f.Laws[i].Law; l != nil {
			finite := *l
			finite.Contention.High, finite.Coherency.High = noInfinity(l.Contention.High), noInfinity(l.Coherency.High)
			f.Laws[i].Law = &finite
		}
	}
	return f
}

// noInfinity is a bound as JSON can have it: one that is none becomes a number no law has.
func noInfinity(x float64) float64 { return min(x, 1e9) }

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
