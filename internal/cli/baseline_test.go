package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/baselinecompare"
	"github.com/oauthbench/oauthbench/internal/baselines"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// From a run to a baseline, to comparisons with later runs, as a CI job does it.
func TestBaselines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	madeRun{noise: .01}.store(t, at("v1"))
	madeRun{noise: .01, seed: 8}.store(t, at("seed"))
	madeRun{noise: .01, factor: 1.4, change: func(r *bench.Run) { r.Trials[0].Sent++ }}.store(t, at("slow"))
	madeRun{change: func(r *bench.Run) { r.End = nil }}.store(t, at("cut"))
	for _, c := range []struct {
		args string
		code int
		want string // printed, on stdout or in the one line of an error
	}{
		{"baseline save v1 --name v1", exitcode.Pass, "baselines/v1.json.gz: embedded:v2?tokens=jwt, 6 trials, "},
		{"baseline save v1 --name v1", exitcode.Usage, "exists: choose another --name"},
		{"baseline save v1 --name ../v1", exitcode.Usage, `baseline name "../v1"`},
		{"baseline save v1", exitcode.Usage, "--name is missing"},
		{"baseline save v1 --name x --role both", exitcode.Usage, "there are candidate, baseline"},
		{"baseline save cut --name x", exitcode.Usage, "not whole"},
		{"baseline save nowhere --name x", exitcode.Usage, "nowhere holds no run"},
		{"baseline save", exitcode.Usage, "want oauthbench baseline save RUNDIR"},
		{"baseline frobnicate", exitcode.Usage, `no command "frobnicate"`},
		{"baseline list", exitcode.Pass, "embedded:v2?tokens=jwt"},
		{"baseline list --dir nowhere", exitcode.Usage, "nowhere"},
		{"baseline list --dir v1", exitcode.Usage, "v1 holds no baseline"},
		{"baseline show v1", exitcode.Pass, "v1: embedded:v2?tokens=jwt (embedded v2, sqlite)"},
		{"baseline show v2", exitcode.Usage, `no baseline "v2" in baselines: there are v1`},
		// Compared with what is stored: the same figures, other requests, a slow version.
		{"baseline compare v1 v1 --remeasure=false", exitcode.Pass, "PASS, MACHINE DRIFT NOT CONTROLLED"},
		{"baseline compare v1 seed --remeasure=false", exitcode.Usage, "--allow seed"},
		{"baseline compare v1 seed --remeasure=false --allow seed", exitcode.Pass, "differs    seed (7, now 8)"},
		{"baseline compare v1 slow --remeasure=false --out report", exitcode.Regression,
			"REGRESSION, MACHINE DRIFT NOT CONTROLLED"},
		{"baseline compare v1 slow --remeasure=false --fail-on regression", exitcode.Regression, "REGRESSION"},
		{"baseline compare v1 slow --remeasure=false --fail-on never", exitcode.Pass, "REGRESSION"},
		{"baseline compare v1 slow --remeasure=false --role baseline", exitcode.Pass, "PASS"},
		{"baseline compare v1 v1 --remeasure=false --fail-on always", exitcode.Usage, `--fail-on "always"`},
		{"baseline compare v1 nowhere", exitcode.Usage, "nowhere holds no run (run.jsonl), and is no target"},
		{"baseline compare v1 embedded:v1 --remeasure=false", exitcode.Usage, "measures nothing"},
		{"baseline compare v1 v1 --allow seed", exitcode.Usage, "add --remeasure=false"},
		// history needs the same guard.
		{"baseline save seed --name v2", exitcode.Pass, "v2.json.gz"},
		{"history baselines", exitcode.Pass, "v1: not measured like v2: seed (7, now 8)"},
		{"history baselines --allow seed", exitcode.Pass, "2 comparable releases"},
		{"history baselines --allow sed", exitcode.Usage, `--allow "sed"`},
		{"history", exitcode.Usage, "want oauthbench history DIR"},
		// A chain of comparisons is printed in the format that was asked for, too.
		{"history v1", exitcode.Pass, "to the one before [90 %]"},
		{"history v1 --format json", exitcode.Pass, `"ratio P95"`},
		{"history v1 --format frob", exitcode.Usage, `--format "frob"`},
	} {
		code, stdout, stderr := oauthbench(t, dir, strings.Fields(c.args)...)
		printed := oneLine(stdout + stderr)
		if code != c.code || !strings.Contains(printed, oneLine(c.want)) {
			t.Errorf("%s: exit %d; want %d and %q in\n%s%s", c.args, code, c.code, c.want, stdout, stderr)
		}
		if c.code == exitcode.Usage && (stdout != "" || strings.Count(stderr, "\n") != 1) {
			t.Errorf("%s: stdout %q, stderr %q; want one line on stderr", c.args, stdout, stderr)
		}
	}
	for _, name := range []string{"report.md", "report.txt", "verdict.json", "junit.xml"} {
		if data, err := os.ReadFile(filepath.Join(dir, "report", name)); err != nil ||
			!strings.Contains(string(data), "token P95") && name != "verdict.json" {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "baselines", "*")); len(files) != 2 {
		t.Errorf("left %q; want the two baselines", files)
	}
	// The first lines of the report say what the figures cannot show, and what to do.
	data, err := os.ReadFile(filepath.Join(dir, "report", "report.txt"))
	head := strings.Join(strings.SplitN(string(data), "\n", 5)[:4], " ")
	if err != nil || !strings.Contains(head, "not measured side by side") ||
		!strings.Contains(head, "oauthbench compare --baseline 'embedded:v2?tokens=jwt'") {
		t.Errorf("%v: the report begins with %q", err, head)
	}
}

