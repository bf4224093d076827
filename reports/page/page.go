package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// page is report.html in words: its template only arranges.
type page struct {
	Title       string
	Class       string // of the verdict: pass, regression, inconclusive, invalid, measured
	State       string
	Word        string
	Subject     string
	Sentence    string
	Reasons     []string // the most important ones
	MoreReasons []string
	Extent      string
	Steps       []string // what to do about it
	Loads       []string // rate, mix and share of capacity
	FullLoads   []string
	Failed      string // how many requests were not answered as expected
	Started     string
	Tool        string
	Compared    bool   // two versions
	Judged      bool   // with comparisons
	Margins     string // what those of two figures mean
	Power       []string
	Sides       []pageSide
	First       []summary.Fact // the differences of the first screen, digests cut short
	More        int            // differences beyond them
	Differ      []summary.Fact
	Same        []summary.Fact
	Operations  []pageOperation
	Shown       []pageOperation // those with a response time
	Statistics  []string        // names of summary.Statistics
	BarAxis     template.HTML
	SLOs        []summary.SloLine
	Lead        []pageFigure // those in sight before anything is opened
	LeadTitle   string       // what they show; "" for what happened over time
	Figures     []pageFigure
	Trials      []pageTrial
	Method      []string
	Resources   []summary.TableRow
	Statements  []summary.StatementLine
	Limits      []pageLimit
	Matrix      []summary.Expectation
	Observed    []summary.TableRow
	Notes       []string
	Repeats     []pageRepeat
	Machines    []pageMachine
	Style       template.CSS
	Script      template.JS
	Series      map[string][]*plot.Chart
}

// pageSide is a version; Label heads its column.
type pageSide struct{ Role, Name, Label string }

// pageLimit says what limited a version.
type pageLimit struct{ Role, Label, Sentence string }

// pageRepeat is how to repeat a run, pageMachine where it was made. Of names the runs
// when there are several and not all are alike.
type (
	pageRepeat  struct{ Of, Command, Seed string }
	pageMachine struct {
		Of    string
		Facts []summary.Fact
	}
)

type pageOperation struct {
	Name     string
	Rows     []pageRow
	Versions []pageVersion
}

type pageRow struct {
	Label   string
	Figures []int // footnotes on the values
	Values  []string
	pageRatio
}

// pageRatio is what a comparison found: the right half of a row.
type pageRatio struct {
	Compared bool
	Estimate string
	Margin   string
	Bar      template.HTML
	Decision string // and Words with what it is worth
	Words    string
	Change   string
	Advisory bool
	Notes    []int
}

type pageVersion struct {
	Role, Label, Slowest string
	Statistics           []string // as summary.Statistics
	Outcomes             []pageOutcome
	Cases                []summary.CaseCount
}

type pageOutcome struct {
	Name, N string
	Zero    bool
}

type pageFigure struct {
	ID, Title, Caption string
	Wide, Narrow       template.HTML
	Left               string // file to look at instead, when it is not on the page
	Height             int    // of each interactive chart, pixels; 0 when there is none
	Half               bool   // as wide as half the page
	Columns            string // of its charts: "" or two
}

func newPage(pictures *plot.Pictures) page {
	s := pictures.Summary
	p := page{
		Title:      s.Headline(),
		Class:      pageClass(s.Decision()),
		State:      s.State(),
		Word:       s.Word(),
		Subject:    s.Subject(),
		Sentence:   s.Answer(),
		Extent:     s.Extent(),
		Steps:      summary.NextSteps(s),
		Loads:      summary.LoadsInBrief(s),
		FullLoads:  summary.Loads(s),
		Failed:     notAsExpected(s),
		Tool:       plaintext.Line(s.Run.Tool),
		Compared:   s.Compared(),
		Judged:     s.Judged(),
		Margins:    summary.MarginsOfTwo(s.Shown()),
		Power:      summary.Powers(s),
		Method:     summary.Method(s),
		Resources:  summary.Resources(s),
		Statements: summary.Statements(s),
		Notes:      s.Notes,
		Started:    when(s.Run.Started),
		Repeats:    []pageRepeat{repeatOf(s.Run)},
		Machines:   []pageMachine{{Facts: machine(s.Run.Environment)}},
	}
	p.Matrix, p.Observed = summary.Expectations(s), summary.Observations(s)
	for _, b := range summary.Bottlenecks(s) {
		p.Limits = append(p.Limits, pageLimit{string(b.Role), s.ColumnOf(b.Role), plaintext.Line(b.Sentence)})
	}
	p.Reasons, p.MoreReasons = firstReasons(s)
	p.SLOs = summary.Slos(s)
	for _, x := range s.Sides {
		p.Sides = append(p.Sides, pageSide{string(x.Role), plaintext.Line(x.Deployment.Name), s.Column(x)})
	}
	p.addFacts(s)
	p.First, p.More = firstFacts(p.Differ, p.Same, p.Compared)
	for _, st := range summary.Statistics {
		p.Statistics = append(p.Statistics, st.Name)
	}
	scale := summary.NewBarScale(s.Shown())
	p.BarAxis = barAxis(scale)
	for _, op := range s.Operations {
		one := newPageOperation(s, op, scale)
		p.Operations = append(p.Operations, one)
		if slices.ContainsFunc(op.Sides, func(m summary.Measured) bool { return m.Trials > 0 }) {
			p.Shown = append(p.Shown, one)
		}
	}
	p.addFigures(pictures.Of(plot.Wide), pictures.Of(plot.Narrow))
	for i := range s.Run.Trials {
		p.Trials = append(p.Trials, newPageTrial(s, i))
	}
	return p
}

