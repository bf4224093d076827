// Package varied puts into words what a grid of settings shows. It decides nothing that
// bench/grid/stored has not found, and formats for nobody: texts, pages and pictures take
// their words and figures from here.
package varied

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/grid/stored"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Varied is a grid with what became of each cell.
type Varied struct {
	stored.Found
	Target string // Target is what was measured, as the user wrote it.
	Seed   uint64
	// Environment is the machine's, nil before the first cell was measured.
	Environment *bench.Environment
	Limits      []string // Limits are what capacity was searched under, or none.
	Rate        float64  // Rate is that of all cells at a fixed rate, 0 when not known.
	Verdicts    []Verdict
	// Bottlenecks are what limited each cell, "" where that is not known.
	Bottlenecks []string
}

// Verdict is what was decided of one cell's run.
type Verdict struct {
	Decision verdict.Decision
	Reasons  []string
}

// Decision is the worst of the cells': one that is missing is undecided.
func (v *Varied) Decision() verdict.Decision {
	worst := verdict.Measured
	order := []verdict.Decision{verdict.Measured, verdict.Pass, verdict.Inconclusive, verdict.Invalid,
		verdict.Regression, verdict.Failed}
	for i, a := range v.Answers {
		d := v.Verdicts[i].Decision
		if a.Missing != "" && d != verdict.Failed {
			d = verdict.Inconclusive
		}
		if slices.Index(order, d) > slices.Index(order, worst) {
			worst = d
		}
	}
	return worst
}

// Reasons are why, cell by cell.
func (v *Varied) Reasons() []string {
	var all []string
	for i, a := range v.Answers {
		name := v.name(i)
		if a.Missing != "" {
			all = append(all, name+": "+plaintext.Line(a.Missing))
			continue
		}
		if d := v.Verdicts[i].Decision; d != verdict.Measured && d != verdict.Pass {
			for _, why := range v.Verdicts[i].Reasons {
				all = append(all, name+": "+plaintext.Line(why))
			}
		}
	}
	return all
}

func (v *Varied) name(i int) string { return plaintext.Line(v.Grid.Name(v.Cells[i])) }

// Measured is how many cells have figures.
func (v *Varied) Measured() int {
	n := 0
	for _, a := range v.Answers {
		if a.Missing == "" {
			n++
		}
	}
	return n
}

// Subject says what was varied.
func (v *Varied) Subject() string {
	what := "capacity"
	if v.Fixed {
		what = "P95 and P99"
	}
	return fmt.Sprintf("%s: %s over %s", plaintext.Line(v.Target), what, plaintext.Line(v.Grid.String()))
}

// Headline is the first line of every report.
func (v *Varied) Headline() string {
	return strings.ToUpper(string(v.Decision())) + ": " + v.Subject()
}

// Sentence says what the cells hold.
func (v *Varied) Sentence() string {
	words := "Response times at the same rate in every cell"
	if v.Rate > 0 {
		words = "Response times at " + units.Rate(v.Rate) + " in every cell"
	}
	if !v.Fixed {
		words = "Highest rate, all requests together, under " + plaintext.Line(strings.Join(v.Limits, ", "))
	}
	return fmt.Sprintf("%s: %d of %s measured, one after another in random order, so that a machine that changes "+
		"shows as a difference between cells.", words, v.Measured(), units.Plural(len(v.Cells), "cell"))
}

// Column is one column of the table.
type Column struct {
	Title   string
	Numbers bool // Numbers says that it has figures, which end at one edge.
	Minor   bool // Minor says that it may be left out where there is no room.
}

// Columns head the table: the axes first.
func (v *Varied) Columns() []Column {
	var all []Column
	for _, a := range v.Grid {
		_, numbers := a.Numbers()
		all = append(all, Column{Title: plaintext.Line(a.Name), Numbers: numbers})
	}
	cores := []Column{{Title: "server cores", Numbers: true, Minor: true},
		{Title: "database cores", Numbers: true, Minor: true}}
	if v.Fixed {
		return append(append(all, Column{Title: "operation"}, Column{Title: "P95 [90 %]", Numbers: true},
			Column{Title: "P99 [90 %]", Numbers: true, Minor: true}), cores...)
	}
	return append(append(append(all, Column{Title: "certified", Numbers: true},
		Column{Title: "half of trials hold [90 %]", Numbers: true}), cores...), Column{Title: "limit"})
}

// Row is one row of the table, as Columns.
type Row struct {
	Cell   int // Cell is its index in the grid.
	Values []string
	// Missing says why the cell has no figures; Values are then the axes' alone.
	Missing string
}

// Rows are the table: one for each cell, or for each operation of a cell at a fixed rate.
func (v *Varied) Rows() []Row {
	var all []Row
	for i, a := range v.Answers {
		var settings []string
		for _, value := range v.Cells[i] {
			settings = append(settings, plaintext.Line(value))
		}
		switch {
		case a.Missing != "":
			all = append(all, Row{i, settings, plaintext.Line(a.Missing)})
		case v.Fixed:
			for _, operation := range operations(a) {
				values := []string{plaintext.Line(operation)}
				for _, name := range stored.Percentiles {
					values = append(values, Words(a.Find(operation, name)))
				}
				all = append(all, Row{Cell: i, Values: slices.Concat(settings, values, coreWords(a))})
			}
		default:
			values := []string{Words(a.Find("", stored.Certified)), Words(a.Find("", stored.Capacity))}
			all = append(all, Row{Cell: i, Values: slices.Concat(settings, values, coreWords(a),
				[]string{v.Bottlenecks[i]})})
		}
	}
	return all
}

func coreWords(a grid.Answer) []string {
	return []string{Words(a.Find("", stored.ServerCores)), Words(a.Find("", stored.DatabaseCores))}
}

// operations of an answer, in their order.
func operations(a grid.Answer) []string {
	var all []string
	for _, f := range a.Figures {
		if f.Operation != "" && !slices.Contains(all, f.Operation) {
			all = append(all, f.Operation)
		}
	}
	return all
}

// Operations are those of all cells.
func (v *Varied) Operations() []string {
	var all []string
	for _, a := range v.Answers {
		for _, o := range operations(a) {
			if !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}

// Words are a figure with its interval: "12.4 ms [11.9 ms, 13.0 ms]".
func Words(f *grid.Figure) string {
	if f == nil {
		return units.None
	}
	words := number(f.Unit, f.Value)
	if f.Bound != "" {
		return f.Bound + " " + words
	}
	if f.Known() {
		words += " [" + number(f.Unit, f.Low) + ", " + number(f.Unit, f.High) + "]"
	}
	return words
}

// number is a figure in its unit.
func number(unit string, value float64) string {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return units.None
	case unit == "ns":
		return units.Duration(time.Duration(value))
	case unit == "/s":
		return units.Rate(value)
	}
	return units.Digits(value)
}
