package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/rehearse"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// An upgrade with real migrations on PostgreSQL, in each way and with a planted fault of the
// migration: only what is wrong is found, and nothing is left.
func TestContainersAreRehearsed(t *testing.T) {
	needContainers(t)
	binary := staticProgram(t)
	quoting := filepath.Join(t.TempDir(), "quote.sql")
	if err := os.WriteFile(quoting, []byte(`UPDATE oauthbench_reference.clients SET name = 'say "hello"'`),
		0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, to string
		more     []string
		want     []string // faults
	}{
		{"blue-green", "reference:v2?pbkdf2_rounds=1", nil, nil},
		{"files", "reference:v2?pbkdf2_rounds=1", []string{"--copy", "files", "--rate", "0", "--control=false"}, nil},
		{"subject", "reference:v2?pbkdf2_rounds=1&fault.migration=subject", []string{"--rate", "0"},
			[]string{upgrade.FoundDeadDoor}},
		{"stop-the-world", "reference:v2?pbkdf2_rounds=1", []string{"--strategy", "stop-the-world", "--rate", "0"},
			nil},
		{"quoted", "reference:v2?pbkdf2_rounds=1&fault.migration=quoted", []string{"--rate", "0", "--control=false",
			"--before-copy", quoting}, []string{upgrade.FoundMigration}},
	} {
		t.Run(c.name, func(t *testing.T) {
			arguments := []string{"rehearse", "--from", "reference:v1?bcrypt_cost=4", "--to", c.to, "--binary", binary,
				"--offline", "--twins", "2", "--window", "1s", "--out", "r", "--format", "json"}
			cmd, temp := program(t, t.TempDir(), append(arguments, c.more...)...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run() // what it says is looked at
			assertEmpty(t, temp)
			var report rehearse.Report
			if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
				t.Fatalf("%v, %v\n%s", cmd.ProcessState, err, stderr.String())
			}
			var names []string
			for _, f := range report.Findings {
				if f.Fault() {
					names = append(names, f.Name)
				}
			}
			ended := report.Failed == ""
			if !slices.Equal(names, c.want) || ended && report.Captured != report.Replayed {
				t.Errorf("found %q, replayed %d of %d; want %q and all\n%+v",
					names, report.Replayed, report.Captured, c.want, report.Findings)
			}
			if ended && (report.Account == nil || len(report.Account.Tables) == 0) {
				t.Errorf("account = %+v; want the tables of the migration", report.Account)
			}
			out, err := exec.Command("docker", "ps", "-a", "--format",
				`{{.Label "org.oauthbench.run"}}`).CombinedOutput()
			own := report.Options.Run // others may rehearse beside it
			if err != nil || own == "" || strings.Contains(string(out), own) {
				t.Errorf("docker ps: %v, left %q", err, out)
			}
		})
	}
}

// What is wrong with the user's own SQL, or with what surrounds the upgrade, is never the upgrade's fault:
// it is told as what it is, and nothing is found.
func TestRehearsalsBlameWhatIsToBlame(t *testing.T) {
	needContainers(t)
	binary := staticProgram(t)
	for _, c := range []struct {
		name, flag, sql string
		code            int
		says            []string
	}{
		{"a typing error", "--after-migrate", "SELECT 1;\n\nSELEC 2;", exitcode.Usage,
			[]string{"--after-migrate", "own.sql", "line 3", `syntax error at or near "SELEC"`}},
		{"a constraint", "--before-copy", "SELECT 1;\nINSERT INTO oauthbench_reference.clients SELECT * FROM " +
			"oauthbench_reference.clients LIMIT 1", exitcode.Usage, []string{"line 2", "duplicate key"}},
		{"a database that ends", "--before-migrate", "COPY (SELECT 1) TO PROGRAM 'kill -QUIT 1'", exitcode.NoTarget,
			[]string{"oauthbench: rehearse: ", "database"}}, // which may still be ending
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "own.sql"), []byte(c.sql), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd, temp := program(t, dir, "rehearse", "--from", "reference:v1?bcrypt_cost=4", "--to",
				"reference:v2?pbkdf2_rounds=1", "--binary", binary, "--offline", "--twins", "1", "--rate", "0",
				"--control=false", "--out", "r", c.flag, "own.sql")
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run() // what it says is looked at
			assertEmpty(t, temp)
			if code := cmd.ProcessState.ExitCode(); code != c.code || stdout.Len() > 0 {
				t.Errorf("exit %d; want %d\n%s", code, c.code, stdout.String())
			}
			for _, want := range c.says {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("not said: %q\n%s", want, stderr.String())
				}
			}
		})
	}
}
