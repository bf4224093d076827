package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/search"
	"github.com/oauthbench/oauthbench/reports/internal/units"
	"github.com/oauthbench/oauthbench/reports/page"
)

// OfCapacity reports on a run that searched for capacity.
func OfCapacity(run *bench.Run) (*Document, error) {
	s, err := search.Of(run)
	if err != nil {
		return nil, err
	}
	return &Document{
		Headline: s.Headline(), Decision: s.Decision, Reasons: s.Reasons,
		text:     func(t *textWriter) { t.search(s) },
		answer:   func(t *textWriter) { searchAnswer(t, s) },
		values:   func() []Value { return capacityValues(s) },
		markdown: func(b *strings.Builder) { capacityMarkdown(b, s) },
		page:     func(w io.Writer) error { return page.WriteSearch(w, s) },
		json:     func() any { return newCapacityFile(s) },
		jsonFile: "capacity.json",
		junit: func() junitSuite {
			suite := junitSuite{Name: "oauthbench: capacity", Time: "0"}
			suite.add("capacity", s.Subject(), s.Decision, s.Headline(), s.Reasons)
			return suite
		},
		pictures: func() []plot.Figure { return plot.SearchFigures(s, plot.Wide) },
	}, nil
}

// search writes the result of a search with all its trials.
func (t *textWriter) search(s *search.Search) {
	first, rest, _ := strings.Cut(s.Headline(), ": ")
	t.wrap("", t.paint(first, s.Decision)+": "+rest)
	t.wrap("", s.Sentence())
	for _, why := range s.Reasons {
		t.wrap("  - ", plaintext.Line(why))
	}
	t.wrap("", s.Extent())
	writeSteps(t, search.Steps(s), textNotes)
	t.line("")
	if s.Compared() {
		t.line("%s  %s  %s", pad("", factWidth), pad("baseline", 30), "candidate")
	}
	for _, f := range s.Facts() {
		if len(f.Values) == 1 {
			t.wrap(pad(f.Name, factWidth)+"  ", cmp.Or(f.Values[0], units.None))
			continue
		}
		t.line("%s  %s  %s", pad(f.Name, factWidth), pad(units.Clip(cmp.Or(f.Values[0], units.None), 30), 30),
			units.Clip(cmp.Or(f.Values[1], units.None), 30))
	}
	for i, side := range s.Sides {
		if all := s.Statements(i); len(all) > 0 {
			t.line("")
			t.line("what limited %s, and what else was seen", units.Clip(plaintext.Line(side.Deployment), 50))
			for _, words := range all {
				t.wrap("  - ", words)
			}
		}
	}
	t.line("")
	t.line("what was checked")
	for _, words := range search.Checked(s) {
		t.wrap("  - ", words)
	}
	t.searchTrials(s)
}

const factWidth = 34

// searchAnswer is what a person at a terminal wants to know of a search: what is carried under which
// limits, what it is like there, and what was the limit.
func searchAnswer(t *textWriter, s *search.Search) {
	fitted(t, func(t *textWriter, size answerSize) { searchAnswerOf(t, s, size) })
}

func searchAnswerOf(t *textWriter, s *search.Search, size answerSize) {
	first, rest, _ := strings.Cut(s.Headline(), ": ")
	t.wrap("", t.paint(first, s.Decision)+": "+clip(t, rest, 2))
	t.wrap("", clip(t, s.Sentence(), 3))
	if s.Decision != verdict.Pass && s.Decision != verdict.Measured {
		for _, words := range s.Reasons[:min(len(s.Reasons), size.reasons)] {
			t.wrap("  - ", clip(t, plaintext.Line(words), 2))
		}
	}
	t.line("")
	searchBrief(t, s, size.rows)
	for i, side := range s.Sides {
		lead := "  - "
		if s.Compared() {
			lead += string(side.Role) + ": "
		}
		for _, words := range s.Statements(i)[:min(len(s.Statements(i)), max(3/len(s.Sides), 1))] {
			t.wrap(lead, clip(t, words, 2))
		}
	}
	if !size.brief {
		t.wrap("", s.Extent())
	}
	writeSteps(t, search.Steps(s), size.steps)
}

