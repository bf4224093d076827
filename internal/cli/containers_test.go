package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/session"
)

// needContainers skips what starts containers, unless it is asked for.
func needContainers(t *testing.T) {
	t.Helper()
	if os.Getenv("OAUTHBENCH_REQUIRE_DOCKER") != "1" {
		t.Skip("OAUTHBENCH_REQUIRE_DOCKER=1 runs what starts containers")
	}
}

// assertNoContainers fails the test when the engine has anything of a run of ours.
func assertNoContainers(t *testing.T) {
	t.Helper()
	for _, kind := range [][]string{{"ps", "-aq"}, {"network", "ls", "-q"}, {"volume", "ls", "-q"}} {
		out, err := exec.Command("docker", append(kind, "--filter", "label=org.oauthbench.run")...).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != "" {
			t.Errorf("docker %s: %v, left %q", kind[0], err, out)
		}
	}
}

// staticProgram builds this module's program without cgo, for the reference image.
func staticProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oauthbench")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", path, "../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// Two versions with their databases, from the start to the verdict: of our own server,
// and of one that nobody here wrote. Glewlwyd 2.5.2 breaks when two requests reach it
// at once (its connection to PostgreSQL is used by all threads without a lock), so it
// is asked one after the other.
func TestContainersAreCompared(t *testing.T) {
	needContainers(t)
	for _, c := range []struct{ baseline, candidate, name, arguments string }{
		{"glewlwyd:2.5.2", "glewlwyd:2.7.6", "glewlwyd", "--rate 20/s --max-workers 1 --budget 2m"},
		{"reference:v1?bcrypt_cost=4", "reference:v2?pbkdf2_rounds=1", "reference",
			"--rate 60/s --budget 2m --binary " + staticProgram(t)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			arguments := append(strings.Fields(c.arguments), "--cpus", "2", "--offline", "--timeout", "30s",
				"--wait-quiet", "30s", "--out", "r")
			code, stdout, stderr := oauthbench(t, dir,
				append([]string{"compare", "--baseline", c.baseline, "--candidate", c.candidate}, arguments...)...)
			if code != exitcode.Pass && code != exitcode.Inconclusive && code != exitcode.Regression {
				t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
			}
			whole := assertMeasured(t, filepath.Join(dir, "r"), c.name)
			if whole && !strings.Contains(oneLine(stdout), "statements per request") {
				t.Errorf("the table does not say what it cost:\n%s", stdout)
			}
			assertNoContainers(t)
		})
	}
}

// assertMeasured checks that every trial of a comparison has what it must have, and tells
// whether the comparison went to its end: where others use the machine it does not.
func assertMeasured(t *testing.T, dir, server string) (whole bool) {
	t.Helper()
	run, err := session.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for role, d := range run.Deployments {
		if d.Digest == "" || d.Database == "" || !strings.Contains(d.Image, server) {
			t.Errorf("%s: image %q, digest %q, database %q; want all of them", role, d.Image, d.Digest, d.Database)
		}
	}
	epochs := map[int]bool{}
	for _, trial := range run.Trials {
		epochs[trial.Epoch] = true
		if !trial.Server.Known || !trial.Database.Known || trial.Counters == nil || trial.Counters.Calls() == 0 {
			t.Errorf("trial %d (%s): server %+v, database %+v, counters %v; want what was spent", trial.Pair,
				trial.Role, trial.Server, trial.Database, trial.Counters)
		}
		for _, m := range trial.Measurements {
			if m.Outcomes.Failed() > 0 {
				t.Errorf("%s %s: %+v, %v", trial.Role, m.Operation, m.Outcomes, m.Cases)
			}
		}
	}
	if len(run.End.Stopped) > 0 {
		t.Logf("ended early: %q", run.End.Stopped)
		return false
	}
	if len(epochs) < 2 {
		t.Errorf("%d epochs; the servers were not restarted", len(epochs))
	}
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		if run.Merged(role, "token").Outcomes.OK == 0 {
			t.Errorf("%s: no token was issued", role)
		}
	}
	return true
}

// A database that dies under load is a failed run with its reasons, not a hang and not
// a pass, and nothing is left.
func TestContainersDatabaseKilledUnderLoad(t *testing.T) {
	needContainers(t)
	dir := t.TempDir()
	cmd, _, _ := startUntilArgs(t, dir, answering, "run", "--target", "glewlwyd:2.7.6", "--scenario", "token", "--rate",
		"20/s",
		"--duration", "12s", "--timeout", "2s", "--slo", "token error_ratio < 1%", "--offline", "--out", "r")
	database, err := exec.Command("docker", "ps", "-q", "--filter", "label=org.oauthbench.role=database").Output()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("docker", "kill", strings.TrimSpace(string(database))).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitcode.Regression {
		t.Errorf("exit %d; want %d, for a missed SLO", code, exitcode.Regression)
	}
	run, err := session.Read(filepath.Join(dir, "r"))
	if err != nil {
		t.Fatal(err)
	}
	if o := run.Merged(bench.Candidate, "token").Outcomes; o.Failed() == 0 {
		t.Errorf("outcomes %+v; want failures", o)
	}
	assertNoContainers(t)
}

func TestContainersWithoutTheirImage(t *testing.T) {
	needContainers(t)
	code, _, stderr := oauthbench(t, t.TempDir(), "run", "--target", "hydra:v2.99.0", "--offline", "--out", "r")
	if code != exitcode.NoTarget || !strings.Contains(stderr, "oryd/hydra:v2.99.0") ||
		!strings.Contains(stderr, "docker load") {
		t.Errorf("exit %d, %q; want %d, the image and how to load it", code, stderr, exitcode.NoTarget)
	}
	assertNoContainers(t)
}

// ^C in the middle, and a kill followed by clean, leave nothing.
func TestContainersAreRemovedWhenStopped(t *testing.T) {
	needContainers(t)
	for _, signal := range []os.Signal{os.Interrupt, os.Kill} {
		dir := t.TempDir()
		cmd, _, _ := startUntilArgs(t, dir, answering, "run", "--target", "glewlwyd:2.7.6", "--scenario", "token",
			"--rate", "20/s", "--duration", "10m", "--offline", "--out", "r")
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if signal == os.Kill {
			if code, stdout, stderr := oauthbench(t, dir, "clean"); code != exitcode.Pass ||
				!strings.Contains(stdout, "removed container") {
				t.Errorf("clean: exit %d\n%s%s", code, stdout, stderr)
			}
		} else if code := cmd.ProcessState.ExitCode(); code != exitcode.Inconclusive {
			t.Errorf("exit %d; want %d", code, exitcode.Inconclusive)
		}
		assertNoContainers(t)
	}
}
