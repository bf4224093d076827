package cli

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/session"
)

// answering is a line of progress when the trial that counts has had answers.
var answering = regexp.MustCompile(`trial \d+ of \d+  .*measuring, [1-9]`)

// startUntil starts a run that would take ten minutes and returns once it prints a line that
// matches.
func startUntil(t *testing.T, dir string, line *regexp.Regexp) (cmd *exec.Cmd, temp string) {
	t.Helper()
	cmd, temp, _ = startUntilArgs(t, dir, line, "run", "--target", quickly, "--scenario", "introspect",
		"--rate", "50/s", "--duration", "10m", "--out", "r")
	return cmd, temp
}

// startUntilArgs is startUntil for another command line, and returns what was printed.
func startUntilArgs(t *testing.T, dir string, line *regexp.Regexp, args ...string) (cmd *exec.Cmd, temp, said string) {
	t.Helper()
	cmd, temp = program(t, dir, args...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // when a check failed; else it has ended
		_ = cmd.Wait()
		waitForNoChildren(t, "TMPDIR="+temp)
	})
	in := bufio.NewReader(stderr)
	for {
		one, err := in.ReadString('\n')
		said += one
		if err != nil {
			t.Fatalf("ended before a line %s: %v\n%s", line, err, said)
		}
		if line.MatchString(one) {
			go func() { _, _ = io.Copy(io.Discard, in) }()
			return cmd, temp, said
		}
	}
}

// A closed terminal, as ^C once: the servers are stopped and the report of what was measured
// is written.
func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, temp := startUntil(t, dir, answering)
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitcode.Inconclusive {
		t.Errorf("exit %d; want %d", code, exitcode.Inconclusive)
	}
	assertEmpty(t, temp)
	assertNoChildren(t, "TMPDIR="+temp)
	run, err := session.Read(filepath.Join(dir, "r"))
	if err != nil {
		t.Fatal(err)
	}
	if run.Complete() || run.Incomplete() != "interrupted" {
		t.Errorf("incomplete because %q; want interrupted", run.Incomplete())
	}
	last := run.Trials[len(run.Trials)-1]
	if m := last.Measurement("introspect"); m == nil || m.Outcomes.OK == 0 || m.Outcomes.Failed() != 0 {
		t.Errorf("the trial under way holds %+v; want what was answered before, and nothing that we broke off", m)
	}
	if _, err := os.Stat(filepath.Join(dir, "r", "report.html")); err != nil {
		t.Error(err)
	}
}

// SIGKILL cannot be handled; the servers notice that their parent is gone.
func TestKilledProgramLeavesNoProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, temp := startUntil(t, dir, regexp.MustCompile("starting"))
	// The server is up when scenarios are prepared, but a child that is still
	// starting must end as well.
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitForNoChildren(t, "TMPDIR="+temp)
}
