package reports

import (
	"fmt"
	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"strings"
	"testing"
)

// A wrong answer in a trial that does not count must still be seen: it decides.
func TestWrongAnswerDuringWarmupIsShown(t *testing.T) {
	r := usualReport()
	r.Run.Trials[0].Warmup = true
	fail(r.Run.Trials[0].Measurement("revoke"), bench.Invalid, 1, "a revoked token was called active")
	recount(&r.Run.Trials[0])
	for _, format := range []string{"text", "markdown", "json", "html"} {
		if out := strings.Join(strings.Fields(string(write(t, format, r))), " "); !strings.Contains(out, "a revoked token was called active") {
			t.Errorf("%s does not show it", format)
		}
	}
}

// What is wrong stands on the first screen, where the verdict would, of every format and
// every picture.
func TestContradictionsAreShownFirst(t *testing.T) {
	r := situations()["contradictory"]
	r.Verdict.PerProtocol, r.Verdict.IntentionToTreat = verdict.Regression, verdict.Regression
	found := Audit(r)[0]
	for _, f := range Formats {
		out := string(write(t, f.Name, r))
		first := strings.Join(strings.Fields(out[:min(len(out), 1500)]), " ")
		switch f.Name {
		case "html": // looked at below
		case "csv":
			for line := range strings.Lines(out) {
				if !strings.HasPrefix(line, "decision,contradictions") && !strings.HasPrefix(line, fmt.Sprintf("invalid,%d,", len(Audit(r)))) {
					t.Fatalf("csv: row %s", line)
				}
			}
		default:
			if !strings.Contains(strings.ToLower(first), "invalid") || !strings.Contains(first, found[:40]) {
				t.Errorf("%s begins\n%s\nwant %q in it", f.Name, first, found)
			}
		}
		if i := strings.Index(out, `"regression"`); i >= 0 {
			t.Errorf("%s has a decision on figures that contradict each other: %s", f.Name, out[max(0, i-40):i+12])
		}
	}
	for _, f := range newPictures(summarize(r)).of(wide) {
		if !strings.Contains(f.caption, "contradict each other") {
			t.Errorf("%s does not say that the figures contradict each other", f.name)
		}
	}
	page := string(write(t, "html", r))
	if first := page[strings.Index(page, "<main>"):strings.Index(page, `<h2 id="results"`)]; !strings.Contains(first, "contradict each other") || strings.Contains(first, "REGRESSION") {
		t.Errorf("the first screen is %s", first)
	}
	if strings.Contains(page, `class="decision`) {
		t.Error("decisions on figures that contradict each other are shown")
	}
}