// What is measured again is what the baseline was: its rates, its seed, its design.
func TestBaselineIsMeasuredAgainAsItWas(t *testing.T) {
	b, err := bench.StoreBaseline(madeRun{seed: 9}.run(), bench.Candidate, "v1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := baselines.SideBySide(b, "embedded:v1", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(baselinecompare.SideBySideCommand(p), " ")
	want := "oauthbench compare --baseline embedded:v2?tokens=jwt --candidate embedded:v1 --scenario token --rate " +
		"token=100/s --process poisson --timeout 10s --profile quick --least-margin 50µs --seed 9"
	if got != want {
		t.Errorf("command\n%s\nwant\n%s", got, want)
	}
	if p.Gates != nil {
		t.Errorf("gates %v were kept; they follow from the new trials' length", p.Gates)
	}
	for _, c := range []struct {
		what, candidate string
		change          func(*bench.Run)
		want            string
	}{
		{"a candidate that cannot be started", "embedded:v9", nil, "v9"},
		{"a server that others run may have been upgraded", "embedded:v1", func(r *bench.Run) {
			r.Deployments[bench.Candidate] = bench.Deployment{Name: "https://issuer.example", Server: "external"}
		}, "another version"},
		{"a baseline from a version of oauthbench that knew more servers", "embedded:v1", func(r *bench.Run) {
			r.Deployments[bench.Candidate] = bench.Deployment{Name: "other:v1", Server: "other"}
		}, `"other"`},
		{"a plan that cannot be read", "embedded:v1", func(r *bench.Run) {
			r.Plan = []byte(`[]`)
		}, "plan of baseline v1"},
	} {
		b, err := bench.StoreBaseline(madeRun{change: c.change}.run(), bench.Candidate, "v1", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := baselines.SideBySide(b, c.candidate, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.what, err, c.want)
		}
	}
	// One version alone was measured for a while: then the default design serves.
	b.Header.Plan = plan.Default(plan.Run).JSON()
	if p, err := baselines.SideBySide(b, "embedded:v1", nil); err != nil || p.Profile != plan.Profiles[0].Name ||
		p.Duration != 0 || p.LeastMargin == 0 {
		t.Errorf("profile %q, duration %v, %v; want the first profile", p.Profile, p.Duration, err)
	}
}

// A slow creep over releases is named, at the release where it shows.
func TestHistoryNamesTheRelease(t *testing.T) {
	dir := t.TempDir()
	for i := range 10 {
		factor := 1.0
		if i >= 6 {
			factor = 1.1
		}
		run := madeRun{noise: .003, factor: factor, started: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
			change: func(r *bench.Run) {
				for k := range r.Trials { // no two releases are alike
					r.Trials[k].Measurements[0].Response.Record(time.Duration(i) * time.Second / 10)
					r.Trials[k].Measurements[0].Outcomes.OK++
				}
			}}.run()
		b, err := bench.StoreBaseline(run, bench.Candidate, fmt.Sprintf("v1.%d", i), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := baselines.Save(dir, b); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := oauthbench(t, dir, "history", ".")
	for _, want := range []string{"P50 at v1.6:", "P95 at v1.6:", "×1.10"} {
		if code != exitcode.Pass || !strings.Contains(oneLine(stdout), want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, stdout, stderr)
		}
	}
}
