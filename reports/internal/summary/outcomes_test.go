package summary_test

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// A limit is said to be a side's where there are two; a version alone is nobody's candidate.
func TestALimitNamesItsSideOfTwoOnly(t *testing.T) {
	slo, err := verdict.ParseSLO("token p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	for situation, named := range map[string]bool{"single": false, "usual": true} {
		r := fixture.Situations()[situation]
		r.Verdict.SLOs = []verdict.SLOResult{{SLO: slo, Side: verdict.Candidate, Value: 0.02, Held: true}}
		lines := summary.Slos(summary.Of(r))
		if len(lines) != 1 || !strings.HasPrefix(lines[0].Text, slo.String()) || lines[0].Word != "held" {
			t.Fatalf("%s: %+v; want the limit, held", situation, lines)
		}
		if got := strings.Contains(lines[0].Text, "(candidate)"); got != named {
			t.Errorf("%s: %q; a side is named: want %t", situation, lines[0].Text, named)
		}
	}
}

// In a picture versions of one name are told apart by their roles.
func TestVersionsOfOneNameAreTheirRoles(t *testing.T) {
	a := summary.Side{Role: bench.Baseline, Deployment: bench.Deployment{Name: "hydra:v2"}}
	b := summary.Side{Role: bench.Candidate, Deployment: bench.Deployment{Name: "hydra:v26"}}
	c := summary.Side{Role: bench.Candidate, Deployment: a.Deployment}
	for _, test := range []struct {
		sides []summary.Side
		want  string
	}{
		{[]summary.Side{a, b}, "hydra:v2 hydra:v26"},
		{[]summary.Side{a, c}, "baseline candidate"},
		{[]summary.Side{c}, "hydra:v2"},
	} {
		s := &summary.Summary{Sides: test.sides}
		var called []string
		for _, x := range test.sides {
			called = append(called, summary.Called(s, x))
		}
		if got := strings.Join(called, " "); got != test.want {
			t.Errorf("%s; want %s", got, test.want)
		}
	}
}

// The first sentence of a version that failed says by a figure what it did: wrong answers of it alone
// before all else, however slow it was.
func TestTheFirstSentenceHasAFigure(t *testing.T) {
	slo, err := verdict.ParseSLO("token p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	wrong := func(r summary.Report, role bench.Role, n int64) {
		for i := range r.Run.Trials {
			if tr := &r.Run.Trials[i]; tr.Role == role {
				fixture.Fail(&tr.Measurements[0], bench.Invalid, n, "revoked token is active")
				return
			}
		}
	}
	for _, c := range []struct {
		what, situation string
		make            func(r *summary.Report)
		want            []string
	}{
		{"wrong answers", "usual", func(r *summary.Report) { wrong(*r, bench.Candidate, 3) },
			[]string{"gave 3 wrong answers in ", "; the baseline gave none."}},
		{"wrong answers of both, and slower", "usual", func(r *summary.Report) {
			wrong(*r, bench.Candidate, 3)
			wrong(*r, bench.Baseline, 2)
		}, []string{"slower at"}},
		{"wrong answers of both", "usual", func(r *summary.Report) {
			wrong(*r, bench.Candidate, 3)
			wrong(*r, bench.Baseline, 2)
			r.Verdict.Decision = verdict.Failed
		}, []string{"the candidate 3 in ", "the baseline 2 in ", "neither can be passed"}},
		{"wrong answers of the baseline, which the candidate gives when it is asked", "usual",
			func(r *summary.Report) {
				wrong(*r, bench.Baseline, 2)
				r.Verdict.Decision = verdict.Failed
			}, []string{"the candidate where it was asked beside the load and the baseline 2 in "}},
		{"wrong when it is asked, and slower", "usual", func(r *summary.Report) {
			r.Verdict.ByPercentiles = false
			r.Run.Trials[0].Role = bench.Candidate
			r.Run.Trials[0].Flaws = []bench.Flaw{{Check: "authentication", What: "any secret"}}
		}, []string{"was found wrong in 1 point."}},
		{"dead, and slower", "usual", func(r *summary.Report) {
			r.Verdict.ByPercentiles = false
			r.Run.Trials[0].Role, r.Run.Trials[0].Died = bench.Candidate, "exit status 2"
		}, []string{"died under load, 1 time."}},
		{"wrong answers of a warm-up alone", "usual", func(r *summary.Report) {
			wrong(*r, bench.Candidate, 3)
			for i := range r.Run.Trials {
				r.Run.Trials[i].Warmup, r.Run.Trials[i].Excluded = i < 4, nil
			}
		}, []string{" (warm-ups included); the baseline gave none."}},
		{"a missed limit", "usual", func(r *summary.Report) {
			r.Verdict.ByPercentiles = false
			r.Verdict.SLOs = []verdict.SLOResult{{SLO: slo, Side: verdict.Baseline, Value: 4e7, Held: true},
				{SLO: slo, Side: verdict.Candidate, Value: 6e7}}
		}, []string{"missed its one limit (token p99 < 50ms: 60 ms)."}},
		{"wrong answers of one version", "single", func(r *summary.Report) {
			wrong(*r, bench.Candidate, 1)
			r.Verdict.Decision = verdict.Failed
		}, []string{"One version was measured: it gave 1 wrong answer in "}},
	} {
		r := fixture.Situations()[c.situation]
		if c.situation == "usual" {
			r.Verdict.Decision = verdict.Regression
		}
		c.make(&r)
		for _, want := range c.want {
			if got := summary.Of(r).Answer(); !strings.Contains(got, want) {
				t.Errorf("%s: %q; want %q", c.what, got, want)
			}
		}
	}
}
