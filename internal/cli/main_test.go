package cli

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/github"
)

// asProgram makes this test binary behave as oauthbench: the servers under test are
// child processes that run the program's own executable.
const asProgram = "OAUTHBENCH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	heedHangup()
	// Nothing here asserts what was measured, and a run mostly waits. -parallel still counts.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// heedHangup makes programs that are started from here end with SIGHUP, also when the tests
// themselves run under nohup. Nothing but Notify takes it back that a signal is ignored, and
// Stop ignores it again.
func heedHangup() { signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) }

// oauthbench runs the program in dir with a temporary directory of its own, and
// checks that it leaves nothing there.
func oauthbench(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return oauthbenchWith(t, nil, dir, args...)
}

// oauthbenchWith is oauthbench with more in its environment.
func oauthbenchWith(t *testing.T, env []string, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd, temp := program(t, dir, args...)
	cmd.Env = append(cmd.Env, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // its exit code is what is asked
	assertEmpty(t, temp)
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// oneLine is a text as if its lines had no end: which words stand at the end of one depends on the figures before
// them, so that a sentence is looked for in this, not in what was printed.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// program is the command and the temporary directory that it must leave empty.
func program(t *testing.T, dir string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	// A job that runs the tests must not find their reports on its page.
	cmd.Env = append(os.Environ(), asProgram+"=1", "TMPDIR="+temp, github.SummaryVariable+"=")
	return cmd, temp
}

func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %s", strings.Join(left, ", "))
	}
}

// assertNoChildren looks for processes that carry mark in their environment or on
// their command line: ours would.
func assertNoChildren(t *testing.T, mark string) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environments {
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, []byte(mark)) {
			t.Errorf("%s still runs", filepath.Dir(path))
		}
	}
}

// waitForNoChildren waits until no process carries mark: one that was told to end by
// the loss of its parent needs a moment.
func waitForNoChildren(t *testing.T, mark string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		found := false
		environments, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, path := range environments {
			data, err := os.ReadFile(path)
			found = found || err == nil && bytes.Contains(data, []byte(mark))
		}
		if !found {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	assertNoChildren(t, mark)
}
