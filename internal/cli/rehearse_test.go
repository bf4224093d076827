package cli

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

func TestRehearse(t *testing.T) {
	t.Parallel()
	const cheap = "bcrypt_cost=4&pbkdf2_rounds=1"
	for _, test := range []struct {
		what string
		args []string
		code int
		want string // on standard output
	}{
		{"a right upgrade", []string{"--to", "embedded:v2?" + cheap}, exitcode.Pass, "PASS"},
		{"a migration that loses the subject", []string{"--to", "embedded:v2?fault.migration=subject&" + cheap},
			exitcode.Regression, upgrade.FoundDeadDoor},
		{"only the plan", []string{"--plan-only"}, exitcode.Pass, "migrate the copy"},
		{"another server", []string{"--from", "hydra:v1.11.10"}, exitcode.Usage, ""},
		{"tokens that are bound to an issuer", []string{"--to", "embedded:v2?tokens=jwt"}, exitcode.Usage, ""},
		{"a directory that is not there", []string{"--resume", "nope"}, exitcode.Usage, ""},
		{"no rehearsal that was killed", []string{"--resume", "."}, exitcode.Usage, ""},
		{"only the plan of one that was killed", []string{"--resume", ".", "--plan-only"}, exitcode.Usage, ""},
		{"all strategies of one that has one", []string{"--strategy", "all"}, exitcode.Usage, ""},
		{"an older server", []string{"--from", "embedded:v2?" + cheap, "--to", "embedded:v1?" + cheap},
			exitcode.Regression,
			upgrade.FoundMigration},
	} {
		args := append([]string{"rehearse", "--twins", "2", "--rate", "0"}, test.args...)
		if !slices.Contains(args, "--from") {
			args = append(args, "--from", "embedded:v1?"+cheap)
		}
		code, stdout, stderr := oauthbench(t, t.TempDir(), args...)
		if code != test.code || !strings.Contains(oneLine(stdout), test.want) {
			t.Errorf("%s: exit %d; want %d and %q\n%s%s", test.what, code, test.code, test.want, stdout, stderr)
		}
	}
	code, stdout, _ := oauthbench(t, t.TempDir(), "rehearse", "--from", "embedded:v1?"+cheap, "--to",
		"embedded:v2?"+cheap, "--twins", "1", "--rate", "0", "--format", "json")
	var result upgrade.Result
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || code != exitcode.Pass || len(result.Lines) == 0 ||
		len(result.Steps) == 0 {
		t.Errorf("json: exit %d, %v, %d lines, %d steps; want the whole result", code, err, len(result.Lines),
			len(result.Steps))
	}
}

// What goes on is steps alone: nothing of what a server in this process logs.
func TestMatrixSaysItsStepsAlone(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := oauthbench(t, t.TempDir(), "matrix")
	if code != exitcode.Pass || !strings.HasPrefix(stdout, "PASS") {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	step := regexp.MustCompile(`^ +[0-9.]+m?s  \S`)
	for line := range strings.Lines(stderr) {
		if !step.MatchString(line) {
			t.Errorf("no step: %q", line)
		}
	}
}
