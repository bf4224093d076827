package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// A plan is not written, and is not called sound, when its run would be refused before it starts.
func TestPlansAreRefusedAsRunsAre(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		why       string
	}{
		{[]string{"plan", "init", "--candidate", "http://u:hunter2@127.0.0.1:1"}, "which would be stored: take it out"},
		{[]string{"plan", "init", "--target", "embedded:v9"}, "embedded:v9"},
		{[]string{"plan", "check", "--for", "run", "--rate", "1e30/s"},
			"at most 1000000000000 requests of token fit one trial"},
		{[]string{"run", "--rate", "1/h", "--duration", "2s"}, "not one request of token would be sent"},
		{[]string{"run", "--rate", "1e9/s", "--duration", "2s"}, "at most 50000000 requests of revoke fit one trial"},
	} {
		dir := t.TempDir()
		if c.arguments[1] == "init" {
			c.arguments = append(c.arguments, "--write", filepath.Join(dir, "written.yaml"))
		}
		code, stdout, stderr := oauthbench(t, dir, c.arguments...)
		if code != exitcode.Usage || !strings.Contains(stderr, c.why) || strings.Contains(stdout+stderr, "hunter2") {
			t.Errorf("%q: code %d, %s%s", c.arguments, code, stdout, stderr)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%q left %v, %v", c.arguments, left, err)
		}
	}
}
