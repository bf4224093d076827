package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// OfBaseline reports on what a stored baseline holds.
func OfBaseline(b *bench.StoredBaseline) *Document {
	return &Document{
		Headline: plaintext.Line(b.Name) + ": " + summary.Identity(summary.Side{Deployment: b.Deployment()}),
		text:     func(t *textWriter) { t.baseline(b) },
		values:   func() []Value { return mergedValues("", b) },
	}
}

// mergedValues are the percentiles and statistics of all trials of a baseline together.
func mergedValues(release string, b *bench.StoredBaseline) []Value {
	var all []Value
	for _, m := range b.Merged {
		add := func(statistic, unit string, v float64) {
			all = append(all, Value{
				Release: release, Role: b.Role, Version: b.Deployment().Name, Operation: m.Operation,
				Statistic: statistic, Unit: unit, Number: v,
			})
		}
		for i, v := range m.Response.Quantiles(summary.Headlines...) {
			add(strings.ToLower(verdict.Percentile(summary.Headlines[i])), "ns", float64(v))
		}
		add("max", "ns", float64(m.Response.Max()))
		for _, st := range summary.Statistics {
			add(st.Column, st.Unit, st.Of(m))
		}
	}
	return all
}

func (t *textWriter) baseline(b *bench.StoredBaseline) {
	d := b.Deployment()
	t.line("%s: %s", plaintext.Line(b.Name), summary.Identity(summary.Side{Deployment: d}))
	t.line("measured   %s, saved %s, by %s", b.Header.Started.UTC().Format(time.DateTime),
		b.Saved.UTC().Format(time.DateTime), plaintext.Line(b.Header.Tool))
	t.wrap("command    ", plaintext.Shell(b.Header.Command))
	for _, l := range b.Header.Loads {
		t.wrap("load       ", summary.LoadWords(l))
	}
	e := b.Header.Environment
	t.wrap("machine    ", plaintext.Line(fmt.Sprintf("%s %s, %s, %d cores", e.OS, e.Arch, e.CPU, e.Cores)))
	var settings []string
	for _, f := range summary.Facts((&summary.Summary{Sides: []summary.Side{{Deployment: d}}})) {
		settings = append(settings, f.Name+" "+f.Values[0])
	}
	t.wrap("settings   ", strings.Join(settings, ", "))
	t.wrap("trials     ", fmt.Sprintf("%d as %s, %d more left out for outside disturbance", len(b.Trials), b.Role,
		b.Excluded))
	t.line("")
	t.line("%s  %s  %s  %s  %s  %s  %s", pad("operation", baselineWidth), padLeft("arrivals", 10), padLeft("not OK", 8),
		padLeft("P50", 8), padLeft("P95", 8), padLeft("P99", 8), padLeft("max", 8))
	for _, m := range b.Merged {
		q := m.Response.Quantiles(summary.Headlines...)
		t.line("%s  %s  %s  %s  %s  %s  %s", pad(units.Clip(plaintext.Line(m.Operation), baselineWidth), baselineWidth),
			padLeft(units.Count(m.Outcomes.Total()), 10), padLeft(units.Count(m.Outcomes.Failed()), 8),
			padLeft(units.Duration(q[0]), 8), padLeft(units.Duration(q[1]), 8), padLeft(units.Duration(q[2]), 8),
			padLeft(units.Duration(m.Response.Max()), 8))
	}
}

// baselineWidth is the width of the names of operations, in characters.
const baselineWidth = 12
