package summary_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// Whatever a report claims to have checked it says with the count, and where that is nothing
// it says so, also of a run that was somehow passed.
func TestNothingCheckedIsSaid(t *testing.T) {
	noAnswers := func(v *verdict.Verdict, r *bench.Run) {
		v.Comparisons = nil
		for i := range r.Trials {
			t := &r.Trials[i]
			t.Measurements, t.Planned, t.Sent, t.Achieved, t.Offered, t.InFlight = nil, 0, 0, 0, 0, 0
		}
	}
	for name, c := range map[string]struct {
		change       func(*verdict.Verdict, *bench.Run)
		alone        bool
		says, unsaid string
	}{
		"all was checked": {func(*verdict.Verdict, *bench.Run) {}, false, "none was wrong", "not checked"},
		"no gate": {func(v *verdict.Verdict, _ *bench.Run) { v.Comparisons = nil }, false, "no margin was checked",
			"beyond its margin"},
		"no answer": {noAnswers, false,
			"whether answers are wrong was not checked", "none was wrong"},
		"no request": {noAnswers, false, "failures were not checked",
			"no more of its"},
		"more failures": {func(_ *verdict.Verdict, r *bench.Run) {
			for i := range r.Trials {
				if t := &r.Trials[i]; t.Role == bench.Candidate && !t.Warmup {
					fixture.Fail(&t.Measurements[0], bench.Rejected, 2, "status 500")
					fixture.Recount(t)
				}
			}
		}, false, "11 of 9,000 requests failed and 3 of the baseline's 9,000", "no more of its"},
		"slower within the margin": {func(v *verdict.Verdict, _ *bench.Run) {
			for i := range v.Comparisons {
				c := &v.Comparisons[i]
				c.Gating, c.Decision = true, verdict.Pass
				c.Ratio = verdict.Interval{Estimate: 1.04, Low: 1.01, High: 1.10}
			}
		}, false, "is slower, by less than its margin, at ", "is no slower"},
		"faster by less than half": {func(v *verdict.Verdict, _ *bench.Run) {
			for i := range v.Comparisons {
				c := &v.Comparisons[i]
				c.Gating, c.Decision = true, verdict.Pass
				c.Ratio = verdict.Interval{Estimate: .8, Low: .75, High: .85}
			}
		}, false, " is 20 % faster at ", " is 25 % faster"},
		"no unit": {func(v *verdict.Verdict, _ *bench.Run) { v.Units = 0 }, false,
			"No response times of this run were compared", "judged on undisturbed pairs"},
		"no cost": {func(v *verdict.Verdict, _ *bench.Run) {
			v.Costs = nil
		}, false, "No cost of this run was compared", ""},
		"no block": {func(v *verdict.Verdict, _ *bench.Run) {
			v.Controls = []verdict.Control{{Operation: "token", Quantile: .95}}
		}, false, "Negative control, token P95: not checked", "agrees with itself"},
		"alone, no limit": {func(v *verdict.Verdict, _ *bench.Run) { v.SLOs = nil }, true, "no limit was checked",
			"was kept"},
		"alone, one refused": {failedOnly(bench.Outcomes{Rejected: 1}), true,
			"; 1 of 10,800 requests was refused.", "were refused"},
		"alone, two refused": {failedOnly(bench.Outcomes{Rejected: 2}), true, "; 2 of 10,800 requests were refused.",
			""},
		"alone, two kinds": {failedOnly(bench.Outcomes{Rejected: 1, Timeout: 2}), true,
			"; 3 of 10,800 requests failed: 1 rejected, 2 timeout.", "refused"},
		"alone, none failed": {failedOnly(bench.Outcomes{}), true, "its one limit was kept.", "0 of "},
		"alone, no limit, one refused": {func(v *verdict.Verdict, r *bench.Run) {
			v.Decision, v.SLOs = verdict.Measured, nil
			failedOnly(bench.Outcomes{Rejected: 1})(v, r)
		}, true, "nothing was passed or failed; 1 of 10,800 requests was refused.", ""},
		"alone, no answer": {noAnswers, true,
			"whether answers are wrong was not checked", "none was wrong"},
		"counted in warm-ups, too": {func(_ *verdict.Verdict, r *bench.Run) {
			fact(r, "authentication_asked", 4)
			r.Trials[0].Warmup, r.Trials[1].Warmup, r.Trials[7].Excluded = true, true, nil
		}, false, "asked (warm-ups included)", "trials that do not count"},
		"no authentication": {func(_ *verdict.Verdict, r *bench.Run) { fact(r, "authentication_asked", 0) }, false,
			"client authentication: not checked", "refusals of"},
		"no near miss": {func(_ *verdict.Verdict, r *bench.Run) { fact(r, "near_misses_asked", 0) }, false,
			"near misses of live tokens: not checked", "called inactive, asked after"},
		"no malformed token": {func(_ *verdict.Verdict, r *bench.Run) { fact(r, "malformed_asked", 0) }, false,
			"malformed tokens: not checked", "called inactive, asked before"},
		"no sample": {func(_ *verdict.Verdict, r *bench.Run) { fact(r, "issued_tokens", 0) }, false,
			"issued tokens: none introspected", "introspected after their trial"},
		"no signature": {func(_ *verdict.Verdict, r *bench.Run) { fact(r, "issued_jwts", 0) }, false,
			"issued JWTs: signatures not checked", "verified"},
	} {
		t.Run(name, func(t *testing.T) {
			r := fixture.UsualReport()
			r.Verdict.Decision = verdict.Pass
			if c.alone {
				delete(r.Run.Deployments, bench.Baseline)
				r.Run.Trials = slices.DeleteFunc(r.Run.Trials, func(t bench.Trial) bool {
					return t.Role == bench.Baseline
				})
				r.Verdict = verdict.Verdict{Decision: verdict.Pass, SLOs: make([]verdict.SLOResult, 1)}
			}
			c.change(&r.Verdict, r.Run)
			s := summary.Of(r)
			said := strings.Join(append(append(summary.Method(s), s.Notes...), s.Answer(), s.Sentence()), "\n")
			if !strings.Contains(said, c.says) {
				t.Errorf("%q is not said in\n%s", c.says, said)
			}
			if c.unsaid != "" && strings.Contains(said, c.unsaid) {
				t.Errorf("%q is said in\n%s", c.unsaid, said)
			}
		})
	}
}

// fact sets what all trials counted.
func fact(r *bench.Run, name string, n int64) {
	for i := range r.Trials {
		r.Trials[i].Facts = map[string]int64{name: n}
	}
}

// failedOnly makes so many requests of a run fail, and no others.
func failedOnly(o bench.Outcomes) func(*verdict.Verdict, *bench.Run) {
	return func(_ *verdict.Verdict, r *bench.Run) {
		for i := range r.Trials {
			t := &r.Trials[i]
			for k := range t.Measurements {
				m := &t.Measurements[k]
				m.Outcomes, m.Cases = bench.Outcomes{OK: m.Outcomes.Total()}, nil
				if i == 0 && k == 0 {
					fixture.Fail(m, bench.Rejected, o.Rejected, "status 500")
					fixture.Fail(m, bench.Timeout, o.Timeout, "")
				}
			}
			fixture.Recount(t)
		}
	}
}
