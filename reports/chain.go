package reports

import (
	"fmt"
	"math"

	"oauthbench/bench/trend"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/units"
)

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
	t.wrap("", fmt.Sprintf("Each ratio was measured side by side, so that what differs between machines and "+
		"days cancels; "+
		"rates are those of each run. A change is named when at most 5 %% of chains without any show one as large; "+
		"%s tested, each at 5 %%.", units.Plural(len(c.Series), "series")))
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
