package cli

import (
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// A disk that fills up under the embedded server is what limited it, in the words of its
// own log: not the processor, and not nothing.
func TestFullDiskIsNamed(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("only root may mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	cmd, _ := program(t, t.TempDir(), "run", "--target", "embedded:v2?pbkdf2_rounds=1", "--scenario", "token",
		"--rate", "300/s", "--duration", "2s", "--out", "r")
	cmd.Env = append(cmd.Env, "TMPDIR="+disk)
	out, _ := cmd.Output() // its exit code is what is asked
	code, text := cmd.ProcessState.ExitCode(), oneLine(string(out))
	limited := regexp.MustCompile(`Something failed at \S+: the server's disk is full`)
	if code != exitcode.Regression || !limited.MatchString(text) ||
		!strings.Contains(text, "database or disk is full (13)") {
		t.Errorf("exit %d; want %d and the full disk as the limit, with its words\n%s", code, exitcode.Regression, out)
	}
	if n := strings.Count(text, "- the server's disk is full"); n != 1 {
		t.Errorf("the disk is a reason %d times; want it once\n%s", n, out)
	}
	assertEmpty(t, disk)
}