// searchBrief is a column of facts for each version, the first of them.
func searchBrief(t *textWriter, s *search.Search, rows int) {
	const name = 22
	column := (cmp.Or(t.width, textWidth) - name) / len(s.Sides)
	if s.Compared() {
		t.line("%s%s%s", pad("", name), pad("baseline", column), "candidate")
	}
	facts := search.Brief(s)
	for _, f := range facts[:min(len(facts), rows)] {
		line := pad(units.Clip(f.Short, name-2), name)
		for _, v := range f.Values {
			line += pad(units.Clip(cmp.Or(v, units.None), column-2), column)
		}
		t.line("%s", strings.TrimRight(line, " "))
	}
}

// searchTrials is the table of trials.
func (t *textWriter) searchTrials(s *search.Search) {
	rows := s.Rows()
	if len(rows) == 0 {
		return
	}
	t.line("")
	names := s.TimedNames()
	// As many columns of times as there is room for; trials.csv has all.
	const most = 3
	names = names[:min(len(names), most)]
	header := []string{padLeft("trial", 5), pad("phase", 7), padLeft("start", 5), padLeft("offered", 9)}
	if s.Compared() {
		header = append(header, pad("version", 9))
	}
	for _, n := range names {
		header = append(header, padLeft(units.Clip(n, 14), 14))
	}
	t.line("%s", strings.Join(append(header, "outcome"), "  "))
	for _, r := range rows {
		cells := []string{padLeft(fmt.Sprint(r.Number), 5), pad(r.Phase, 7), padLeft(fmt.Sprint(r.Start), 5),
			padLeft(r.Offered, 9)}
		if s.Compared() {
			cells = append(cells, pad(string(r.Role), 9))
		}
		for i := range names {
			cells = append(cells, padLeft(r.Times[i], 14))
		}
		line := strings.Join(cells, "  ")
		room := textWidth - utf8.RuneCountInString(line) - 2
		t.line("%s  %s", line, units.Clip(r.Outcome, room))
	}
}

// capacityMarkdown is the result for a pull request.
func capacityMarkdown(b *strings.Builder, s *search.Search) {
	fmt.Fprintf(b, "## oauthbench: %s\n\n%s\n\n", md(s.Headline()), md(s.Sentence()))
	for _, why := range s.Reasons {
		fmt.Fprintf(b, "- %s\n", md(why))
	}
	head, rule := "|  |", "|---|"
	for _, side := range s.Sides {
		head += " " + md(side.Deployment) + " |"
		rule += "---|"
	}
	fmt.Fprintf(b, "\n%s\n%s\n", head, rule)
	for _, f := range s.Facts() {
		fmt.Fprintf(b, "| %s |", md(f.Name))
		for _, v := range f.Values {
			fmt.Fprintf(b, " %s |", md(cmp.Or(v, units.None)))
		}
		b.WriteString("\n")
	}
	for i, side := range s.Sides {
		for _, words := range s.Statements(i) {
			fmt.Fprintf(b, "\n- %s: %s", md(side.Deployment), md(words))
		}
	}
	fmt.Fprintf(b, "\n\n%s\n", md(s.Extent()))
	stepsMarkdown(b, search.Steps(s))
}

// capacityFile is capacity.json.
type capacityFile struct {
	Schema   int              `json:"schema"`
	Headline string           `json:"headline"`
	Decision verdict.Decision `json:"decision"`
	Reasons  []string         `json:"reasons"`
	Steps    []string         `json:"next_steps,omitempty"`
	Limits   []verdict.SLO    `json:"limits"`
	Ratio    *ratioJSON       `json:"ratio,omitempty"`
	Sides    []sideJSON       `json:"sides"`
	Trials   []trialJSON      `json:"trials"`
}

