package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/page"
)

// Report is a run and what was decided about it.
type Report = summary.Report

// Release is one run among several.
type Release = summary.Release

// Live makes the charts of a run under way.
type Live = plot.Live

// WriteLivePage writes the page that follows a run under way.
func WriteLivePage(w io.Writer) error { return page.WriteLive(w) }

// Audit looks for figures that cannot all be true: see summary.Audit.
func Audit(r Report) []string { return summary.Audit(r) }

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
