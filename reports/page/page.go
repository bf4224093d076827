package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
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
	Loads       []string
	Started     string
	Tool        string
	Compared    bool // two versions
	Judged      bool // with comparisons
	Power       []string
	Sides       []pageSide
	First       []fact // the differences of the first screen, digests cut short
	More        int    // differences beyond them
	Differ      []fact
	Same        []fact
	Operations  []pageOperation
	BarAxis     template.HTML
	SLOs        []sloLine
	Figures     []pageFigure
	Trials      []pageTrial
	Method      []string
	Resources   []tableRow
	Statements  []statementLine
	Limits      []pageLimit
	Matrix      []expectation
	Observed    []tableRow
	Notes       []string
	Repeats     []pageRepeat
	Machines    []pageMachine
	Style       template.CSS
	Script      template.JS
	Series      map[string][]*chart
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
		Facts []fact
	}
)

type pageOperation struct {
	Name     string
	Rows     []pageRow
	Versions []pageVersion
}

type pageRow struct {
	Label  string
	Values []string
	pageRatio
}

// pageRatio is what a comparison found: the right half of a row.
type pageRatio struct {
	Compared bool
	Estimate string
	Interval string
	Margin   string
	Bar      template.HTML
	Decision string
	Advisory bool
	Notes    []int
}

type pageVersion struct {
	Role, Offered, Achieved, Slowest, Arrivals string
	Outcomes                                   []pageOutcome
	Cases                                      []caseCount
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
	Columns            string // of its charts: "", two or three
}

type pageTrial struct {
	N                                                      int
	Role, Class, Place, Started, Offered, Achieved, Failed string
	Lag, CPU, Foreign, Steal, State                        string
}

