package reports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// A wrong answer in a trial that does not count must still be seen: it decides.
func TestWrongAnswerDuringWarmupIsShown(t *testing.T) {
	r := fixture.UsualReport()
	r.Run.Trials[0].Warmup = true
	fixture.Fail(r.Run.Trials[0].Measurement("revoke"), bench.Invalid, 1, "a revoked token was called active")
	fixture.Recount(&r.Run.Trials[0])
	for _, format := range []string{"text", "markdown", "json", "html"} {
		if out := strings.Join(strings.Fields(string(write(t, format, r))), " "); !strings.Contains(out,
			"a revoked token was called active") {
			t.Errorf("%s does not show it", format)
		}
	}
}

// What is wrong stands on the first screen, where the verdict would, of every format and
// every picture.
func TestContradictionsAreShownFirst(t *testing.T) {
	r := fixture.Situations()["contradictory"]
	r.Verdict.SLOs = nil // What came of limits is shown, and is a decision.
	r.Verdict.PerProtocol, r.Verdict.IntentionToTreat = verdict.Regression, verdict.Regression
	found := summary.Audit(r)[0]
	for _, f := range wordFormats() {
		if f.OnAsk {
			continue // What they hold of an invalid run is tested below.
		}
		out := string(write(t, f.Name, r))
		first := strings.Join(strings.Fields(out[:min(len(out), 1500)]), " ")
		switch f.Name {
		case "html": // looked at below
		case "csv":
			for line := range strings.Lines(out) {
				if !strings.HasPrefix(line, "decision,contradictions") &&
					!strings.HasPrefix(line, fmt.Sprintf("invalid,%d,", len(summary.Audit(r)))) {
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
	for _, f := range plot.Draw(summary.Of(r)).Of(plot.Wide) {
		if !strings.Contains(f.Caption, "contradict each other") {
			t.Errorf("%s does not say that the figures contradict each other", f.Name)
		}
	}
	page := string(write(t, "html", r))
	if first := page[strings.Index(page, "<main>"):strings.Index(page, `<h2 id="results"`)]; !strings.Contains(first,
		"contradict each other") || strings.Contains(first, "REGRESSION") {
		t.Errorf("the first screen is %s", first)
	}
	if strings.Contains(page, `class="decision`) {
		t.Error("decisions on figures that contradict each other are shown")
	}
}

// The figures of an invalid run reach no store of figures.
func TestInvalidFiguresAreNotKept(t *testing.T) {
	d := OfRun(fixture.Situations()["contradictory"])
	for _, f := range Formats {
		if !f.OnAsk {
			continue
		}
		var b strings.Builder
		err := f.Write(&b, d)
		if f.Name == "openmetrics" {
			if err != nil || !strings.Contains(b.String(), `decision="invalid"`) ||
				strings.Contains(b.String(), "token") {
				t.Errorf("%s: %v, %s; want the decision alone", f.Name, err, b.String())
			}
		} else if err == nil || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes; want an error", f.Name, err, b.Len())
		}
	}
}