type ratioJSON struct {
	capacity.Interval
	Searches int     `json:"searches"`
	Margin   float64 `json:"margin"`
}

type sideJSON struct {
	Role       bench.Role      `json:"role"`
	Deployment string          `json:"deployment"`
	Ending     capacity.Ending `json:"ending"`
	Rate       float64         `json:"certified_rate"`      // Rate is 0 when none was certified.
	Held       float64         `json:"held_rate,omitempty"` // Held is the highest that held until then.
	Above      float64         `json:"lowest_failed_rate,omitempty"`
	Curve      *capacity.Curve `json:"curve,omitempty"`
	SoakHeld   *bool           `json:"soak_held,omitempty"`
	FirstError float64         `json:"first_error_rate,omitempty"`
	Broke      string          `json:"broke_first,omitempty"`
	Limit      string          `json:"limit,omitempty"`
	Findings   []string        `json:"findings"`
}

type trialJSON struct {
	Trial   int        `json:"trial"`
	Role    bench.Role `json:"role"`
	Phase   string     `json:"phase"`
	Rate    float64    `json:"rate"`
	Outcome string     `json:"outcome"`
	Why     string     `json:"why,omitempty"`
}

func newCapacityFile(s *search.Search) capacityFile {
	f := capacityFile{
		Schema: Schema, Headline: s.Headline(), Decision: s.Decision, Reasons: append([]string{}, s.Reasons...),
		Steps: search.Steps(s), Limits: s.Rule.Limits, Sides: []sideJSON{}, Trials: []trialJSON{},
	}
	if r := s.Ratio; r != nil {
		f.Ratio = &ratioJSON{r.Interval, r.Searches, s.Rule.Margin}
	}
	for i, side := range s.Sides {
		x := sideJSON{
			Role: side.Role, Deployment: side.Deployment, Ending: side.Ending, Rate: side.Certified(),
			Above: side.Above,
			Curve: side.Curve, SoakHeld: side.SoakHeld, Broke: side.Broke, Limit: s.Limits[i].Limit,
			Findings: append([]string{}, side.Findings...),
		}
		if x.Rate == 0 {
			x.Held = side.Rate
		}
		if side.FirstError != nil {
			x.FirstError = side.FirstError.Rate
		}
		f.Sides = append(f.Sides, x)
	}
	for _, r := range s.Rows() {
		t := &s.Run.Trials[r.Number-1]
		f.Trials = append(f.Trials, trialJSON{r.Number, r.Role, r.Phase, t.Search.Rate, r.Outcome, r.Why})
	}
	return f
}

// capacityValues are the figures of a search.
func capacityValues(s *search.Search) []Value {
	var all []Value
	for _, side := range s.Sides {
		value := func(statistic string, number float64) Value {
			return Value{Role: side.Role, Version: side.Deployment, Statistic: statistic, Unit: "/s", Number: number}
		}
		if certified := side.Certified(); certified > 0 {
			all = append(all, value("capacity", certified))
		}
		if c := side.Curve; c != nil {
			for _, x := range []struct {
				name string
				of   capacity.Interval
			}{{"half_hold", c.Half}, {"nine_tenths_hold", c.NineTenths}} {
				v := value(x.name, x.of.Estimate)
				v.Low, v.High = x.of.Low, x.of.High
				all = append(all, v)
			}
		}
		if side.FirstError != nil {
			all = append(all, value("first_error", side.FirstError.Rate))
		}
		for _, m := range side.At {
			q := m.Response.Quantiles(bench.ComparedQuantiles...)
			for i, at := range bench.ComparedQuantiles {
				v := value(strings.ToLower(verdict.Percentile(at)), float64(q[i]))
				v.Operation, v.Unit = m.Operation, "ns"
				all = append(all, v)
			}
		}
	}
	if r := s.Ratio; r != nil {
		all = append(all, Value{Role: bench.Candidate, Statistic: "ratio_capacity", Number: r.Estimate, Low: r.Low,
			High: r.High})
	}
	return all
}