// Limits that keep the page of the largest run small enough to mail, in bytes. A run
// of a few operations stays far below.
const (
	wideLimit   = 650_000
	narrowLimit = 250_000
)

// addFigures draws the pictures for wide and narrow paper. What exceeds the limits is
// left out: the picture for narrow paper, whose reader then scrolls the wide one, or
// the picture, which is a file beside the page as well.
func (p *page) addFigures(large, small []plot.Figure) {
	p.Series = map[string][]*plot.Chart{}
	wideSize, narrowSize := 0, 0
	for i, f := range large {
		fig := pageFigure{ID: f.Name, Title: f.Title, Caption: f.Caption}
		if i > 0 && fig.Caption == small[i-1].Caption {
			fig.Caption = "" // said above
		}
		drawn := f.Inline("wide")
		if wideSize += len(drawn); wideSize > wideLimit {
			fig.Left = f.File() + ".svg"
			p.add(fig)
			wideSize -= len(drawn)
			continue
		}
		fig.Wide = template.HTML(drawn)
		if cs := f.Charts(); len(cs) > 0 {
			p.Series[f.Name] = cs
			fig.Half = strings.HasPrefix(f.Name, "percentiles-")
			fig.Height, fig.Columns = f.ChartHeight(), f.Columns
		}
		drawn = small[i].Inline("narrow")
		if narrowSize += len(drawn); narrowSize <= narrowLimit {
			fig.Narrow = template.HTML(drawn)
		} else {
			narrowSize -= len(drawn)
		}
		p.add(fig)
	}
}

// add puts a figure where it is seen: what happened over time at once, the others in a fold.
func (p *page) add(f pageFigure) {
	if f.ID == "timeline" {
		p.Lead = append(p.Lead, f)
		return
	}
	p.Figures = append(p.Figures, f)
}

// notAsExpected counts what did not end in OK, in words.
func notAsExpected(s *summary.Summary) string {
	var failed, all int64
	for _, op := range s.Operations {
		for _, m := range op.Sides {
			failed, all = failed+m.Outcomes.Failed(), all+m.Outcomes.Total()
		}
	}
	if all == 0 {
		return "nothing was measured in a trial that counts"
	}
	return fmt.Sprintf("%s of %s not answered as expected", units.Count(failed), units.Plural(int(all), "request"))
}

// firstFacts are the differences that fit the first screen, or what is known of the
// only version. Digests are cut short: whole ones are further down.
func firstFacts(differ, same []summary.Fact, compared bool) (first []summary.Fact, more int) {
	const most = 6
	from := differ
	if !compared {
		from = same
	}
	for _, f := range from[:min(len(from), most)] {
		short := summary.Fact{Name: f.Name, Differ: f.Differ}
		for _, v := range f.Values {
			if hex, found := strings.CutPrefix(v, "sha256:"); found {
				v = units.Clip(hex, 10)
			}
			short.Values = append(short.Values, v)
		}
		first = append(first, short)
	}
	return first, max(0, len(from)-most)
}

func newPageOperation(s *summary.Summary, op summary.Operation, scale summary.BarScale) pageOperation {
	o := pageOperation{Name: plaintext.Line(op.Name)}
	for _, r := range op.Rows {
		if r.Comparison == nil && r.Quantile == 1 {
			continue // the slowest is in the table of outcomes
		}
		row := pageRow{Label: r.Label, Figures: r.Figures}
		for _, v := range r.Values {
			row.Values = append(row.Values, units.DurationOrNone(v))
		}
		if r.Comparison != nil {
			row.pageRatio = newPageRatio(r.Comparison, scale, r.Notes)
		}
		o.Rows = append(o.Rows, row)
	}
	for i, m := range op.Sides {
		v := pageVersion{Role: string(s.Sides[i].Role), Label: s.Column(s.Sides[i]),
			Slowest: units.DurationOrNone(m.Response.Max()), Cases: summary.Cases(m.Measurement)}
		for _, st := range summary.Statistics {
			words := units.None
			if m.Trials > 0 {
				words = st.Words(st.Of(m.Measurement))
			}
			v.Statistics = append(v.Statistics, words)
		}
		for _, c := range summary.Outcomes(m.Outcomes) {
			v.Outcomes = append(v.Outcomes, pageOutcome{c.Outcome.String(), units.Count(c.N), c.N == 0})
		}
		o.Versions = append(o.Versions, v)
	}
	return o
}

func newPageRatio(c *verdict.Comparison, scale summary.BarScale, notes []int) pageRatio {
	return pageRatio{
		Compared: true,
		Estimate: summary.Estimate(c),
		Margin:   summary.Margin(c),
		Bar:      bar(scale, c),
		Decision: string(c.Decision),
		Words:    summary.DecisionWords(c),
		Change:   change(c),
		Advisory: !c.Tested(),
		Notes:    notes,
	}
}

// change is the change with its interval; what is not decided has no estimate.
func change(c *verdict.Comparison) string { return strings.TrimPrefix(summary.Change(c), "~ ") }

// pageClass is the decision as a class of the stylesheet.
func pageClass(d verdict.Decision) string {
	switch d {
	case verdict.Pass, verdict.Regression, verdict.Inconclusive, verdict.Invalid:
		return string(d)
	case verdict.Failed:
		return string(verdict.Regression) // It is drawn alike.
	}
	return "measured"
}

// firstReasons are the reasons for the first screen, and the others.
func firstReasons(s *summary.Summary) (first, more []string) {
	for _, why := range s.Reasons() {
		first = append(first, plaintext.Line(why))
	}
	const most = 3
	if len(first) > most+1 {
		return first[:most], first[most:]
	}
	return first, nil
}
