package measure

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/watch"
)

// stored is a whole run of two versions that passed.
func stored(t *testing.T) *bench.Run {
	t.Helper()
	f, err := os.Open("../../bench/verdict/runs/testdata/schema1/quick.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	run, err := bench.ReadRun(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// A plan that no candidate can be measured by ends at the first one. Where only a later one asks for
// more, what was measured before is reported, and the exit code is still that of the failure.
func TestLaterCandidatesLeaveWhatWasMeasured(t *testing.T) {
	refused := &targets.UsageError{Err: errors.New("P95 needs a budget of 3m")}
	for name, c := range map[string]struct {
		failing int // number of the candidate that is refused
		runs    int // how many are begun
		report  bool
	}{
		"the first":  {failing: 1, runs: 1},
		"the second": {failing: 2, runs: 3, report: true},
	} {
		p := plan.Default(plan.Compare)
		p.Baseline, p.Candidate = "embedded:v1", "embedded:v2"
		p.More = []string{"embedded:v2?tokens=jwt", "embedded:v1"}
		p.Rates, p.Scenarios = map[string]plan.Rate{"": {PerSecond: 20}}, []string{"token"}
		p.Out = filepath.Join(t.TempDir(), "r")
		begun := 0
		err := all(t.Context(), p, watch.Options{Log: io.Discard}, answer.Printer{Out: io.Discard, Log: io.Discard},
			func(_ context.Context, one plan.Plan, _ watch.Options) (*session.Result, error) {
				if begun++; begun == c.failing {
					return nil, refused
				}
				return &session.Result{Run: stored(t), Dir: one.Out}, os.MkdirAll(one.Out, 0o755)
			})
		if !errors.Is(err, refused) || exitcode.Of(err) != exitcode.Usage || begun != c.runs {
			t.Errorf("%s: %v after %d runs; want %v after %d", name, err, begun, refused, c.runs)
		}
		report, err := os.ReadFile(filepath.Join(p.Out, "report.txt"))
		if c.report != (err == nil) || c.report && !strings.Contains(string(report), refused.Error()) {
			t.Errorf("%s: %v, the report is %q", name, err, report)
		}
	}
}
