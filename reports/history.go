package reports

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
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

// Write prints a table for each operation and the releases at which it changed.
func (h History) Write(w io.Writer) error {
	t := &textWriter{}
	for _, why := range h.LeftOut {
		t.wrap("left out   ", plain(why))
	}
	tested := 0
	for _, operation := range h.operations() {
		t.line("%s", clip(plain(operation), 40))
		t.line("  %s  %s  %s  %s  %s  %s", pad("release", 20), pad("measured", 10), padLeft("P50", 8), padLeft("P95", 8), padLeft("P99", 8), "P95")
		longest := time.Duration(1)
		for _, r := range h.Releases {
			if m := r.Operation(operation); m != nil {
				longest = max(longest, m.Response.Quantile(.95))
			}
		}
		for _, r := range h.Releases {
			cells := []string{none, none, none}
			bar := ""
			if m := r.Operation(operation); m != nil {
				q := m.Response.Quantiles(headlines...)
				for i, d := range q {
					cells[i] = duration(d)
				}
				bar = strings.Repeat("#", max(1, int(historyBar*q[1]/longest)))
			}
			t.line("  %s  %s  %s  %s  %s  %s", pad(clip(plain(r.Name), 20), 20), r.Header.Started.UTC().Format(time.DateOnly),
				padLeft(cells[0], 8), padLeft(cells[1], 8), padLeft(cells[2], 8), bar)
		}
		for _, q := range headlines {
			tested++
			h.changes(t, operation, q)
		}
	}
	switch n := len(h.Releases); {
	case n < 8:
		t.wrap("", fmt.Sprintf("%s: a change can be told from chance with 8 or more.", plural(n, "comparable release")))
	default:
		t.wrap("", fmt.Sprintf("Changes by E-divisive over %d releases, %d series tested at 5 %% each; changes below 1 %% are not named. Releases were not measured side by side: a change of the machine looks like one of the server.", n, tested))
	}
	_, err := io.WriteString(w, t.String())
	return err
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
	for _, c := range verdict.Changes(values) {
		if math.Abs(math.Log(float64(c.After)/float64(c.Before))) < math.Log1p(namedChange) {
			continue
		}
		t.wrap("  changed  ", fmt.Sprintf("%s at %s: %s -> %s (x%s, p=%.2g)", verdict.Percentile(quantile), plain(names[c.At]),
			duration(c.Before), duration(c.After), factor(float64(c.After)/float64(c.Before)), c.P))
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

// WriteBaseline prints what a stored baseline holds.
func WriteBaseline(w io.Writer, b *bench.StoredBaseline) error {
	t := &textWriter{}
	d := b.Deployment()
	t.line("%s: %s", plain(b.Name), identity(side{deployment: d}))
	t.line("measured   %s, saved %s, by %s", b.Header.Started.UTC().Format(time.DateTime), b.Saved.UTC().Format(time.DateTime), plain(b.Header.Tool))
	t.wrap("command    ", Shell(b.Header.Command))
	for _, l := range b.Header.Loads {
		t.wrap("load       ", loadWords(l))
	}
	e := b.Header.Environment
	t.wrap("machine    ", plain(fmt.Sprintf("%s %s, %s, %d cores", e.OS, e.Arch, e.CPU, e.Cores)))
	var settings []string
	for _, f := range (&summary{sides: []side{{deployment: d}}}).facts() {
		settings = append(settings, f.Name+" "+f.Values[0])
	}
	t.wrap("settings   ", strings.Join(settings, ", "))
	t.wrap("trials     ", fmt.Sprintf("%d as %s, %d more left out for outside disturbance", len(b.Trials), b.Role, b.Excluded))
	t.line("")
	t.line("%s  %s  %s  %s  %s  %s  %s", pad("operation", labelWidth), padLeft("arrivals", 10), padLeft("not OK", 8), padLeft("P50", 8), padLeft("P95", 8), padLeft("P99", 8), padLeft("max", 8))
	for _, m := range b.Merged {
		q := m.Response.Quantiles(headlines...)
		t.line("%s  %s  %s  %s  %s  %s  %s", pad(clip(plain(m.Operation), labelWidth), labelWidth), padLeft(count(m.Outcomes.Total()), 10), padLeft(count(m.Outcomes.Failed()), 8),
			padLeft(duration(q[0]), 8), padLeft(duration(q[1]), 8), padLeft(duration(q[2]), 8), padLeft(duration(m.Response.Max()), 8))
	}
	_, err := io.WriteString(w, t.String())
	return err
}
