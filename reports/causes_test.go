package reports

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// What a server's own parts say is wrong with them stands in every format that has words,
// and as what limited the version.
func TestCausesStandInEveryFormat(t *testing.T) {
	r := fixture.UsualReport()
	r.Verdict.Decision = verdict.Regression
	for i := range r.Run.Trials {
		if r.Run.Trials[i].Role == bench.Candidate {
			r.Run.Trials[i].Causes = []bench.Cause{{Part: "database", Ailment: bench.DiskFull, Log: "PANIC"}}
		}
	}
	for _, f := range wordFormats() {
		if f.OnAsk || f.Name == "csv" || f.Name == "hlog" || f.Name == "hgrm" {
			continue // figures alone
		}
		out := strings.Join(strings.Fields(string(write(t, f.Name, r))), " ")
		if !strings.Contains(strings.ReplaceAll(out, "&#39;", "'"), "database's disk is full") {
			t.Errorf("%s does not say the cause", f.Name)
		}
	}
	for _, b := range summary.Bottlenecks(summary.Of(r)) {
		if want := b.Role == bench.Candidate; (b.Limit == summary.LimitFailure) != want {
			t.Errorf("%s: %s: %s", b.Role, b.Limit, b.Sentence)
		}
	}
}

// A percentile that is the timeout of failed arrivals has a footnote at the figure, and one
// that is a time of an answer has none, however many failed.
func TestFailedFiguresHaveAFootnote(t *testing.T) {
	for _, c := range []struct {
		failed int64 // of 600
		marked string
	}{{0, ""}, {3, "max"}, {9, "P99 max"}, {60, "P95 P99 max"}, {400, "P50 P95 P99 max"}} {
		r := fixture.Situations()["single"]
		m := r.Run.Trials[0].Measurement("token")
		slow := bench.NewHistogram() // Those that failed took the timeout, as when they are recorded.
		for _, step := range m.Response.Steps() {
			for range step.Count {
				if slow.Count() < m.Outcomes.OK-c.failed {
					slow.Record(step.Value)
				}
			}
		}
		for range c.failed {
			slow.Record(10 * time.Second)
		}
		m.Response = slow
		fixture.Fail(m, bench.Timeout, c.failed, "no answer in time")
		var marked []string
		s := summary.Of(r)
		for _, op := range s.Operations {
			for _, row := range op.Rows {
				if len(row.Figures) > 0 {
					marked = append(marked, row.Label)
				}
			}
		}
		if got := strings.Join(marked, " "); got != c.marked {
			t.Errorf("%d failed: footnotes at %q; want %q", c.failed, got, c.marked)
		}
		if notes := summary.FailureNotes(s); (len(notes) > 0) != (c.failed > 0) {
			t.Errorf("%d failed: %q", c.failed, notes)
		}
	}
}

// A part that says the same with several lines of its log is one reason, with the last of
// them; another part's is a reason of its own.
func TestACauseIsOneReason(t *testing.T) {
	r := fixture.UsualReport()
	r.Verdict.Decision = verdict.Regression
	said := 0
	for i := range r.Run.Trials {
		if r.Run.Trials[i].Role == bench.Candidate {
			said++
			r.Run.Trials[i].Causes = []bench.Cause{
				{Part: "database", Ailment: bench.DiskFull, Log: fmt.Sprintf("PANIC %d", said)},
				{Part: "server", Ailment: bench.Ended, ExitCode: 3, Log: "bye"},
			}
		}
	}
	causes := summary.Of(r).Causes()
	if len(causes) != 2 || !strings.Contains(causes[0], fmt.Sprintf("PANIC %d", said)) ||
		!strings.Contains(causes[1], "bye") {
		t.Errorf("causes = %q; want the disk with its last words, and the end of the server", causes)
	}
}
