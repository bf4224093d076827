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
	d.answer = func(t *textWriter) { fitted(t, h.answer) }
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
			for _, c := range h.changes(operation, q) {
				t.wrap("  changed  ", c)
			}
		}
	}
	h.worth(t, tested)
}

// worth says what the changes that are named rest on.
func (h History) worth(t *textWriter, tested int) {
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
func (h History) changes(operation string, quantile float64) (said []string) {
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
		said = append(said, fmt.Sprintf("%s at %s: %s -> %s (×%s, p=%.2g)", verdict.Percentile(quantile),
			plaintext.Line(names[c.At]),
			units.Duration(c.Before), units.Duration(c.After), units.Factor(float64(c.After)/float64(c.Before)), c.P))
	}
	return said
}

// answer is what a person at a terminal wants to know of a history: what changed, and the newest release.
func (h History) answer(t *textWriter, size answerSize) {
	var changes []string
	tested := 0
	for _, operation := range h.operations() {
		for _, q := range summary.Headlines {
			tested++
			for _, c := range h.changes(operation, q) {
				changes = append(changes, units.Clip(plaintext.Line(operation), 22)+" "+c)
			}
		}
	}
	t.wrap("", fmt.Sprintf("history of %s: %s", units.Plural(len(h.Releases), "release"), named(changes)))
	firstOf(t, "changed  ", changes, size.rows)
	if n := len(h.LeftOut); n > 0 {
		t.line("left out: %s (--details says why)", units.Plural(n, "baseline"))
	}
	if len(h.Releases) == 0 {
		return
	}
	newest := h.Releases[len(h.Releases)-1]
	t.line("")
	t.line("%s  %s  %s  %s", pad("newest: "+units.Clip(plaintext.Line(newest.Name), 22), 30), padLeft("P50", 9),
		padLeft("P95", 9), padLeft("P99", 9))
	operations := h.operations()
	for i, operation := range operations {
		if i == size.rows {
			t.line("and %d more", len(operations)-i)
			break
		}
		cells := []string{pad(units.Clip(plaintext.Line(operation), 30), 30)}
		for k := range summary.Headlines {
			cell := units.None
			if m := newest.Operation(operation); m != nil {
				cell = units.Duration(m.Response.Quantiles(summary.Headlines...)[k])
			}
			cells = append(cells, padLeft(cell, 9))
		}
		t.line("%s", strings.Join(cells, "  "))
	}
	if !size.brief {
		h.worth(t, tested)
	}
}

// named says how many changes there are.
func named(changes []string) string {
	if len(changes) == 0 {
		return "no change is named"
	}
	return units.Plural(len(changes), "change")
}

// firstOf writes the first of several texts, and how many more there are.
func firstOf(t *textWriter, lead string, texts []string, most int) {
	for i, text := range texts {
		if i == most && len(texts) > most+1 {
			t.line("%s%d more (--details)", lead, len(texts)-most)
			return
		}
		t.wrap(lead, text)
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
		answer:   func(t *textWriter) { fitted(t, c.answer) },
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
	c.worth(t)
}

// worth says what the changes that are named rest on.
func (c Chains) worth(t *textWriter) {
	t.wrap("", fmt.Sprintf("Each ratio was measured side by side, so that what differs between machines and days "+
		"cancels; rates are those of each run. A change is named when at most 5 %% of chains without any show one as "+
		"large; %s series tested, each at 5 %%.", units.Count(int64(len(c.Series)))))
}

// answer is what a person at a terminal wants to know of chains: what changed, and the last release against the first.
func (c Chains) answer(t *textWriter, size answerSize) {
	var changes []string
	for _, s := range c.Series {
		for _, m := range s.Moves() {
			changes = append(changes, s.name()+" "+s.says(m))
		}
	}
	t.wrap("", c.Document().Headline+": "+named(changes))
	firstOf(t, "changed  ", changes, size.rows)
	if n := len(c.LeftOut); n > 0 {
		t.line("left out: %s (--details says why)", units.Plural(n, "run"))
	}
	t.line("")
	t.line("%s  the last release to the first [90 %%]", pad("", 22))
	for i, s := range c.Series {
		if i == size.rows && len(c.Series) > size.rows+1 {
			t.line("and %d more (--details)", len(c.Series)-i)
			break
		}
		t.line("%s  %s", pad(s.name(), 22), moved(s.Between(0, len(s.Releases)-1)))
	}
	if !size.brief {
		c.worth(t)
	}
}

// name is the operation and the percentile.
func (s ChainSeries) name() string {
	return units.Clip(plaintext.Line(s.Operation), 16) + " " + verdict.Percentile(s.Quantile)
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
