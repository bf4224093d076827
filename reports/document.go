package reports

import (
	"fmt"
	"io"
	"math"
	"strings"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/plot"
	"oauthbench/reports/internal/summary"
	"oauthbench/reports/page"
)

// Document is one thing to report on: a run, several releases, a run against a stored
// baseline, a history, a baseline, or what a machine is good for. Every format of
// Formats writes every kind of document, from the parts that all of them have: a
// headline with a decision and its reasons, words for a terminal, figures, and cases
// that pass or fail.
type Document struct {
	// Headline is the first line.
	Headline string
	// Decision is what was decided; "" means that nothing was compared. A program's exit
	// code must come from here, so that it agrees with the page.
	Decision verdict.Decision
	// Reasons are why, the most important first.
	Reasons []string

	text   func(*textWriter)
	answer func(*textWriter) // for a terminal; nil: the words
	values func() []Value
	cases  func(*junitSuite) // those beside the verdict's own

	// What some kinds have in a form of their own. Without, a format is made of the parts
	// above: the words in a fence or on a plain page, the figures as JSON or CSV.
	markdown func(*strings.Builder)
	page     func(io.Writer) error
	json     func() any
	jsonFile string               // another name for the format's file
	junit    func() junitSuite    // the suite with its first case
	runs     []namedRun           // with single trials
	pictures func() []plot.Figure // for files of their own
}

// namedRun is a run of a document; its name is "" when it is the only one.
type namedRun struct {
	name string
	*summary.Summary
}

// Value is one figure of a document, in a form that every consumer of numbers takes.
type Value struct {
	Release   string     `json:"release,omitempty"` // which of several
	Role      bench.Role `json:"role,omitempty"`
	Version   string     `json:"version,omitempty"` // name of the deployment
	Operation string     `json:"operation,omitempty"`
	Statistic string     `json:"statistic"` // "p95", "offered", "ratio"
	Unit      string     `json:"unit"`      // "ns", "/s", "" for a count, a ratio or a share
	Number    float64    `json:"value"`
	// Low and High are the 90 % interval; both 0 when there is none.
	Low  float64 `json:"low,omitempty"`
	High float64 `json:"high,omitempty"`
}

// Values are the figures of the document.
func (d *Document) Values() []Value {
	if d.values == nil {
		return nil
	}
	return d.values()
}

// finite are the figures that are numbers, and the ends of their intervals where both are:
// the others say that there was nothing to compute them from.
func (d *Document) finite() []Value {
	isNumber := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	var all []Value
	for _, v := range d.Values() {
		if !isNumber(v.Low) || !isNumber(v.High) {
			v.Low, v.High = 0, 0
		}
		if isNumber(v.Number) {
			all = append(all, v)
		}
	}
	return all
}

// OfRun reports on one run.
func OfRun(r Report) *Document {
	s := summary.Of(r)
	pictures := plot.Draw(s)
	return &Document{
		Headline: s.Headline(), Decision: s.Decision(), Reasons: s.Reasons(),
		text:     func(t *textWriter) { t.run(s) },
		answer:   func(t *textWriter) { t.answer(s) },
		values:   func() []Value { return valuesOf(namedRun{"", s}) },
		cases:    func(suite *junitSuite) { addComparisons(suite, s) },
		markdown: func(b *strings.Builder) { runMarkdown(b, s) },
		page:     func(w io.Writer) error { return page.WriteRun(w, pictures) },
		json:     func() any { return newVerdictFile(s) },
		junit:    func() junitSuite { return runSuite(s) },
		runs:     []namedRun{{"", s}},
		pictures: func() []plot.Figure { return pictures.Of(plot.Wide) },
	}
}

// WriteText writes the words for a terminal. color sets the verdict and decisions off
// with ANSI colours; they are always words too.
func (d *Document) WriteText(w io.Writer, color bool) error {
	t := &textWriter{color: color}
	d.text(t)
	_, err := io.WriteString(w, plaintext.Secrets.String(t.words.String()))
	return err
}

// valuesOf are the figures of a run: of each operation and version the percentiles and
// statistics, and the ratios.
func valuesOf(run namedRun) []Value {
	var all []Value
	for _, op := range run.Operations {
		for i, m := range op.Sides {
			if m.Trials == 0 {
				continue
			}
			side := run.Sides[i]
			add := func(statistic, unit string, v float64) {
				all = append(all, Value{
					Release: run.name, Role: side.Role, Version: side.Deployment.Name, Operation: op.Name,
					Statistic: statistic, Unit: unit, Number: v,
				})
			}
			for _, r := range op.Rows {
				if r.Values[i] > 0 {
					add(strings.ToLower(r.Label), "ns", float64(r.Values[i]))
				}
			}
			for _, st := range summary.Statistics {
				add(st.Column, st.Unit, st.Of(m.Measurement))
			}
		}
		for _, r := range op.Rows {
			if c := r.Comparison; c != nil {
				all = append(all, ratioValue(run.name, r.Label, c))
			}
		}
	}
	return all
}

func ratioValue(release, label string, c *verdict.Comparison) Value {
	return Value{
		Release: release, Role: bench.Candidate, Operation: c.Operation,
		Statistic: fmt.Sprintf("ratio_%s", strings.ToLower(label)), Number: c.Ratio.Estimate, Low: c.Ratio.Low,
		High: c.Ratio.High,
	}
}

// writePlainPage writes the words for a terminal on a page.
func writePlainPage(w io.Writer, d *Document) error {
	var words strings.Builder
	if err := d.WriteText(&words, false); err != nil {
		return err
	}
	return page.WritePlain(w, d.Headline, words.String())
}
