package reports

import (
	"io"
	"math"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/page"
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
	// Decided is what each reason decided, where several versions were; nil: the Decision.
	Decided []verdict.Decision

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

// WriteText writes the words for a terminal. color sets the verdict and decisions off
// with ANSI colours; they are always words too.
func (d *Document) WriteText(w io.Writer, color bool) error {
	t := &textWriter{color: color}
	d.text(t)
	_, err := io.WriteString(w, plaintext.Secrets.String(t.words.String()))
	return err
}

// writePlainPage writes the words for a terminal on a page.
func writePlainPage(w io.Writer, d *Document) error {
	var words strings.Builder
	if err := d.WriteText(&words, false); err != nil {
		return err
	}
	return page.WritePlain(w, d.Headline, words.String())
}
