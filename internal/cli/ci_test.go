package cli

import (
	"os"
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
