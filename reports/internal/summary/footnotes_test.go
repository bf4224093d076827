package summary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// Operations that got slower together in one load are not blamed each for itself; those
// that ran one after another are.
func TestSlowerTogether(t *testing.T) {
	told := func(loads int, slower ...string) bool {
		r := fixture.UsualReport()
		for i, l := 1, r.Run.Loads[0]; i < loads; i++ {
			r.Run.Loads = append(r.Run.Loads, l)
		}
		for i, c := range r.Verdict.Comparisons {
			r.Verdict.Comparisons[i].Decision = verdict.Pass
			if slices.Contains(slower, c.Operation) {
				r.Verdict.Comparisons[i].Decision = verdict.Regression
			}
		}
		return slices.ContainsFunc(summary.Of(r).Notes, func(n string) bool { return strings.Contains(n, "--isolate") })
	}
	if !told(1, "token", "introspect") {
		t.Error("two operations slower in one load: no footnote says that one may slow the other")
	}
	if told(1, "token") {
		t.Error("one operation slower: the footnote blames another")
	}
	if told(2, "token", "introspect") {
		t.Error("two operations slower in loads of their own: the footnote doubts it")
	}
}

// A warning on operations is one footnote, however many operations, versions and trials it
// is of; what is of a trial as a whole stays apart.
func TestOneFootnoteNamesAllOperations(t *testing.T) {
	const lag = "P99 of send lag above 1 ms and a quarter of the median; response times contain it"
	r := fixture.UsualReport()
	var want [2][]int // of token, by version
	for i := range r.Run.Trials {
		trial := &r.Run.Trials[i]
		trial.Warnings = nil
		if i < 4 {
			trial.Warnings = []string{"token: " + lag,
				"more than 5 % of the requests had a new connection made for them; response times contain that"}
			side := 0
			if trial.Role == bench.Candidate {
				side = 1
			}
			want[side] = append(want[side], i+1)
		}
	}
	first := r.Run.Trials[0].Role
	r.Run.Trials[0].Warnings = append(r.Run.Trials[0].Warnings, "introspect: "+lag)
	notes := summary.TrialNotes(summary.Of(r))
	for _, text := range []string{
		lag + " (introspect: " + string(first) + " in trial 1; token: baseline in " + summary.TrialList(want[0]) +
			", candidate in " + summary.TrialList(want[1]) + ")",
		"trials 1–4: more than 5 % of the requests had a new connection made for them; response times " +
			"contain that",
	} {
		if !slices.Contains(notes, text) {
			t.Errorf("no note %q in %q", text, notes)
		}
	}
	if len(notes) != 3 { // and an exclusion
		t.Errorf("%d notes; want 3: %q", len(notes), notes)
	}
}

// A percentile beyond which no request lies is not shown without a word, where nothing was
// compared.
func TestFewRequests(t *testing.T) {
	told := func(r summary.Report) bool {
		return slices.ContainsFunc(summary.Of(r).Notes, func(n string) bool {
			return strings.Contains(n, "less than one request lies beyond")
		})
	}
	single := fixture.Situations()["single"]
	if told(single) {
		t.Error("hundreds of requests are called few")
	}
	one := &single.Run.Trials[0].Measurements[0]
	one.Outcomes = bench.Outcomes{OK: 99}
	if !told(single) {
		t.Error("P99 of 99 requests has no footnote")
	}
	one.Outcomes = bench.Outcomes{OK: 100}
	if told(single) {
		t.Error("P99 of 100 requests has a footnote, though one lies beyond")
	}
}

// Figures are of disturbed trials only where there are trials: a run that ended before its
// first one has none to doubt.
func TestNothingMeasuredIsNotDisturbed(t *testing.T) {
	for _, warmup := range []bool{false, true} {
		r := fixture.UsualReport()
		for i := range r.Run.Trials {
			r.Run.Trials[i].Warmup, r.Run.Trials[i].Excluded = warmup, []string{"other programs"}
		}
		told := slices.ContainsFunc(summary.Of(r).Notes, func(n string) bool {
			return strings.Contains(n, "every pair was disturbed")
		})
		if told == warmup {
			t.Errorf("nothing but warm-ups %v: the footnote says that every pair was disturbed: %v", warmup, told)
		}
	}
}

// What the workload noted is one footnote for all trials, with how often at each version.
func TestWhatWasNotedIsCounted(t *testing.T) {
	r := fixture.UsualReport()
	want := map[bench.Role]int{}
	for i := range r.Run.Trials {
		r.Run.Trials[i].Notes = map[string]int64{"token: expires_in is a string": 2}
		want[r.Run.Trials[i].Role] += 2
	}
	text := fmt.Sprintf("token: expires_in is a string (baseline %d×, candidate %d×)", want[bench.Baseline],
		want[bench.Candidate])
	if notes := summary.Of(r).Notes; !slices.Contains(notes, text) {
		t.Errorf("no note %q in %q", text, notes)
	}
}

// Many trials in a row are a range, and of a warning on an operation the count of its trials is told.
func TestManyTrialsAreShort(t *testing.T) {
	for want, trials := range map[string][]int{
		"trial 7":                    {7},
		"trials 1, 2":                {1, 2},
		"trials 1–3, 5, 6, 8, 10–13": {1, 2, 3, 5, 6, 8, 10, 11, 12, 13},
	} {
		if got := summary.TrialList(trials); got != want {
			t.Errorf("TrialList(%v) = %q; want %q", trials, got, want)
		}
	}
	r := fixture.UsualReport()
	r.Run.Trials = append(r.Run.Trials, r.Run.Trials...)
	counts := map[bench.Role]int{}
	for i := range r.Run.Trials {
		counts[r.Run.Trials[i].Role]++
		r.Run.Trials[i].Warnings = []string{"token: late"}
	}
	r.Run.Trials[0].Warnings = nil
	counts[r.Run.Trials[0].Role]--
	whole := max(counts[bench.Baseline], counts[bench.Candidate])
	want := fmt.Sprintf("late (token: baseline in %d of %d trials, candidate in %d of %d trials)",
		counts[bench.Baseline], whole, counts[bench.Candidate], whole)
	if notes := summary.TrialNotes(summary.Of(r)); !slices.Contains(notes, want) {
		t.Errorf("no note %q in %q", want, notes)
	}
}
