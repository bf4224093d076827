package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/summary"
	"oauthbench/reports/internal/units"
)

// Apart is a candidate's run against a stored baseline. It has figures and a verdict,
// and no plots: a baseline does not keep single requests over time.
type Apart struct {
	Name      string // of the baseline
	Baseline  bench.Deployment
	Candidate bench.Deployment
	Then, Now time.Time // when each was measured
	Verdict   verdict.Verdict
	// Allowed names what differs and was allowed to.
	Allowed []string
	// Instead is the command that measures both side by side, nil when the baseline
	// cannot be started here.
	Instead []string
}

// Headline is the first line: the decision, and the doubt that comes with it.
func (a Apart) Headline() string {
	return fmt.Sprintf("%s, MACHINE DRIFT NOT CONTROLLED: %s against the stored baseline %s",
		strings.ToUpper(string(a.Verdict.Decision)), plaintext.Line(a.Candidate.Name), plaintext.Line(a.Name))
}

// Write prints the table for a terminal.
func (a Apart) Write(w io.Writer, color bool) error {
	t := &textWriter{color: color}
	first, rest, _ := strings.Cut(a.Headline(), ": ")
	t.line("%s: %s", t.paint(first, a.Verdict.Decision), rest)
	t.wrap("", "The two were "+verdict.ApartNote+".")
	if a.Instead != nil {
		t.line("  %s", plaintext.Shell(a.Instead))
	}
	for _, why := range a.Verdict.Reasons {
		t.wrap("  - ", plaintext.Line(why))
	}
	t.wrap("baseline   ", fmt.Sprintf("%s, measured %s", summary.Identity(summary.Side{Deployment: a.Baseline}), a.Then.UTC().Format(time.DateTime)))
	t.wrap("candidate  ", fmt.Sprintf("%s, measured %s", summary.Identity(summary.Side{Deployment: a.Candidate}), a.Now.UTC().Format(time.DateTime)))
	for _, d := range a.Allowed {
		t.wrap("differs    ", plaintext.Line(d))
	}
	t.line("")
	t.line("%s  %s  %s  %s  %s  %s", pad("", 20), padLeft("baseline", 10), padLeft("candidate", 10), pad("ratio [90 % interval]", 22), pad("margin", 6), "decision")
	for i := range a.Verdict.Comparisons {
		c := &a.Verdict.Comparisons[i]
		word := string(c.Decision)
		if !c.Gating {
			word += ", advisory"
		}
		t.line("%s  %s  %s  %s  %s  %s", pad(units.Clip(plaintext.Line(c.Name()), 20), 20), padLeft(units.DurationOrNone(c.Baseline), 10), padLeft(units.DurationOrNone(c.Candidate), 10),
			pad(summary.Ratio(c, "x"), 22), pad("x"+units.Factor(1+c.Margin), 6), t.paint(word, c.Decision))
	}
	for _, r := range a.Verdict.SLOs {
		t.wrap("slo        ", plaintext.Line(r.String()))
	}
	for _, n := range slices.Concat(a.Verdict.Warnings, a.Verdict.Notes[min(1, len(a.Verdict.Notes)):]) {
		t.wrap("note       ", plaintext.Line(n))
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// WriteAll writes report.txt, report.md, verdict.json and junit.xml into dir, which
// must exist; see the package's WriteAll.
func (a Apart) WriteAll(dir string) error {
	return errors.Join(
		writeFile(filepath.Join(dir, "report.txt"), func(w io.Writer) error { return a.Write(w, false) }),
		writeFile(filepath.Join(dir, "report.md"), a.writeMarkdown),
		writeFile(filepath.Join(dir, "verdict.json"), a.writeJSON),
		writeFile(filepath.Join(dir, "junit.xml"), a.writeJUnit),
	)
}

// writeMarkdown sets the terminal's table in a fence that nothing in it can close.
func (a Apart) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	if err := a.Write(&b, false); err != nil {
		return err
	}
	text := units.Clip(b.String(), markdownLimit)
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	_, err := fmt.Fprintf(w, "## oauthbench: %s\n\n%s\n%s\n%s\n", md(strings.ToUpper(string(a.Verdict.Decision))), fence, text, fence)
	return err
}

func (a Apart) writeJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Schema      int                             `json:"schema"`
		Headline    string                          `json:"headline"`
		SideBySide  bool                            `json:"side_by_side"` // never
		Name        string                          `json:"baseline"`
		Then        time.Time                       `json:"baseline_started"`
		Now         time.Time                       `json:"started"`
		Instead     []string                        `json:"instead,omitempty"`
		Deployments map[bench.Role]bench.Deployment `json:"deployments"`
		verdict.Verdict
	}{Schema, a.Headline(), false, a.Name, a.Then, a.Now, a.Instead,
		map[bench.Role]bench.Deployment{bench.Baseline: a.Baseline, bench.Candidate: a.Candidate}, a.Verdict})
}

func (a Apart) writeJUnit(w io.Writer) error {
	suite := junitSuite{Name: "oauthbench: " + plaintext.Line(a.Candidate.Name) + " against the stored baseline " + plaintext.Line(a.Name), Time: "0", Timestamp: a.Now.UTC().Format("2006-01-02T15:04:05")}
	suite.add("verdict", a.Candidate.Name+" against the stored baseline "+a.Name, a.Verdict.Decision, verdict.ApartNote, a.Verdict.Reasons)
	suite.addVerdict(a.Verdict)
	return suite.write(w)
}
