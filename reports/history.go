package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/trend"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// History is a series of stored baselines, oldest first, that were measured alike.
type History struct {
	Releases []*bench.StoredBaseline
	// LeftOut tells of each baseline that was not measured like the newest, and why.
	LeftOut []string
}

// historyBar is the width of the longest bar, in columns.
const historyBar = 24

// namedChange is the smallest change that is named, as a fraction: of quiet releases the
// test finds tenths of a percent, which nobody needs to know.
const namedChange = 0.01

// Document reports on the series.
func (h History) Document() *Document {
	d := &Document{Headline: "history of " + units.Plural(len(h.Releases), "release"), text: h.text}
	d.values = func() (all []Value) {
		for _, r := range h.Releases {
			all = append(all, mergedValues(r.Name, r)...)
		}
		return all
	}
	return d
}

// text is a table for each operation and the releases at which it changed.
func (h History) text(t *textWriter) {
	for _, why := range h.LeftOut {
		t.wrap("left out   ", plaintext.Line(why))
	}
	tested := 0
	for _, operation := range h.operations() {
		t.line("%s", units.Clip(plaintext.Line(operation), 40))
		t.line("  %s  %s  %s  %s  %s  %s", pad("release", 20), pad("measured", 10), padLeft("P50", 8),
			padLeft("P95", 8), padLeft("P99", 8), "P95")
		longest := time.Duration(1)
		for _, r := range h.Releases {
			if m := r.Operation(operation); m != nil {
				longest = max(longest, m.Response.Quantile(.95))
			}
		}
		for _, r := range h.Releases {
			cells := []string{units.None, units.None, units.None}
			bar := ""
			if m := r.Operation(operation); m != nil {
				q := m.Response.Quantiles(summary.Headlines...)
				for i, d := range q {
					cells[i] = units.Duration(d)
				}
				bar = strings.Repeat("#", max(1, int(historyBar*q[1]/longest)))
			}
			t.line("  %s  %s  %s  %s  %s  %s", pad(units.Clip(plaintext.Line(r.Name), 20), 20),
				r.Header.Started.UTC().Format(time.DateOnly),
				padLeft(cells[0], 8), padLeft(cells[1], 8), padLeft(cells[2], 8), bar)
		}
		for _, q := range summary.Headlines {
			tested++
			h.changes(t, operation, q)
		}
	}
	switch n := len(h.Releases); {
	case n < 8:
		t.wrap("", fmt.Sprintf("%s: a change can be told from chance with 8 or more.",
			units.Plural(n, "comparable release")))
	default:
		t.wrap("", fmt.Sprintf("Changes by E-divisive over %d releases, %d series tested at 5 %% each; changes below "+
			"1 %% are not named. Releases were not measured side by side: a change of the machine looks like one of "+
			"the server.", n, tested))
	}
}

// changes names the releases at which one quantile changed.
func (h History) changes(t *textWriter, operation string, quantile float64) {
	var names []string
	var values []time.Duration
	for _, r := range h.Releases {
		if m := r.Operation(operation); m != nil {
			names = append(names, r.Name)
			values = append(values, max(m.Response.Quantile(quantile), 1))
		}
	}
	for _, c := range trend.Changes(values) {
		if math.Abs(math.Log(float64(c.After)/float64(c.Before))) < math.Log1p(namedChange) {
			continue
		}
		t.wrap("  changed  ", fmt.Sprintf("%s at %s: %s -> %s (×%s, p=%.2g)", verdict.Percentile(quantile),
			plaintext.Line(names[c.At]),
			units.Duration(c.Before), units.Duration(c.After), units.Factor(float64(c.After)/float64(c.Before)), c.P))
	}
}

// operations are those of any release, sorted.
func (h History) operations() []string {
	var all []string
	for _, r := range h.Releases {
		for _, m := range r.Merged {
			all = append(all, m.Operation)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Chains is what comparisons that share versions say of a series of releases.
type Chains struct {
	Series []ChainSeries
	// LeftOut tells of each run that is no part of a chain, and why.
	LeftOut []string
}

// ChainSeries is the chain of one operation at one quantile.
type ChainSeries struct {
	Operation string
	Quantile  float64
	trend.Chain
}

// Document reports on the chains.
func (c Chains) Document() *Document {
	longest := 0
	for _, s := range c.Series {
		longest = max(longest, len(s.Releases))
	}
	return &Document{
		Headline: "chain of " + units.Plural(longest, "release"),
		text:     c.text,
		values: func() (all []Value) {
			for _, s := range c.Series {
				for i := 1; i < len(s.Releases); i++ {
					m := s.Between(0, i)
					all = append(all, Value{Release: s.Releases[i], Operation: s.Operation,
						Statistic: "ratio " + verdict.Percentile(s.Quantile), Number: m.Ratio, Low: m.Low,
						High: m.High})
				}
			}
			return all
		},
	}
}

// text is a table for each operation and quantile, and the releases over which it changed.
func (c Chains) text(t *textWriter) {
	for _, why := range c.LeftOut {
		t.wrap("left out   ", plaintext.Line(why))
	}
	for _, s := range c.Series {
		t.line("%s %s", units.Clip(plaintext.Line(s.Operation), 40), verdict.Percentile(s.Quantile))
		t.line("  %s  %s  %s", pad("release", 28), pad("to the one before [90 %]", 26), "to the first")
		for i, name := range s.Releases {
			name = pad(units.Clip(plaintext.Line(name), 28), 28)
			if i == 0 {
				t.line("  %s  %s  %s", name, pad(units.None, 26), units.None)
				continue
			}
			t.line("  %s  %s  %s", name, pad(moved(s.Between(i-1, i)), 26), moved(s.Between(0, i)))
		}
		for _, m := range s.Moves() {
			t.wrap("  changed  ", s.says(m))
		}
	}
	t.wrap("", fmt.Sprintf("Each ratio was measured side by side, so that what differs between machines and days "+
		"cancels; rates are those of each run. A change is named when at most 5 %% of chains without any show one as "+
		"large; %s series tested, each at 5 %%.", units.Count(int64(len(c.Series)))))
}

// moved is a change with its interval.
func moved(m trend.Move) string {
	return fmt.Sprintf("%s [%s, %s]", units.Change(m.Ratio), units.Change(m.Low), units.Change(m.High))
}

// says a change in words: a jump at one release, or a creep over several.
func (s ChainSeries) says(m trend.Move) string {
	to := plaintext.Line(s.Releases[m.To])
	if m.To == m.From+1 {
		return fmt.Sprintf("at %s: %s (p=%.2g)", to, moved(m), m.P)
	}
	word := "slower"
	if m.Ratio < 1 {
		word = "faster"
	}
	return fmt.Sprintf("slowly %s from %s to %s: %s over %s, %s each (p=%.2g)", word,
		plaintext.Line(s.Releases[m.From]),
		to, moved(m), units.Plural(m.To-m.From, "release"), units.Change(math.Max(m.EachRelease(), 0)), m.P)
}
