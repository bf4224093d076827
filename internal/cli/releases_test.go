package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/exitcode"
	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
	"oauthbench/reports"
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
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), want) {
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
	for _, want := range []string{"not measured alike", "seed (7, now 8) in b", "machine (",
		"rate (token 100/s, now token 50/s)", "--allow"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	code, stdout, stderr := oauthbench(t, dir, "report", "a", "b", "--allow", "seed", "--allow", "machine", "--allow",
		"rate")
	if code == exitcode.Usage || !strings.Contains(stdout, "differs: seed (7, now 8)") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, _, stderr := oauthbench(t, dir, "report", "a", "b", "--allow", "sed"); code != exitcode.Usage ||
		!strings.Contains(stderr, "no such property") {
		t.Errorf("exit %d: %s", code, stderr)
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
