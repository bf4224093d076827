package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// WriteText writes the table for a terminal; see the package's WriteText.
func writeReleasesText(w io.Writer, r Releases, color bool) error {
	t := &textWriter{color: color}
	first, rest, _ := strings.Cut(r.headline(), ": ")
	t.line("%s: %s", t.paint(first, r.Decision()), rest)
	for i, x := range r.runs {
		v := r.judged[i]
		word := string(v.Decision)
		if word == "" {
			word = "measured"
		}
		t.line("  %s  %s  %s", pad(clip(x.name(bench.Candidate), 36), 36), t.paint(pad(word, 12), v.Decision), plain(x.Dir))
		if v.Decision != verdict.Pass {
			for _, why := range v.Reasons {
				t.wrap("    - ", plain(why))
			}
		}
	}
	for _, m := range r.missing {
		t.wrap("  not measured: ", plain(m))
	}
	for _, op := range r.operations() {
		t.line("")
		for k, rows := range r.rows(op) {
			t.line("%s %s, response time [90 %% interval]", clip(plain(op), 40), verdict.Percentile(shownTails[k]))
			for _, row := range rows {
				if row.Value == 0 {
					continue
				}
				cells := "  " + pad(clip(row.version.name, 36), 36) + "  " + pad(barRow{located: row.located}.words(), 28)
				switch c := row.comparison; {
				case row.version.role == bench.Baseline:
					cells += "  baseline"
				case c != nil:
					cells += "  " + ratio(c, "x")
				}
				t.line("%s", cells)
			}
		}
	}
	t.line("")
	for i, n := range r.notes() {
		t.wrap(fmt.Sprintf("[%d] ", i+1), n)
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// WriteAll writes report.html, report.txt, report.md, releases.json, junit.xml, trials.csv
// and the picture into dir, which must exist; see the package's WriteAll.
func writeReleases(dir string, r Releases) error {
	errs := []error{
		writeFile(filepath.Join(dir, "report.txt"), func(w io.Writer) error { return writeReleasesText(w, r, false) }),
		writeFile(filepath.Join(dir, "report.md"), func(w io.Writer) error { return writeReleasesMarkdown(w, r) }),
		writeFile(filepath.Join(dir, "releases.json"), func(w io.Writer) error { return writeReleasesJSON(w, r) }),
		writeFile(filepath.Join(dir, "junit.xml"), func(w io.Writer) error { return writeReleasesJUnit(w, r) }),
		writeFile(filepath.Join(dir, "report.html"), func(w io.Writer) error { return writeReleasesHTML(w, r) }),
		writeFile(filepath.Join(dir, "trials.csv"), func(w io.Writer) error { return writeReleasesCSV(w, r) }),
	}
	for _, f := range releasesFigures(r, wide) {
		errs = append(errs, writeFile(filepath.Join(dir, f.name+".png"), f.writePNG), writeFile(filepath.Join(dir, f.name+".svg"), f.writeSVG))
	}
	return errors.Join(errs...)
}

func writeReleasesMarkdown(w io.Writer, r Releases) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## oauthbench: %s\n\n| release | decision | why |\n|---|---|---|\n", md(r.headline()))
	for i, x := range r.runs {
		v := r.judged[i]
		why := ""
		if v.Decision != verdict.Pass && len(v.Reasons) > 0 {
			why = clip(v.Reasons[0], 300)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", md(clip(x.name(bench.Candidate), 80)), v.Decision, md(why))
	}
	for _, m := range r.missing {
		fmt.Fprintf(&b, "| | not measured | %s |\n", md(clip(m, 300)))
	}
	b.WriteString("\n| operation | | release | response time [90 % interval] | against the baseline |\n|---|---|---|--:|---|\n")
	for _, op := range r.operations() {
		for k, rows := range r.rows(op) {
			for _, row := range rows {
				against := "baseline"
				if row.version.role == bench.Candidate {
					against = strings.Replace(strings.TrimPrefix(ratio(row.comparison, "×"), none), "~", `\~`, 1)
				}
				if row.Value > 0 && b.Len() < markdownLimit-4000 {
					fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", md(clip(op, 80)), verdict.Percentile(shownTails[k]), md(clip(row.version.name, 80)), barRow{located: row.located}.words(), against)
				}
			}
		}
	}
	b.WriteString("\n")
	for _, n := range r.notes() {
		fmt.Fprintf(&b, "- %s\n", md(clip(n, 500)))
	}
	_, err := io.WriteString(w, clip(b.String(), markdownLimit))
	return err
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

func writeReleasesJSON(w io.Writer, r Releases) error {
	f := releasesFile{Schema: Schema, Decision: r.Decision(), Headline: r.headline(), Runs: []releaseJSON{}, Missing: r.missing, Figures: []releasedJSON{}, Notes: append([]string{}, r.notes()...)}
	for i, x := range r.runs {
		f.Runs = append(f.Runs, releaseJSON{x.Dir, x.Run.Deployments[bench.Baseline].Name, x.Run.Deployments[bench.Candidate].Name, x.Run.Started,
			r.judged[i].Decision, append([]string{}, r.judged[i].Reasons...)})
	}
	for _, op := range r.operations() {
		for k, rows := range r.rows(op) {
			for _, row := range rows {
				if row.Value == 0 {
					continue
				}
				one := releasedJSON{Operation: op, Quantile: shownTails[k], Version: row.version.name, Role: row.version.role, Run: row.version.run, Value: row.Value, Low: row.Low, High: row.High}
				if row.comparison != nil {
					one.Ratio = &row.comparison.Ratio
				}
				f.Figures = append(f.Figures, one)
			}
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(f)
}

// writeCSV writes the rows of every run as of a single one, each after its release's name.
// Decisions are corrected for the number of candidates.
func writeReleasesCSV(w io.Writer, r Releases) error {
	rows := [][]string{append([]string{"release"}, csvColumns...)}
	names := r.names()
	for i, s := range r.sums {
		for _, row := range csvTable(s) {
			rows = append(rows, append([]string{cell(names[i])}, row...))
		}
	}
	return writeRows(w, rows)
}

func writeReleasesJUnit(w io.Writer, r Releases) error {
	suite := junitSuite{Name: "oauthbench: " + plural(len(r.runs), "release"), Time: "0"}
	for i, x := range r.runs {
		v := r.judged[i]
		suite.add("verdict", x.name(bench.Candidate), v.Decision, "see "+x.Dir, v.Reasons)
	}
	for _, m := range r.missing {
		suite.add("verdict", m, verdict.Inconclusive, "not measured", nil)
	}
	return suite.write(w)
}
