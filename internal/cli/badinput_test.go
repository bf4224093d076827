package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// Whatever is wrong is said in one line, with the documented code, before any load
// and without leaving anything behind.
func TestBadInputGetsOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("plan.yaml", "seed: 1\nrate: 0/s\n")
	write("file", "")
	write("empty-run.jsonl", "")
	for _, d := range []string{"taken", "damaged"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write("taken/run.jsonl", "{}\n")
	write("damaged/run.jsonl", "{\n")
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"frobnicate", exitcode.Usage, `unknown command "frobnicate"`},
		{"compare --frobnicate", exitcode.Usage, "--frobnicate"},
		{"compare now", exitcode.Usage, `no argument "now"`},
		{"compare --scenario tokn", exitcode.Usage,
			`unknown scenario "tokn": did you mean token? There are token, introspect, revoke`},
		{"compare --baseline hydrant:v1", exitcode.Usage, `unknown server "hydrant"`},
		{"compare --baseline embedded", exitcode.Usage, "names no version"},
		{"compare --candidate embedded:v3", exitcode.Usage, `"v3"`},
		{"compare --candidate embedded:v2?tokens=paper", exitcode.Usage, `"paper"`},
		{"compare --candidate embedded:v2?ink=blue", exitcode.Usage, `"ink"`},
		{"compare --rate 0/s", exitcode.Usage, `rate "0/s": want more than 0`},
		{"compare --rate -3/s", exitcode.Usage, `rate "-3/s"`},
		{"compare --rate 50", exitcode.Usage, `rate "50" has no unit`},
		{"compare --rate 50/day", exitcode.Usage, `unknown unit "day"`},
		{"compare --rate nothing=5/s", exitcode.Usage, `"nothing"`},
		{"compare --rate 0.001/s", exitcode.Usage, "P95 needs a budget of"},
		{"compare --margin 0%", exitcode.Usage, "want 0.1% to 1000%"},
		{"compare --slo token", exitcode.Usage, "token"},
		{"compare --profile slow", exitcode.Usage, `unknown profile "slow"`},
		{"compare --seed x", exitcode.Usage, `seed "x"`},
		{"compare --plan plan.yaml", exitcode.Usage, `plan.yaml:2: rate: rate "0/s"`},
		{"compare --plan missing.yaml", exitcode.Usage, "missing.yaml"},
		{"compare --out file/within", exitcode.Usage, "--out file/within"},
		{"compare --out taken", exitcode.Usage, "holds a run already"},
		{"compare --candidate embedded:v2?db=postgres", exitcode.NoTarget, "OAUTHBENCH_POSTGRES_DSN"},
		{"run --scenario authcode --rate 1/s --duration 11m", exitcode.NoTarget,
			"authorization codes are good for 10m0s"},
		{"capacity", exitcode.Usage, "capacity needs a limit, such as --slo 'p99 < 50ms'"},
		{"capacity --slo p99<50", exitcode.Usage, `limit "50"`},
		{"capacity --baseline embedded:v1 --slo p99<50ms --margin 5% --margin capacity=3%", exitcode.Usage,
			"has one margin"},
		{"capacity --slo p99<50ms --rate 5/s", exitcode.Usage, "capacity searches the rate"},
		{"capacity --slo achieved<=50%", exitcode.Usage, "limits from above"},
		{"capacity --slo refresh_p99<50ms", exitcode.Usage, `"refresh_p99"`},
		{"size", exitcode.Usage, "--peak is missing: write 'token 300/s"},
		{"size nowhere --peak token_3/s", exitcode.Usage, "want an operation and a rate"},
		{"size damaged --peak token=3/s --format paper", exitcode.Usage, `--format "paper"`},
		{"capacity --resume nowhere", exitcode.Usage, "nowhere holds no run"},
		{"capacity --resume damaged", exitcode.Usage, "damaged"},
		{"run --duration 1h30", exitcode.Usage, `"1h30" is not a duration`},
		{"run --margin 5%", exitcode.Usage, "--margin"},
		{"report", exitcode.Usage, "one directory or more"},
		{"report nowhere", exitcode.Usage, "nowhere holds no run"},
		{"report damaged", exitcode.Usage, "damaged/run.jsonl: line 1"},
		{"serve v9", exitcode.Usage, `"v9"`},
		{"serve --listen 127.0.0.1:1 --listen 127.0.0.1:2", exitcode.Usage, "--listen: it is given twice"},
		{"rehearse --from embedded:v1 --from embedded:v2", exitcode.Usage,
			`--from: it is given twice, as "embedded:v1" and as "embedded:v2": from takes one value`},
		{"report taken --format json --format text", exitcode.Usage, "--format: it is given twice"},
	} {
		t.Run(c.args, func(t *testing.T) {
			args := strings.Fields(c.args)
			for _, command := range []string{"compare", "run"} {
				if args[0] == command && !strings.Contains(c.args, "--out") {
					args = append(args, "--out", "never")
				}
			}
			code, stdout, stderr := oauthbench(t, dir, args...)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			last := lines[len(lines)-1]
			if code != c.code || !strings.HasPrefix(last, "oauthbench: ") || !strings.Contains(last, c.want) ||
				stdout != "" {
				t.Errorf("exit %d, stdout %q, stderr %q; want %d and a last line with %q", code, stdout, stderr, c.code,
					c.want)
			}
			if len(last) > 400 {
				t.Errorf("a line of %d letters: nobody reads it", len(last))
			}
			if c.code == exitcode.Usage && len(lines) != 1 {
				t.Errorf("%d lines on stderr; want one: %q", len(lines), stderr)
			}
			if _, err := os.Stat(filepath.Join(dir, "never")); !os.IsNotExist(err) {
				t.Errorf("a directory of a run that never was: %v", err)
			}
		})
	}
}

func TestUnreadableVariablePlaces(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := oauthbench(t, dir, "compare", "--out", "x"); code != exitcode.Usage ||
		!strings.Contains(stderr, "--out x") {
		t.Errorf("exit %d, %q; want %d and the directory's name", code, stderr, exitcode.Usage)
	}
}
