package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// A limit that no rate keeps is found out at once, on a real server, and the stored trials
// tell the same again. On a machine that others use the search says that instead.
func TestCapacityOfTheEmbeddedServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a search takes its time")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "r")
	code, stdout, stderr := oauthbench(t, dir, "capacity", "--scenario", "token", "--slo", "p50 < 10us", "--out", out)
	unkept := code == exitcode.Regression && strings.Contains(oneLine(stdout), "keeps the limits at no rate")
	disturbed := code == exitcode.Inconclusive && strings.Contains(stdout, "disturbed")
	if !unkept && !disturbed {
		t.Fatalf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
	if !strings.Contains(stderr, "cost: about ") {
		t.Errorf("the cost is not stated:\n%s", stderr)
	}
	again, told, _ := oauthbench(t, dir, "report", out)
	if again != code || strings.Split(told, "\n")[0] != strings.Split(stdout, "\n")[0] {
		t.Errorf("reported again: code %d\n%s\nwant code %d\n%s", again, told, code, stdout)
	}
	if code, _, stderr := oauthbench(t, dir, "report", out, out); code != exitcode.Usage || !strings.Contains(stderr,
		"is reported on alone") {
		t.Errorf("beside another: code %d, %s", code, stderr)
	}
	code, _, stderr = oauthbench(t, dir, "capacity", "--resume", out)
	ended := strings.Contains(stderr, "nothing to resume") || // or, on a busy machine, its time did
		disturbed && strings.Contains(stderr, "used up its time: give it more with --budget")
	if code != exitcode.Usage || !ended {
		t.Errorf("resumed after its end: code %d, %s", code, stderr)
	}
}
