package page

import (
	"io"
	"reflect"
	"slices"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// releasesPage is report.html of several runs. What is like the page of one run is in
// page, and the same parts of the template show it.
type releasesPage struct {
	page
	Candidates []pageRelease
	Located    bool // Some figure has an interval.
	Tables     []pageReleased
}

// pageRelease is the verdict on one release. Without its differences from the baseline,
// nothing was compared.
type pageRelease struct {
	Class, State, Word, Name, Against, Sentence string
	Reasons, MoreReasons, Steps                 []string
	Extent                                      string
	Differ                                      []summary.Fact
	More                                        int
}

// pageReleased is one operation of all versions.
type pageReleased struct {
	Name      string
	Height    int // rows
	Quantiles []pageReleasedQuantile
}

type pageReleasedQuantile struct {
	Label string
	Rows  []pageReleasedRow
}

type pageReleasedRow struct {
	Role, Name, Time, Range string
	pageRatio
}

// WriteReleases writes the page of several runs.
func WriteReleases(w io.Writer, r summary.Releases) error {
	p := newReleasesPage(r)
	return p.write(w, "releases.gohtml", &p)
}

func newReleasesPage(r summary.Releases) releasesPage {
	p := releasesPage{page: page{
		Title:    r.Headline(),
		Class:    pageClass(r.Decision()),
		State:    r.State(),
		Word:     r.Word(),
		Subject:  r.Subject(),
		Sentence: r.Sentence(),
		Compared: true,
	}}
	for i, x := range r.Runs {
		p.Candidates = append(p.Candidates, newPageRelease(r, i))
		if i == 0 {
			p.Tool, p.Started = plaintext.Line(x.Run.Tool), when(x.Run.Started)
		}
	}
	p.Located = r.Located()
	p.Loads, p.FullLoads = r.LoadsInBrief(), r.Loads()
	for _, m := range r.Missing {
		p.Candidates = append(p.Candidates,
			pageRelease{Class: pageClass(verdict.Inconclusive), Word: "NOT MEASURED", Name: plaintext.Line(m)})
	}
	all := r.Together()
	for _, v := range r.Versions() {
		p.Sides = append(p.Sides, pageSide{string(v.Role), v.Name, v.Name})
		for _, b := range summary.Bottlenecks(r.Sums[v.Run]) {
			if b.Role == v.Role {
				p.Limits = append(p.Limits, pageLimit{string(v.Role), v.Name, plaintext.Line(b.Sentence)})
			}
		}
	}
	p.addFacts(all)
	p.Resources = summary.Resources(all)
	notes := summary.Footnotes{}
	for _, n := range r.Notes() {
		notes.Add(n)
	}
	p.addTables(r, &notes)
	p.Notes = append(notes, "what single trials warned of stands in the report of each run")
	p.Method = append(summary.General(p.Judged), r.Method())
	p.addFigures(plot.Parts(plot.ReleasesFigures(r, plot.Wide)), plot.Parts(plot.ReleasesFigures(r, plot.Narrow)))
	for _, g := range alike(r, func(s *summary.Summary) pageRepeat { return repeatOf(s.Run) }) {
		g.value.Of = g.of
		p.Repeats = append(p.Repeats, g.value)
	}
	for _, g := range alike(r, func(s *summary.Summary) []summary.Fact { return machine(s.Run.Environment) }) {
		p.Machines = append(p.Machines, pageMachine{g.of, g.value})
	}
	return p
}

// newPageRelease is the verdict on the i-th run.
func newPageRelease(r summary.Releases, i int) pageRelease {
	s := r.Sums[i]
	p := pageRelease{
		Class: pageClass(s.Decision()), State: s.State(), Word: s.Word(), Name: r.Names()[i], Sentence: s.Answer(),
		Extent: s.Extent() + "; its own report: " + plaintext.Line(r.Runs[i].Dir),
	}
	p.Reasons, p.MoreReasons = firstReasons(s)
	p.Steps = summary.NextSteps(s)
	if !s.Compared() {
		return p
	}
	p.Against = r.Runs[i].Name(bench.Baseline)
	differ := summary.Differences(s)
	for k := range differ {
		differ[k].Values = summary.OrNone(differ[k].Values)
	}
	p.Differ, p.More = firstFacts(differ, nil, true)
	return p
}

// addTables adds the figures of all versions, and the warnings on them to the footnotes.
func (p *releasesPage) addTables(r summary.Releases, notes *summary.Footnotes) {
	var shown []verdict.Comparison
	for _, s := range r.Sums {
		shown = append(shown, s.Shown()...)
	}
	p.Judged, p.Margins = len(shown) > 0, summary.MarginsOfTwo(shown)
	scale := summary.NewBarScale(shown)
	p.BarAxis = barAxis(scale)
	for _, op := range r.Operations() {
		table := pageReleased{Name: plaintext.Line(op)}
		for k, rows := range r.Rows(op) {
			quantile := pageReleasedQuantile{Label: verdict.Percentile(summary.ShownTails[k])}
			for _, row := range rows {
				one := pageReleasedRow{Role: string(row.Version.Role), Name: row.Version.Name,
					Time: "not measured"}
				if row.Value > 0 {
					one.Time = units.Duration(row.Value)
				}
				if row.Known() {
					one.Range = "[" + units.Duration(row.Low) + ", " + units.Duration(row.High) + "]"
				}
				if c := row.Comparison; c != nil {
					var numbers []int
					for _, w := range c.Warnings {
						numbers = append(numbers, notes.Add(w))
					}
					one.pageRatio = newPageRatio(c, scale, numbers)
				}
				quantile.Rows = append(quantile.Rows, one)
			}
			if quantile.Rows != nil {
				table.Quantiles = append(table.Quantiles, quantile)
				table.Height += len(quantile.Rows)
			}
		}
		if table.Quantiles != nil {
			p.Tables = append(p.Tables, table)
		}
	}
}

// said is what is said of some of the runs, with their names; "" for all.
type said[T any] struct {
	of    string
	value T
}

// alike says of each run what say does, once for those of which it is the same.
func alike[T any](r summary.Releases, say func(*summary.Summary) T) []said[T] {
	var all []said[T]
	names := r.Names()
	for i, s := range r.Sums {
		value := say(s)
		k := slices.IndexFunc(all, func(x said[T]) bool { return reflect.DeepEqual(x.value, value) })
		if k < 0 {
			all = append(all, said[T]{names[i], value})
			continue
		}
		all[k].of += ", " + names[i]
	}
	if len(all) == 1 {
		all[0].of = ""
	}
	return all
}
