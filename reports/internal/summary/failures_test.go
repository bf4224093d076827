package summary_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// failing is a report of versions of whose every trial so many token requests fail, alone or compared.
func failing(alone bool, o bench.Outcome, why string, change func(*bench.Trial)) summary.Report {
	r := fixture.UsualReport()
	if alone {
		delete(r.Run.Deployments, bench.Baseline)
		r.Run.Trials = slices.DeleteFunc(r.Run.Trials, func(t bench.Trial) bool { return t.Role == bench.Baseline })
	}
	for i := range r.Run.Trials {
		t := &r.Run.Trials[i]
		fixture.Fail(t.Measurement("token"), o, 100, why)
		fixture.Recount(t)
		change(t)
	}
	r.Verdict = verdict.Verdict{Decision: verdict.Failed}
	return r
}

// A lower rate is advised where the load is why requests fail. What fails for another reason is named, with its
// times.
func TestALowerRateIsForTooMuchLoad(t *testing.T) {
	as := func(*bench.Trial) {}
	idle := func(t *bench.Trial) { t.Machine = bench.Interference{Known: true, Cores: 2, Busy: .1} }
	away := func(o bench.Outcomes, back bool) func(*bench.Trial) {
		return func(t *bench.Trial) {
			idle(t)
			t.Gaps = []bench.Gap{{At: time.Second, Length: 2 * time.Second, Outcomes: o, Operations: []string{"token"},
				Back: back}}
		}
	}
	full := func(t *bench.Trial) {
		t.Machine = bench.Interference{Known: true, Cores: 2, Busy: .99}
		t.Server = bench.Usage{CPU: time.Duration(1.9 * float64(t.Elapsed)), Known: true}
	}
	const lower, look = "lower the rate: at 360/s", "look at the requests that failed"
	for name, c := range map[string]struct {
		outcome bench.Outcome
		why     string
		change  func(*bench.Trial)
		step    string
	}{
		"errors of an idle server": {bench.Rejected, "status 500 server_error", idle, look},
		"errors in outages": {bench.Rejected, "status 500", away(bench.Outcomes{Rejected: 100}, true),
			look},
		"unavailable in outages": {bench.Rejected, "status 503", away(bench.Outcomes{Rejected: 100}, true),
			look},
		"silent, and then as before":    {bench.Timeout, "", away(bench.Outcomes{Timeout: 100}, true), look},
		"gone":                          {bench.Unreachable, "", away(bench.Outcomes{Unreachable: 100}, false), look},
		"no answer any more":            {bench.Timeout, "", away(bench.Outcomes{Timeout: 100}, false), lower},
		"too slow":                      {bench.Timeout, "", as, lower},
		"too many requests, it says":    {bench.Rejected, "status 429 slow_down", idle, lower},
		"errors of a server at its end": {bench.Rejected, "status 500", full, lower},
	} {
		for _, alone := range []bool{true, false} {
			r := failing(alone, c.outcome, c.why, c.change)
			slo := verdict.SLO{Operation: "token", Metric: "error_ratio", Operator: "<", Limit: .01}
			r.Verdict.SLOs = []verdict.SLOResult{{SLO: slo, Side: verdict.Candidate, Value: .2}}
			steps := strings.Join(summary.NextSteps(summary.Of(r)), "\n")
			other := map[string]string{lower: look, look: lower}[c.step]
			if !strings.Contains(steps, c.step) || strings.Contains(steps, other) {
				t.Errorf("%s, alone %v: what to do:\n%s", name, alone, steps)
			}
			if c.step == look && strings.Contains(steps, "find the rate") {
				t.Errorf("%s, alone %v: a rate is looked for:\n%s", name, alone, steps)
			}
			if alone && (strings.Contains(steps, "version") || strings.Contains(steps, "they")) {
				t.Errorf("%s: of one version it is said that\n%s", name, steps)
			}
		}
	}
}

// The step against failures has their number, their status and the times of at most three outages.
func TestFailuresAreNamed(t *testing.T) {
	r := failing(true, bench.Rejected, "status 500 server_error", func(t *bench.Trial) {
		gap := bench.Gap{At: time.Second, Length: time.Second, Outcomes: bench.Outcomes{Rejected: 50},
			Operations: []string{"token"}, Back: true}
		t.Gaps = []bench.Gap{gap, gap}
		t.Gaps[1].At = 3 * time.Second
	})
	steps := strings.Join(summary.NextSteps(summary.Of(r)), "\n")
	for _, want := range []string{"600 of 10,800 requests were refused (status 500 server_error), in outages",
		"trial 1 from 1.00 s until 2.00 s, from 3.00 s until 4.00 s, trial 2", " and 9 more)"} {
		if !strings.Contains(steps, want) {
			t.Errorf("%q is not said in\n%s", want, steps)
		}
	}
}
