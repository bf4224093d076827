package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/reports"
)

// otherCandidate names and sets the candidate of a made run.
func otherCandidate(name string, settings map[string]string) func(*bench.Run) {
	return func(r *bench.Run) {
		d := r.Deployments[bench.Candidate]
		d.Name, d.Settings = name, settings
		r.Deployments[bench.Candidate] = d
	}
}

func TestReportOfSeveralRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	madeRun{}.store(t, filepath.Join(dir, "same"))
	madeRun{factor: 1.5, change: otherCandidate("embedded:v3",
		map[string]string{"hasher": "argon2", "tokens": "opaque"})}.store(t, filepath.Join(dir, "slow"))
	code, stdout, stderr := oauthbench(t, dir, "report", "same", "slow", "--out", "all")
	if code != exitcode.Regression {
		t.Fatalf("exit %d; want the worst, 1\n%s%s", code, stdout, stderr)
	}
	for _, want := range []string{"REGRESSION: 2 releases", "embedded:v3", "×1.50, +50 % [+50 %, +50 %]",
		"hasher (pbkdf2, now argon2) in slow, against same", "corrected for 2 candidates"} {
		if !strings.Contains(oneLine(stdout), want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	for _, name := range []string{"report.html", "report.txt", "report.md", "trials.csv", "releases.json", "junit.xml",
		"releases.png", "releases.svg"} {
		if info, err := os.Stat(filepath.Join(dir, "all", name)); err != nil || info.Size() < 100 {
			t.Errorf("%s: %v", name, err)
		}
	}
	var v struct{ Decision verdict.Decision }
	data, err := os.ReadFile(filepath.Join(dir, "all", "releases.json"))
	if err != nil || json.Unmarshal(data, &v) != nil || v.Decision != verdict.Regression {
		t.Errorf("releases.json decides %q (%v)", v.Decision, err)
	}
	if code, _, _ := oauthbench(t, dir, "report", "same", "slow", "--fail-on", "never"); code != exitcode.Pass {
		t.Errorf("exit %d with --fail-on never", code)
	}
}

// Runs under other conditions are refused, with the name of what differs; settings of the
// servers are named and not refused.
func TestReportOfUnlikeRuns(t *testing.T) {
	dir := t.TempDir()
	madeRun{}.store(t, filepath.Join(dir, "a"))
	madeRun{seed: 8, change: func(r *bench.Run) {
		r.Environment.CPU = "Other CPU"
		r.Loads[0].Streams[0].Rate = 50
	}}.store(t, filepath.Join(dir, "b"))
	code, _, stderr := oauthbench(t, dir, "report", "a", "b")
	if code != exitcode.Usage {
		t.Errorf("exit %d; want 2", code)
	}
	if strings.Contains(stderr, "seed (7") {
		t.Errorf("the seed is refused: %s", stderr)
	}
	for _, want := range []string{"not measured alike", "machine (",
		"rate (token 100/s, now token 50/s)", "--allow"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	code, stdout, stderr := oauthbench(t, dir, "report", "a", "b", "--allow", "machine", "--allow", "rate")
	if code == exitcode.Usage || !strings.Contains(oneLine(stdout), "differs: seed (7, now 8)") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, _, stderr := oauthbench(t, dir, "report", "a", "b", "--allow", "sed"); code != exitcode.Usage ||
		!strings.Contains(stderr, "no such property") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// singleRun is a stored run of one version, of a plan without limits.
func singleRun(version string, change func(*bench.Run)) madeRun {
	return madeRun{change: func(r *bench.Run) {
		p := plan.Default(plan.Run)
		p.Candidate, p.Scenarios, p.Seed = version, []string{"token"}, r.Seed
		r.Plan, r.Command = p.JSON(), []string{"oauthbench", "run"}
		delete(r.Deployments, bench.Baseline)
		otherCandidate(version, map[string]string{"hasher": "pbkdf2", "tokens": "opaque"})(r)
		for _, t := range r.Trials {
			if t.Role == bench.Candidate {
				t.Deployment = version
				r.Trials, r.Slots = []bench.Trial{t}, 1
				break
			}
		}
		if change != nil {
			change(r)
		}
	}}
}

// Runs of one version each are set beside each other and none is passed, whatever one of them lacks: what it
// lacks is said, and decides where it is worse than not to have been compared.
func TestReportOfSingleRuns(t *testing.T) {
	t.Parallel()
	first := func(r *bench.Run) *bench.Measurement { return &r.Trials[0].Measurements[0] }
	for name, c := range map[string]struct {
		second string // version
		change func(*bench.Run)
		allow  []string
		code   int
		says   []string
	}{
		"another version": {"embedded:v3", nil, nil, exitcode.Pass, []string{"MEASURED: 2 releases"}},
		"the same twice": {"embedded:v2", func(r *bench.Run) { r.Started = r.Started.AddDate(0, 1, 0) }, nil,
			exitcode.Pass, []string{"embedded:v2 (2)"}},
		"one run given twice": {"embedded:v2", nil, nil, exitcode.Pass, []string{"given twice"}},
		"another mix": {"embedded:v3", func(r *bench.Run) {
			first(r).Operation = "introspect"
			r.Loads[0].Streams = []bench.Stream{{Scenario: "introspect", Rate: 100}}
		}, []string{"mix", "rate"}, exitcode.Pass, []string{"differs: mix", "embedded:v3 not measured",
			"embedded:v2 not measured"}},
		"no samples": {"embedded:v3", func(r *bench.Run) {
			r.Trials = nil
		}, nil, exitcode.Inconclusive, []string{"embedded:v3 not measured"}},
		"wrong answers": {"embedded:v3", func(r *bench.Run) {
			first(r).Outcomes.OK, first(r).Outcomes.Invalid = 700, 300
			first(r).Achieved, r.Trials[0].Achieved = 70, 70
			first(r).Cases = map[string]int64{"token response is not JSON": 300}
		}, nil, exitcode.Regression, []string{"FAILED: 2 releases", "300 wrong answers in 1000"}},
		"figures that cannot be": {"embedded:v3", func(r *bench.Run) { first(r).Achieved = 50 }, nil,
			exitcode.Inconclusive, []string{"INVALID: 2 releases"}},
	} {
		dir := t.TempDir()
		singleRun("embedded:v2", nil).store(t, filepath.Join(dir, "a"))
		singleRun(c.second, c.change).store(t, filepath.Join(dir, "b"))
		args := []string{"report", "a", "b"}
		for _, property := range c.allow {
			args = append(args, "--allow", property)
		}
		code, stdout, stderr := oauthbench(t, dir, args...)
		text := oneLine(stdout)
		for _, words := range append(c.says, "not compared: each run has one version", "there are no ratios") {
			if !strings.Contains(text, words) {
				t.Errorf("%s: no %q in\n%s%s", name, words, stdout, stderr)
			}
		}
		if code != c.code || strings.Contains(text, "PASS") || strings.Contains(text, "REGRESSION") {
			t.Errorf("%s: exit %d; want %d, nothing passed and nothing compared\n%s%s", name, code, c.code, stdout,
				stderr)
		}
	}
}

func TestReportFormats(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	madeRun{}.store(t, filepath.Join(dir, "run"))
	plain, _, _ := oauthbench(t, dir, "report", "run", "--format", "text")
	for _, f := range reports.Formats {
		code, stdout, stderr := oauthbench(t, dir, "report", "run", "--format", f.Name)
		switch {
		case !f.Single():
			if code != exitcode.Usage || !strings.Contains(stderr, "csv, hlog") {
				t.Errorf("%s: exit %d, %s", f.Name, code, stderr)
			}
		case code != plain || len(stdout) < 200:
			t.Errorf("%s: exit %d, want %d; %d bytes, %s", f.Name, code, plain, len(stdout), stderr)
		}
	}
	if code, _, stderr := oauthbench(t, dir, "report", "run", "--format", "cvs"); code != exitcode.Usage ||
		!strings.Contains(stderr, "markdown") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	if code, _, _ := oauthbench(t, dir, "report", "run", "--out", "x"); code != exitcode.Usage {
		t.Errorf("--out with one run: exit %d", code)
	}
}

// Every candidate is understood before anything is started, and no directory is left.
func TestSeveralCandidatesAreCheckedFirst(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"--candidate", "embedded:v2", "--candidate", "embedded:v9"},
		{"--candidate", "embedded:v2", "--candidate", "embedded:v2"},
		{"--candidate", "embedded:v2", "--candidate", "embedded:v1", "--rate", "1/h"},
	} {
		code, stdout, stderr := oauthbench(t, dir, append([]string{"compare", "--out", "x"}, args...)...)
		if code != exitcode.Usage || stdout != "" || strings.Contains(stderr, "starting") {
			t.Errorf("%q: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
	assertEmpty(t, dir)
	madeRun{}.store(t, filepath.Join(dir, "x", "1-embedded_v2"))
	code, _, stderr := oauthbench(t, dir, "compare", "--out", "x", "--candidate", "embedded:v2", "--candidate",
		"embedded:v1")
	if code != exitcode.Usage || !strings.Contains(stderr, "holds runs already") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestEachCandidateHasAPlan(t *testing.T) {
	p := plan.Default(plan.Compare)
	p.Candidate, p.More, p.Seed = "a", []string{"b", "c"}, 7
	for i, one := range p.Each() {
		if want := []string{"a", "b", "c"}[i]; one.Candidate != want || one.More != nil || one.Seed != 7 ||
			one.Baseline != p.Baseline {
			t.Errorf("plan %d: %+v", i, one)
		}
	}
	if n := targets.DirectoryName("hydra:v2.3.0?db=postgres/../x&y=é"); n != "hydra_v2.3.0_db_postgres_.._x_y__" {
		t.Errorf("directory %q", n)
	}
}
