package reports

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
	"github.com/oauthbench/oauthbench/reports/page"
)

// OfReleases reports on several runs, in the order given: the candidates of one
// comparison, or the releases of a year. Verdicts that compare are corrected for their
// number (verdict.Family). differs says in which properties the runs differ, missing what
// was to be measured and was not.
func OfReleases(runs []Release, differs, missing []string) *Document {
	return ofReleases(summary.NewReleases(runs, differs, missing))
}

func ofReleases(r summary.Releases) *Document {
	reasons, decided := r.Because()
	d := &Document{
		Headline: r.Headline(), Decision: r.Decision(), Reasons: reasons, Decided: decided,
		text:     func(t *textWriter) { t.releases(r) },
		answer:   func(t *textWriter) { t.releasesAnswer(r) },
		cases:    func(suite *junitSuite) { addReleases(suite, r) },
		markdown: func(b *strings.Builder) { releasesMarkdown(b, r) },
		page:     func(w io.Writer) error { return page.WriteReleases(w, r) },
		json:     func() any { return newReleasesFile(r) },
		jsonFile: "releases.json",
		junit: func() junitSuite {
			return junitSuite{Name: "oauthbench: " + units.Plural(len(r.Runs), "release"), Time: "0"}
		},
		pictures: func() []plot.Figure { return plot.ReleasesFigures(r, plot.Wide) },
	}
	for i, name := range r.Names() {
		d.runs = append(d.runs, namedRun{name, r.Sums[i]})
	}
	d.values = func() (all []Value) {
		for _, run := range d.runs {
			all = append(all, valuesOf(run)...)
		}
		return all
	}
	return d
}

// releases writes the table of several runs.
func (t *textWriter) releases(r summary.Releases) {
	first, rest, _ := strings.Cut(r.Headline(), ": ")
	t.line("%s: %s", t.paint(first, r.Decision()), rest)
	for i, x := range r.Runs {
		v := r.Verdicts[i]
		word := string(v.Decision)
		if word == "" {
			word = "measured"
		}
		t.line("  %s  %s  %s", pad(units.Clip(r.Names()[i], 36), 36), t.paint(pad(word, 12), v.Decision),
			plaintext.Line(x.Dir))
		if v.Decision != verdict.Pass {
			for _, why := range v.Reasons {
				t.wrap("    - ", plaintext.Line(why))
			}
		}
	}
	for _, m := range r.Missing {
		t.wrap("  not measured: ", plaintext.Line(m))
	}
	if why := r.NotCompared(); why != "" {
		t.wrap("  ", why)
	}
	for _, l := range r.Loads() {
		t.wrap("  load: ", l)
	}
	times := responseTimes(r)
	for _, op := range r.Operations() {
		t.line("")
		for k, rows := range r.Rows(op) {
			t.line("%s %s, %s", units.Clip(plaintext.Line(op), 40), verdict.Percentile(summary.ShownTails[k]), times)
			for _, row := range rows {
				cells := "  " + pad(units.Clip(row.Version.Name, 36), 36) + "  " + pad(timeWords(row.Located), 28)
				switch c := row.Comparison; {
				case row.Version.Role == bench.Baseline:
					cells += "  baseline"
				case c != nil:
					cells += "  " + summary.Both(c)
				}
				t.line("%s", strings.TrimRight(cells, " "))
			}
		}
	}
	t.line("")
	for i, n := range r.Notes() {
		t.wrap(fmt.Sprintf("[%d] ", i+1), n)
	}
}

// timeWords is a figure with its interval.
func timeWords(l summary.Located) string {
	if l.Value == 0 {
		return "not measured"
	}
	return plot.BarRow{Located: l}.Words()
}

// responseTimes heads the figures, with what stands behind them where any has it.
func responseTimes(r summary.Releases) string {
	if r.Located() {
		return "response time [90 % interval]"
	}
	return "response time"
}

