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

// died is a report of versions that all died in their trials, alone in one trial or compared.
func died(alone bool) *summary.Summary {
	r := fixture.UsualReport()
	r.Verdict = verdict.Verdict{Decision: verdict.Failed}
	if alone {
		delete(r.Run.Deployments, bench.Baseline)
		r.Run.Trials = slices.DeleteFunc(r.Run.Trials, func(t bench.Trial) bool { return t.Role == bench.Baseline })[:1]
		r.Run.Slots = 1
	}
	for i := range r.Run.Trials {
		t := &r.Run.Trials[i]
		t.Measurements, t.Planned, t.Sent, t.Achieved, t.Offered, t.InFlight = nil, 0, 0, 0, 0, 0
		t.Died = "exit status 70"
	}
	return summary.Of(r)
}

// The death of the only version is told without words of a comparison: no pair is lost, and nothing is left to be
// measured alone.
func TestDeathOfTheOnlyVersion(t *testing.T) {
	s := died(true)
	said := strings.Join(slices.Concat(s.Notes, summary.NextSteps(s), []string{s.Extent(), s.Answer()}), "\n")
	for _, want := range []string{"1 trial lost, for the server died in it",
		"1 trial lost, for the server died: there are no",
		"then measure it again"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in\n%s", want, said)
		}
	}
	for _, wrong := range []string{"pair", "disturbed", "alone", "candidate", " each"} {
		if strings.Contains(said, wrong) {
			t.Errorf("%q is said in\n%s", wrong, said)
		}
	}
}

// Pairs that servers died in are not said to be disturbed.
func TestDeathInEveryPair(t *testing.T) {
	s := died(false)
	said := strings.Join(s.Notes, "\n")
	if !strings.Contains(said, "a server died in every pair") || strings.Contains(said, "every pair was disturbed") {
		t.Errorf("footnotes:\n%s", said)
	}
	if steps := strings.Join(summary.NextSteps(s), "\n"); !strings.Contains(steps, "measure it alone: oauthbench run") {
		t.Errorf("what to do:\n%s", steps)
	}
}
