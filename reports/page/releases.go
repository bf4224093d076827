package page

import (
	"io"
	"reflect"
	"slices"

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

func writeReleasesHTML(w io.Writer, r Releases) error {
	p := newReleasesPage(r)
	return p.write(w, "releases.gohtml", &p)
}

func newReleasesPage(r Releases) releasesPage {
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
		p.Candidates = append(p.Candidates, newPageRelease(r, i))
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
	p.addFigures(parts(releasesFigures(r, wide)), parts(releasesFigures(r, narrow)))
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
func newPageRelease(r Releases, i int) pageRelease {
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

// addTables adds the figures of all versions, and the warnings on them to the footnotes.
func (p *releasesPage) addTables(r Releases, notes *footnotes) {
	var shown []verdict.Comparison
	for _, s := range r.sums {
		shown = append(shown, s.shown()...)
	}
	p.Judged = len(shown) > 0
	scale := newBarScale(shown)
	p.BarAxis = barAxis(scale)
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
