package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Apart is a candidate's run against a stored baseline. It has figures and a verdict,
// and no plots: a baseline does not keep single requests over time.
type Apart struct {
	Name      string // The baseline was saved under it.
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

// Document reports on the comparison.
func (a Apart) Document() *Document {
	return &Document{
		Headline: a.headline(), Decision: a.Verdict.Decision, Reasons: a.Verdict.Reasons,
		text:   a.text,
		values: a.values,
		json:   func() any { return a.file() },
		cases:  func(suite *junitSuite) { suite.addVerdict(a.Verdict) },
		junit:  a.suite,
	}
}

// headline is the first line: the decision, and the doubt that comes with it.
func (a Apart) headline() string {
	return fmt.Sprintf("%s, MACHINE DRIFT NOT CONTROLLED: %s against the stored baseline %s",
		strings.ToUpper(string(a.Verdict.Decision)), plaintext.Line(a.Candidate.Name), plaintext.Line(a.Name))
}

func (a Apart) text(t *textWriter) {
	first, rest, _ := strings.Cut(a.headline(), ": ")
	t.line("%s: %s", t.paint(first, a.Verdict.Decision), rest)
	t.wrap("", "The two were "+verdict.ApartNote+".")
	if a.Instead != nil {
		t.line("  %s", plaintext.Shell(a.Instead))
	}
	for _, why := range a.Verdict.Reasons {
		t.wrap("  - ", plaintext.Line(why))
	}
	t.wrap("baseline   ", fmt.Sprintf("%s, measured %s", summary.Identity(summary.Side{Deployment: a.Baseline}),
		a.Then.UTC().Format(time.DateTime)))
	t.wrap("candidate  ", fmt.Sprintf("%s, measured %s", summary.Identity(summary.Side{Deployment: a.Candidate}),
		a.Now.UTC().Format(time.DateTime)))
	for _, d := range a.Allowed {
		t.wrap("differs    ", plaintext.Line(d))
	}
	t.line("")
	t.line("%s  %s  %s  %s  %s  %s", pad("", 13), padLeft("baseline", 9), padLeft("candidate", 9),
		pad("ratio", 5)+" "+pad("change [90 % interval]", 23), pad("margin", 6), "decision")
	for i := range a.Verdict.Comparisons {
		c := &a.Verdict.Comparisons[i]
		word := summary.DecisionWords(c)
		t.line("%s  %s  %s  %s  %s  %s", pad(units.Clip(plaintext.Line(c.Name()), 13), 13),
			padLeft(units.DurationOrNone(c.Baseline), 9), padLeft(units.DurationOrNone(c.Candidate), 9),
			pad(summary.Estimate(c), 5)+" "+pad(summary.Change(c), 23), pad(units.Margin(c.Margin), 6),
			t.paint(word, c.Decision))
	}
	for _, r := range a.Verdict.SLOs {
		t.wrap("slo        ", plaintext.Line(r.String()))
	}
	for _, n := range slices.Concat(a.Verdict.Warnings, a.Verdict.Notes[min(1, len(a.Verdict.Notes)):]) {
		t.wrap("note       ", plaintext.Line(n))
	}
}

// file is verdict.json.
func (a Apart) file() any {
	return struct {
		Schema      int                             `json:"schema"`
		Headline    string                          `json:"headline"`
		SideBySide  bool                            `json:"side_by_side"` // never
		Name        string                          `json:"baseline"`
		Then        time.Time                       `json:"baseline_started"`
		Now         time.Time                       `json:"started"`
		Instead     []string                        `json:"instead,omitempty"`
		Deployments map[bench.Role]bench.Deployment `json:"deployments"`
		verdict.Verdict
	}{Schema, a.headline(), false, a.Name, a.Then, a.Now, a.Instead,
		map[bench.Role]bench.Deployment{bench.Baseline: a.Baseline, bench.Candidate: a.Candidate}, a.Verdict}
}

// suite is the suite with the case of the verdict.
func (a Apart) suite() junitSuite {
	suite := junitSuite{Name: "oauthbench: " + plaintext.Line(a.Candidate.Name) + " against the stored baseline " +
		plaintext.Line(a.Name), Time: "0", Timestamp: a.Now.UTC().Format("2006-01-02T15:04:05")}
	suite.add("verdict", a.Candidate.Name+" against the stored baseline "+a.Name, a.Verdict.Decision, verdict.ApartNote,
		a.Verdict.Reasons)
	return suite
}

// values are the percentiles of both versions and the ratios.
func (a Apart) values() []Value {
	var all []Value
	for i := range a.Verdict.Comparisons {
		c := &a.Verdict.Comparisons[i]
		label := strings.ToLower(verdict.Percentile(c.Quantile))
		for _, side := range []struct {
			role bench.Role
			name string
			took time.Duration
		}{{bench.Baseline, a.Baseline.Name, c.Baseline}, {bench.Candidate, a.Candidate.Name, c.Candidate}} {
			if side.took > 0 {
				all = append(all, Value{Role: side.role, Version: side.name, Operation: c.Operation, Statistic: label,
					Unit: "ns", Number: float64(side.took)})
			}
		}
		all = append(all, ratioValue("", label, c))
	}
	return all
}