func releasesMarkdown(b *strings.Builder, r summary.Releases) {
	fmt.Fprintf(b, "## oauthbench: %s\n\n| release | decision | why |\n|---|---|---|\n", md(r.Headline()))
	for i := range r.Runs {
		v := r.Verdicts[i]
		why := ""
		if v.Decision != verdict.Pass && len(v.Reasons) > 0 {
			why = units.Clip(v.Reasons[0], 300)
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", md(units.Clip(r.Names()[i], 80)), v.Decision, md(why))
	}
	for _, m := range r.Missing {
		fmt.Fprintf(b, "| | not measured | %s |\n", md(units.Clip(m, 300)))
	}
	b.WriteString("\n")
	for _, l := range r.Loads() {
		fmt.Fprintf(b, "Load: %s.\n\n", md(units.Clip(l, 1000)))
	}
	b.WriteString("| operation | | release | " + responseTimes(r) + " | against the baseline " +
		"|\n|---|---|---|--:|---|\n")
	for _, op := range r.Operations() {
		for k, rows := range r.Rows(op) {
			for _, row := range rows {
				against := "baseline"
				if row.Version.Role == bench.Candidate {
					against = strings.Replace(strings.TrimPrefix(summary.Both(row.Comparison), units.None), "~", `\~`,
						1)
				}
				if b.Len() < markdownLimit-4000 {
					fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", md(units.Clip(op, 80)),
						verdict.Percentile(summary.ShownTails[k]), md(units.Clip(row.Version.Name, 80)),
						timeWords(row.Located), against)
				}
			}
		}
	}
	b.WriteString("\n")
	for _, n := range r.Notes() {
		fmt.Fprintf(b, "- %s\n", md(units.Clip(n, 500)))
	}
}

// releasesFile is releases.json.
type releasesFile struct {
	Schema   int              `json:"schema"`
	Decision verdict.Decision `json:"decision"`
	Headline string           `json:"headline"`
	Runs     []releaseJSON    `json:"runs"`
	Missing  []string         `json:"missing,omitempty"`
	Figures  []releasedJSON   `json:"figures"`
	Notes    []string         `json:"notes"`
}

type releaseJSON struct {
	Dir       string           `json:"dir"`
	Baseline  string           `json:"baseline,omitempty"`
	Candidate string           `json:"candidate,omitempty"`
	Started   time.Time        `json:"started"`
	Decision  verdict.Decision `json:"decision"` // corrected for the number of candidates
	Reasons   []string         `json:"reasons"`
}

// releasedJSON is one version at one operation and quantile.
type releasedJSON struct {
	Operation string            `json:"operation"`
	Quantile  float64           `json:"quantile"`
	Version   string            `json:"version"`
	Role      bench.Role        `json:"role"`
	Run       int               `json:"run"` // index into runs
	Value     time.Duration     `json:"value_ns"`
	Low       time.Duration     `json:"low_ns"` // of the 90 % interval; 0 when not known
	High      time.Duration     `json:"high_ns"`
	Ratio     *verdict.Interval `json:"ratio,omitempty"`
}

func newReleasesFile(r summary.Releases) releasesFile {
	f := releasesFile{Schema: Schema, Decision: r.Decision(), Headline: r.Headline(), Runs: []releaseJSON{},
		Missing: r.Missing, Figures: []releasedJSON{}, Notes: append([]string{}, r.Notes()...)}
	for i, x := range r.Runs {
		f.Runs = append(f.Runs, releaseJSON{x.Dir, x.Run.Deployments[bench.Baseline].Name,
			x.Run.Deployments[bench.Candidate].Name, x.Run.Started,
			r.Verdicts[i].Decision, append([]string{}, r.Verdicts[i].Reasons...)})
	}
	for _, op := range r.Operations() {
		for k, rows := range r.Rows(op) {
			for _, row := range rows {
				if row.Value == 0 {
					continue
				}
				one := releasedJSON{Operation: op, Quantile: summary.ShownTails[k], Version: row.Version.Name,
					Role: row.Version.Role, Run: row.Version.Run, Value: row.Value, Low: row.Low, High: row.High}
				if row.Comparison != nil {
					one.Ratio = &row.Comparison.Ratio
				}
				f.Figures = append(f.Figures, one)
			}
		}
	}
	return f
}

// addReleases adds a case for each release.
func addReleases(suite *junitSuite, r summary.Releases) {
	for i, x := range r.Runs {
		v := r.Verdicts[i]
		suite.add("verdict", r.Names()[i], v.Decision, "see "+x.Dir, v.Reasons)
	}
	for _, m := range r.Missing {
		suite.add("verdict", m, verdict.Inconclusive, "not measured", nil)
	}
}
