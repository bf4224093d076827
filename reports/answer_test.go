package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"oauthbench/bench/verdict"
	"oauthbench/reports/internal/fixture"
	"oauthbench/reports/internal/summary"
)

func answerOf(t *testing.T, d *Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteAnswer(&b, false, 80); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The answer to a comparison fits a terminal, and says at what load and what limited it.
func TestAnswerIsWholeOnATerminal(t *testing.T) {
	for name, r := range fixture.Situations() {
		answer := answerOf(t, OfRun(r))
		if n := strings.Count(answer, "\n"); n > 24 {
			t.Errorf("%s: %d lines", name, n)
		}
		for line := range strings.Lines(answer) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		if !strings.Contains(answer, "\nload: 360/s offered (token 120/s, introspect 120/s, revoke 120/s)") {
			t.Errorf("%s: no load:\n%s", name, answer)
		}
	}
	answer := answerOf(t, OfRun(fixture.UsualReport()))
	if !strings.Contains(answer, "\nlimit: baseline none reached, candidate none reached\n") {
		t.Errorf("no limit:\n%s", answer)
	}
}

// What is left out of the answer is said to have passed only where it has.
func TestAnswerLeavesOutTruly(t *testing.T) {
	for decision, want := range map[verdict.Decision]string{
		verdict.Pass:       "and %d more that passed\n",
		verdict.Regression: "and %d more\n",
	} {
		r := fixture.Large()
		gates := 0
		for i := range r.Verdict.Comparisons {
			r.Verdict.Comparisons[i].Decision, r.Verdict.Comparisons[i].Gating = decision, true
			gates++
		}
		r.Verdict.Decision = decision
		if answer := answerOf(t, OfRun(r)); !strings.Contains(answer, fmt.Sprintf(want, gates-answerRows)) {
			t.Errorf("%s: want %q in:\n%s", decision, want, answer)
		}
	}
}

// Every page of several runs counts all of them.
func TestReleasesSentenceCountsAll(t *testing.T) {
	r := summary.NewReleases(fixture.UsualReleases().Runs, nil, nil)
	want := "Of 3 releases: 1 passes, 1 is a regression, 1 was measured without a limit."
	if got := r.Sentence(); got != want {
		t.Errorf("%q; want %q", got, want)
	}
}
