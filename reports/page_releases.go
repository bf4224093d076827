package reports

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// releasesPage is report.html of several runs. What is like the page of one run is in
// page, and the same parts of the template show it.
type releasesPage struct {
	page
	Candidates []pageRelease
	Tables     []pageReleased
}

// pageRelease is the verdict on one release. Without its differences from the baseline,
// nothing was compared.
type pageRelease struct {
	Class, State, Word, Name, Against, Sentence string
	Reasons, MoreReasons                        []string
	Extent                                      string
	Differ                                      []fact
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

func (r Releases) writeHTML(w io.Writer) error {
	p := r.newPage()
	return p.write(w, "releases.gohtml", &p)
}

func (r Releases) newPage() releasesPage {
	p := releasesPage{page: page{
		Title:    r.headline(),
		Class:    pageClass(r.Decision()),
		State:    r.state(),
		Word:     r.word(),
		Subject:  r.subject(),
		Sentence: r.sentence(),
		Compared: true,
	}}
	for i, x := range r.runs {
		p.Candidates = append(p.Candidates, r.newPageRelease(i))
		if i == 0 {
			p.Tool, p.Started = plain(x.Run.Tool), when(x.Run.Started)
		}
		for _, l := range x.Run.Loads {
			if words := loadWords(l); !slices.Contains(p.Loads, words) {
				p.Loads = append(p.Loads, words)
			}
		}
	}
	for _, m := range r.missing {
		p.Candidates = append(p.Candidates, pageRelease{Class: pageClass(verdict.Inconclusive), Word: "NOT MEASURED", Name: plain(m)})
	}
	all := r.together()
	for _, v := range r.versions() {
		p.Sides = append(p.Sides, pageSide{string(v.role), v.name, v.name})
		for _, b := range r.sums[v.run].bottlenecks() {
			if b.Role == v.role {
				p.Limits = append(p.Limits, pageLimit{string(v.role), v.name, plain(b.Sentence)})
			}
		}
	}
	p.addFacts(all)
	p.Resources = all.resources()
	notes := footnotes{}
	for _, n := range r.notes() {
		notes.add(n)
	}
	p.addTables(r, &notes)
	p.Notes = append(notes, "what single trials warned of stands in the report of each run")
	p.Method = append(general(p.Judged), "Each candidate was compared with the baseline that was measured beside it. Of several candidates the best looks better than it is, so a pass and a regression must withstand a correction for their number (Holm).")
	p.addFigures(parts(r.figures(wide)), parts(r.figures(narrow)))
	for _, g := range alike(r, func(s *summary) pageRepeat { return repeatOf(s.run) }) {
		g.value.Of = g.of
		p.Repeats = append(p.Repeats, g.value)
	}
	for _, g := range alike(r, func(s *summary) []fact { return machine(s.run.Environment) }) {
		p.Machines = append(p.Machines, pageMachine{g.of, g.value})
	}
	return p
}

// newPageRelease is the verdict on the i-th run.
func (r Releases) newPageRelease(i int) pageRelease {
	s := r.sums[i]
	p := pageRelease{
		Class: pageClass(s.decision()), State: s.state(), Word: s.word(), Name: r.names()[i], Sentence: s.sentence(),
		Extent: s.extent() + "; its own report: " + plain(r.runs[i].Dir),
	}
	p.Reasons, p.MoreReasons = firstReasons(s)
	if !s.compared() {
		return p
	}
	p.Against = r.runs[i].name(bench.Baseline)
	differ := s.differences()
	for k := range differ {
		differ[k].Values = orNone(differ[k].Values)
	}
	p.Differ, p.More = firstFacts(differ, nil, true)
	return p
}

// together is a summary with a side for every version, for tables over all of them.
func (r Releases) together() *summary {
	all := &summary{}
	for _, v := range r.versions() {
		s := r.sums[v.run]
		all.sides = append(all.sides, s.sides[s.index(v.role)])
	}
	return all
}

// addTables adds the figures of all versions, and the warnings on them to the footnotes.
func (p *releasesPage) addTables(r Releases, notes *footnotes) {
	var shown []verdict.Comparison
	for _, s := range r.sums {
		shown = append(shown, s.shown()...)
	}
	p.Judged = len(shown) > 0
	scale := newBarScale(shown)
	p.BarAxis = scale.axis()
	for _, op := range r.operations() {
		table := pageReleased{Name: plain(op)}
		for k, rows := range r.rows(op) {
			quantile := pageReleasedQuantile{Label: verdict.Percentile(shownTails[k])}
			for _, row := range rows {
				if row.Value == 0 {
					continue
				}
				one := pageReleasedRow{Role: string(row.version.role), Name: row.version.name, Time: duration(row.Value)}
				if row.known() {
					one.Range = "[" + duration(row.Low) + ", " + duration(row.High) + "]"
				}
				if c := row.comparison; c != nil {
					var numbers []int
					for _, w := range c.Warnings {
						numbers = append(numbers, notes.add(w))
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
func alike[T any](r Releases, say func(*summary) T) []said[T] {
	var all []said[T]
	names := r.names()
	for i, s := range r.sums {
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

// subject names what was measured: "2 candidates against embedded:v1".
func (r Releases) subject() string {
	var baselines []string
	for i, s := range r.sums {
		name := ""
		if s.compared() {
			name = r.runs[i].name(bench.Baseline)
		}
		if !slices.Contains(baselines, name) {
			baselines = append(baselines, name)
		}
	}
	n := len(r.runs) + len(r.missing)
	if len(baselines) == 1 && baselines[0] != "" {
		return plural(n, "candidate") + " against " + baselines[0]
	}
	return plural(n, "release")
}

// sentence counts the decisions in words.
func (r Releases) sentence() string {
	counts := map[verdict.Decision]int{}
	for _, v := range r.judged {
		counts[v.Decision]++
	}
	var parts []string
	add := func(n int, one, more string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, more))
		}
	}
	add(counts[verdict.Pass], "passes", "pass")
	add(counts[verdict.Regression], "is a regression", "are regressions")
	add(counts[verdict.Inconclusive], "is undecided", "are undecided")
	add(counts[verdict.Invalid], "cannot be judged", "cannot be judged")
	add(counts[""], "was measured without a verdict", "were measured without a verdict")
	add(len(r.missing), "was not measured", "were not measured")
	return fmt.Sprintf("Of %s: %s.", plural(len(r.runs)+len(r.missing), "release"), strings.Join(parts, ", "))
}

// parts makes a figure of each panel, so that every operation has a picture of its own.
func parts(figures []figure) []figure {
	var all []figure
	for _, f := range figures {
		for i, p := range f.panels {
			one := f
			one.part = fmt.Sprintf("-%d", i+1)
			one.name = f.name + one.part
			operation, _, _ := strings.Cut(p.title, ": response time")
			one.title = operation + ": " + f.title
			p.title = ""
			one.panels = []panel{p}
			if i > 0 {
				one.caption = ""
			}
			all = append(all, one)
		}
	}
	return all
}
