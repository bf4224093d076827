package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/github"
)

// A GitHub job gets the report on its page; what other steps wrote there stays.
func TestJobSummary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	madeRun{noise: .01, factor: 1.5}.store(t, filepath.Join(dir, "r"))
	summary := filepath.Join(dir, "summary.md")
	if err := os.WriteFile(summary, []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, _ := program(t, dir, "report", "r", "--fail-on", "never")
	cmd.Env = append(cmd.Env, github.SummaryVariable+"="+summary)
	stdout, err := cmd.Output()
	if err != nil {
		t.Errorf("--fail-on never: %v", err)
	}
	if !strings.Contains(string(stdout), "\n::error title=oauthbench%3A regression::token P95 is ") {
		t.Errorf("no annotation in\n%s", stdout)
	}
	data, err := os.ReadFile(summary)
	if err != nil || !strings.HasPrefix(string(data), "before\n## oauthbench: REGRESSION") {
		t.Errorf("%v: the summary is %q", err, data)
	}
	if code, stdout, _ := oauthbench(t, dir, "report", "r"); code != exitcode.Regression ||
		strings.Contains(stdout, "::error") {
		t.Errorf("outside GitHub: exit %d and\n%s", code, stdout)
	}
}

// The action and the pages for CI name only commands and flags that there are.
func TestFilesForCIUseWhatThereIs(t *testing.T) {
	flag := regexp.MustCompile(`(^|[\s("])--([a-z-]+)`)
	for _, file := range []string{"internal/githubaction/compare.sh", "docs/ci.md", "docs/baselines.md"} {
		data, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		commands := 0
		for line := range strings.Lines(string(data)) {
			_, rest, ours := strings.Cut(line, "oauthbench ")
			args := strings.Fields(rest)
			if strings.HasSuffix(file, ".sh") && strings.Contains(line, "flags") {
				ours, args = true, []string{"compare"}
			}
			if !ours || strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			cmd, _, err := rootCommand().Find(args)
			if err != nil || cmd == cmd.Root() {
				continue // a sentence
			}
			commands++
			for _, f := range flag.FindAllStringSubmatch(line, -1) {
				if cmd.Flag(f[2]) == nil && cmd.InheritedFlags().Lookup(f[2]) == nil {
					t.Errorf("%s: %s has no flag --%s", file, cmd.CommandPath(), f[2])
				}
			}
		}
		if commands < 3 {
			t.Errorf("%s: %d commands found", file, commands)
		}
	}
}

// Whatever is wrong with an input of the action is said in one line by the program or the script, measures
// nothing, leaves nothing, and runs no code.
func TestActionSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("GitHub's runners have bash")
	}
	script, err := filepath.Abs(filepath.Join("..", "githubaction", "compare.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ input, says string }{
		{"PLAN=nowhere.yaml", "nowhere.yaml: no such file"},
		{"PLAN=with space/no plan.yaml", "with space/no plan.yaml: no such file"},
		{"PLAN=-x.yaml", "-x.yaml: no such file"},
		{"PLAN=.", "folder, not a file"},
		{"PLAN=note", "want keys and values"},
		{"PLAN=a\nb", "line break"},
		{"OUT=note", "note"},
		{"OUT=note/below", "note"},
		{"OUT=earlier", "earlier holds the report of an earlier run"},
		{"BASELINE=embedded:v1 embedded:v2", "no version"},
		{"CANDIDATE=$(touch pwned)", "unknown server"},
		{"CANDIDATE=; touch pwned", "unknown server"},
		{"CANDIDATE=-v", "unknown server"},
		{"PROFILE=ci'; touch pwned; '", "unknown profile"},
		{"PROFILE=\"ci\"", "unknown profile"},
		{"FAIL_ON=`touch pwned`", "--fail-on"},
		{"ARGS=$(touch pwned)", "takes no argument"},
		{"ARGS=-rf", "unknown flag"},
		{"ARGS=--rate 5/s", "write --rate=5/s"},
		{"ARGS=--plan", "needs an argument"},
		{"ARGS=--rate\n5/x", "unknown unit"},
		{"ARGS=--seed=1\n--out=elsewhere", "input of its own"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "note"), []byte("text\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, "earlier"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "earlier", "run.jsonl"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd, _ := program(t, dir)
		bin := t.TempDir()
		if err := os.Symlink(cmd.Path, filepath.Join(bin, "oauthbench")); err != nil {
			t.Fatal(err)
		}
		run := exec.Command("bash", script)
		run.Dir = dir
		run.Env = append(cmd.Environ(), "PATH="+bin+":"+os.Getenv("PATH"),
			"GITHUB_OUTPUT="+filepath.Join(bin, "output"), "PLAN=",
			"BASELINE=", "CANDIDATE=", "PROFILE=", "FAIL_ON=", "OUT=", "ARGS=", test.input)
		out, _ := run.CombinedOutput() // its exit code is what is asked
		said := strings.TrimSuffix(string(out), "\n")
		if code := run.ProcessState.ExitCode(); code != exitcode.Usage || strings.Contains(said, "\n") ||
			!strings.Contains(said, test.says) {
			t.Errorf("%q: exit %d and %q; want %d and %q on one line", test.input, code, said, exitcode.Usage,
				test.says)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 2 {
			t.Errorf("%q left %q", test.input, left)
		}
	}
}
