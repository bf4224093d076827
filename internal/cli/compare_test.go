package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/session"
)

// quickly is a target whose hashing costs nothing, so that a trial can be short.
const quickly = "embedded:v2?pbkdf2_rounds=1"

// storedVerdict is what verdict.json says.
type storedVerdict struct {
	Decision    verdict.Decision
	Reasons     []string
	Comparisons []struct {
		Operation string
		Quantile  float64
		Baseline  int64 `json:"baseline_ns"`
		Candidate int64 `json:"candidate_ns"`
		Ratio     map[string]*float64
		Decision  verdict.Decision
	}
}

func readVerdict(t *testing.T, dir string) storedVerdict {
	t.Helper()
	var v storedVerdict
	data, err := os.ReadFile(filepath.Join(dir, "verdict.json"))
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The whole way, on real servers in processes of their own: what is written agrees with
// the verdict, whatever it is on a machine that runs other tests, and nothing stays
// behind. How often equal versions are called different is bench/verdict's to test.
func TestCompareOfEqualVersions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	example, err := filepath.Abs(filepath.Join("..", "..", "examples", "same.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := oauthbench(t, dir, "compare", "--plan", example, "--seed", "1", "--out", "aa")
	if code != exitcode.Pass && code != exitcode.Regression && code != exitcode.Inconclusive {
		t.Fatalf("exit %d; want a verdict\n%s%s", code, stdout, stderr)
	}
	v := readVerdict(t, filepath.Join(dir, "aa"))
	if exitcode.OfDecision(v.Decision) != code || len(v.Reasons) == 0 {
		t.Errorf("verdict.json decides %q with reasons %q, the exit code was %d", v.Decision, v.Reasons, code)
	}
	run, err := session.Read(filepath.Join(dir, "aa"))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"report.html", "report.md", "timeline.png", "timeline.svg"}
	compared := map[string]bool{}
	for _, c := range v.Comparisons {
		compared[c.Operation] = true
		if c.Baseline <= 0 || c.Candidate <= 0 {
			t.Errorf("%s %v: %d and %d ns; want figures", c.Operation, c.Quantile, c.Baseline, c.Candidate)
		}
	}
	if measured(run) {
		names = append(names, "percentiles-token.png", "percentiles-token.svg")
		if len(compared) != 3 {
			t.Errorf("operations compared: %v; want token, introspect and revoke\n%s%s", compared, stdout, stderr)
		}
	} else if code != exitcode.Inconclusive || len(run.End.Stopped) == 0 {
		t.Errorf("exit %d, stopped %q; want a reason why nothing was measured", code, run.End.Stopped)
	}
	if !run.Complete() || len(run.Valid(bench.Baseline))+len(run.Valid(bench.Candidate)) > len(run.Trials) {
		t.Errorf("complete %v, %d trials", run.Complete(), len(run.Trials))
	}
	for _, trial := range run.Trials {
		for _, m := range trial.Measurements {
			if m.Outcomes.Invalid > 0 || m.Outcomes.Rejected > 0 {
				t.Errorf("trial %d %s: %+v %v; a right server gives no wrong answer", trial.Pair, m.Operation,
					m.Outcomes, m.Cases)
			}
		}
		if trial.Server.CPU == 0 || !trial.Server.Known {
			t.Errorf("trial %d: the server's CPU time is missing", trial.Pair)
		}
	}
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, "aa", name)); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}

	// The same run, drawn again from what is stored, says the same.
	again, redrawn, _ := oauthbench(t, dir, "report", "aa")
	if again != code || redrawn != stdout {
		t.Errorf("report: exit %d and\n%s; compare had %d and\n%s", again, redrawn, code, stdout)
	}
}

// measured tells whether a run has trials beside its warm-ups. A comparison ends without
// them when others use the machine.
func measured(run *bench.Run) bool {
	return slices.ContainsFunc(run.Trials, func(t bench.Trial) bool { return !t.Warmup })
}

func TestRunGatesOnSLOs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		slo  string
		code int
	}{
		{"token p50 < 5s", exitcode.Pass},
		{"token p50 < 1us", exitcode.Regression},
	} {
		t.Run(c.slo, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := oauthbench(t, t.TempDir(), "run", "--target", quickly, "--scenario", "token",
				"--rate", "50/s", "--duration", "2s", "--slo", c.slo, "--out", "r")
			if code != c.code {
				t.Errorf("exit %d; want %d\n%s%s", code, c.code, stdout, stderr)
			}
			if !strings.Contains(stdout, "token") {
				t.Errorf("no table on stdout:\n%s", stdout)
			}
		})
	}
}