func newPage(pictures *pictures) page {
	s := pictures.summary
	p := page{
		Title:      s.headline(),
		Class:      pageClass(s.decision()),
		State:      s.state(),
		Word:       s.word(),
		Subject:    s.subject(),
		Sentence:   s.sentence(),
		Extent:     s.extent(),
		Loads:      s.loads(),
		Tool:       plain(s.run.Tool),
		Compared:   s.compared(),
		Judged:     s.judged(),
		Power:      s.power(),
		Method:     s.method(),
		Resources:  s.resources(),
		Statements: s.statements(),
		Notes:      s.notes,
		Started:    when(s.run.Started),
		Repeats:    []pageRepeat{repeatOf(s.run)},
		Machines:   []pageMachine{{Facts: machine(s.run.Environment)}},
	}
	p.Matrix, p.Observed = s.expectations(), s.observations()
	for _, b := range s.bottlenecks() {
		p.Limits = append(p.Limits, pageLimit{string(b.Role), string(b.Role), plain(b.Sentence)})
	}
	p.Reasons, p.MoreReasons = firstReasons(s)
	if len(s.contradictions) == 0 {
		p.SLOs = s.slos()
	}
	for _, x := range s.sides {
		p.Sides = append(p.Sides, pageSide{string(x.role), plain(x.deployment.Name), string(x.role)})
	}
	p.addFacts(s)
	p.First, p.More = firstFacts(p.Differ, p.Same, p.Compared)
	scale := newBarScale(s.shown())
	p.BarAxis = barAxis(scale)
	for _, op := range s.operations {
		p.Operations = append(p.Operations, newPageOperation(s, op, scale))
	}
	p.addFigures(pictures.of(wide), pictures.of(narrow))
	for i := range s.run.Trials {
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
func (p *page) addFigures(large, small []figure) {
	p.Series = map[string][]*chart{}
	wideSize, narrowSize := 0, 0
	for i, f := range large {
		fig := pageFigure{ID: f.name, Title: f.title, Caption: f.caption}
		if i > 0 && fig.Caption == small[i-1].caption {
			fig.Caption = "" // said above
		}
		drawn := f.inline("wide")
		if wideSize += len(drawn); wideSize > wideLimit {
			fig.Left = f.file() + ".svg"
			p.Figures = append(p.Figures, fig)
			wideSize -= len(drawn)
			continue
		}
		fig.Wide = template.HTML(drawn)
		if cs := f.charts(); len(cs) > 0 {
			p.Series[f.name] = cs
			fig.Half = strings.HasPrefix(f.name, "percentiles-")
			fig.Height, fig.Columns = f.chartHeight(), f.columns
		}
		drawn = small[i].inline("narrow")
		if narrowSize += len(drawn); narrowSize <= narrowLimit {
			fig.Narrow = template.HTML(drawn)
		} else {
			narrowSize -= len(drawn)
		}
		p.Figures = append(p.Figures, fig)
	}
}

// firstFacts are the differences that fit the first screen, or what is known of the
// only version. Digests are cut short: whole ones are further down.
func firstFacts(differ, same []fact, compared bool) (first []fact, more int) {
	const most = 6
	from := differ
	if !compared {
		from = same
	}
	for _, f := range from[:min(len(from), most)] {
		short := fact{Name: f.Name, Differ: f.Differ}
		for _, v := range f.Values {
			if hex, found := strings.CutPrefix(v, "sha256:"); found {
				v = clip(hex, 13)
			}
			short.Values = append(short.Values, v)
		}
		first = append(first, short)
	}
	return first, max(0, len(from)-most)
}

func newPageOperation(s *summary, op operation, scale barScale) pageOperation {
	o := pageOperation{Name: plain(op.name)}
	for _, r := range op.rows {
		if r.comparison == nil && r.quantile == 1 {
			continue // the slowest is in the table of outcomes
		}
		row := pageRow{Label: r.label}
		for _, v := range r.values {
			row.Values = append(row.Values, durationOrNone(v))
		}
		if r.comparison != nil {
			row.pageRatio = newPageRatio(r.comparison, scale, r.notes)
		}
		o.Rows = append(o.Rows, row)
	}
	for i, m := range op.sides {
		v := pageVersion{Role: string(s.sides[i].role), Offered: none, Achieved: none, Slowest: durationOrNone(m.Response.Max()), Arrivals: count(m.Outcomes.Total()), Cases: cases(m.Measurement)}
		if m.trials > 0 {
			v.Offered, v.Achieved = rate(m.Offered), rate(m.Achieved)
		}
		for _, c := range outcomes(m.Outcomes) {
			v.Outcomes = append(v.Outcomes, pageOutcome{c.Outcome.String(), count(c.N), c.N == 0})
		}
		o.Versions = append(o.Versions, v)
	}
	return o
}

func newPageRatio(c *verdict.Comparison, scale barScale, notes []int) pageRatio {
	estimate, _, _ := strings.Cut(ratio(c, "×"), " ")
	return pageRatio{
		Compared: true,
		Estimate: estimate,
		Interval: interval(c.Ratio),
		Margin:   "×" + factor(1+c.Margin),
		Bar:      bar(scale, c),
		Decision: string(c.Decision),
		Advisory: !c.Gating,
		Notes:    notes,
	}
}

// pageClass is the decision as a class of the stylesheet.
func pageClass(d verdict.Decision) string {
	switch d {
	case verdict.Pass, verdict.Regression, verdict.Inconclusive, verdict.Invalid:
		return string(d)
	}
	return "measured"
}

func newPageTrial(s *summary, i int) pageTrial {
	t := &s.run.Trials[i]
	p := pageTrial{
		N: i + 1, Role: string(t.Role), Class: string(t.Role), Started: t.Started.UTC().Format("15:04:05"),
		Place: fmt.Sprintf("%d / %d", t.Epoch+1, t.Pair+1), Offered: rate(t.Offered), Achieved: rate(t.Achieved),
		Lag: none, CPU: none, Foreign: none, Steal: none,
	}
	var failed int64
	for _, m := range t.Measurements {
		failed += m.Outcomes.Failed()
	}
	p.Failed = count(failed)
	if v, known := s.sendLag(t); known {
		p.Lag = tickMilliseconds(significant(v))
	}
	if v, known := cpuPerRequest(func(t *bench.Trial) bench.Usage { return t.Server })(t); known {
		p.CPU = tickMilliseconds(significant(v))
	}
	if t.Machine.Known {
		p.Foreign, p.Steal = fmt.Sprintf("%.1f %%", 100*t.Machine.Foreign), fmt.Sprintf("%.1f %%", 100*t.Machine.Steal)
	}
	switch {
	case t.Warmup:
		p.State = "warm-up"
	case len(t.Excluded) > 0:
		p.State = "excluded"
	case !s.deciding[i]:
		p.State = "left out with its pair"
	case t.Unverified != "":
		p.State = "counts, not verified"
	default:
		p.State = "counts"
	}
	return p
}

// addFacts sorts the properties of the versions by whether they differ.
func (p *page) addFacts(s *summary) {
	for _, f := range s.facts() {
		f.Values = orNone(f.Values)
		if f.Differ {
			p.Differ = append(p.Differ, f)
		} else {
			p.Same = append(p.Same, f)
		}
	}
}

// firstReasons are the reasons for the first screen, and the others.
func firstReasons(s *summary) (first, more []string) {
	for _, why := range s.reasons() {
		first = append(first, plain(why))
	}
	const most = 3
	if len(first) > most+1 {
		return first[:most], first[most:]
	}
	return first, nil
}

// when prints a date, "" for the zero time.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

func repeatOf(run *bench.Run) pageRepeat {
	return pageRepeat{Command: Shell(run.Command), Seed: strconv.FormatUint(run.Seed, 10)}
}

// machine lists what is known of the machine.
func machine(e bench.Environment) []fact {
	var fs []fact
	add := func(name, value string) {
		if value != "" && value != "0" {
			fs = append(fs, fact{Name: name, Values: []string{plain(value)}})
		}
	}
	add("system", strings.Trim(e.OS+"/"+e.Arch, "/"))
	add("kernel", e.Kernel)
	add("processor", e.CPU)
	add("cores", strconv.Itoa(e.Cores))
	add("GOMAXPROCS of the generator", strconv.Itoa(e.GOMAXPROCS))
	if e.Memory > 0 {
		add("memory", digits(float64(e.Memory)/(1<<30))+" GiB")
	}
	add("Go", e.Go)
	return fs
}
