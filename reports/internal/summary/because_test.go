package summary

import (
	"slices"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Each reason is of its own candidate's decision, and not of the worst one.
func TestEachReasonHasItsDecision(t *testing.T) {
	run := &bench.Run{}
	run.Deployments = map[bench.Role]bench.Deployment{bench.Baseline: {Name: "a"}, bench.Candidate: {Name: "b"}}
	release := Release{Report: Report{Run: run}}
	r := Releases{Runs: []Release{release, release, release}, Missing: []string{"c was not measured"},
		Verdicts: []verdict.Verdict{{Decision: verdict.Regression, Reasons: []string{"slower"}},
			{Decision: verdict.Pass, Reasons: []string{"fine"}},
			{Decision: verdict.Inconclusive, Reasons: []string{"too noisy", "too short"}}}}
	reasons, decided := r.Because()
	if want := []string{"c was not measured", "b: slower", "b: too noisy", "b: too short"}; !slices.Equal(reasons,
		want) {
		t.Errorf("reasons %q; want %q", reasons, want)
	}
	if want := []verdict.Decision{verdict.Inconclusive, verdict.Regression, verdict.Inconclusive,
		verdict.Inconclusive}; !slices.Equal(decided, want) {
		t.Errorf("decided %q; want %q", decided, want)
	}
}
