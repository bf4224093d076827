package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// snippet is a shell script of docs/ci.md, with how its system calls a shell.
type snippet struct {
	name, script string
	shell        []string
	cached       bool // only where the cache had the images
}

var (
	fence    = regexp.MustCompile("(?s)```(sh|yaml|groovy)\n(.*?)```")
	jenkins  = regexp.MustCompile(`(?m)^\s*sh '(.*)'$`)
	ofGitHub = []string{"bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"}
	ofOthers = []string{"sh", "-e", "-c"}
)

// snippets are the shell parts of the page, in its order.
func snippets(t *testing.T, page string) []snippet {
	t.Helper()
	var all []snippet
	for i, block := range fence.FindAllStringSubmatch(page, -1) {
		name := fmt.Sprintf("%s %d", block[1], i+1)
		switch block[1] {
		case "sh":
			all = append(all, snippet{name: name, script: block[2], shell: ofOthers})
		case "groovy":
			for _, line := range jenkins.FindAllStringSubmatch(block[2], -1) {
				all = append(all, snippet{name: name, script: line[1], shell: ofOthers})
			}
		case "yaml":
			all = append(all, yamlSnippets(t, name, block[2])...)
		}
	}
	return all
}

// yamlSnippets are the scripts of a workflow of GitHub, or of a pipeline of GitLab.
func yamlSnippets(t *testing.T, name, text string) []snippet {
	t.Helper()
	type job struct {
		Before []string `yaml:"before_script"`
		Script []string `yaml:"script"`
		Steps  []struct {
			If  string `yaml:"if"`
			Run string `yaml:"run"`
		} `yaml:"steps"`
	}
	var workflow struct {
		Jobs map[string]job `yaml:"jobs"`
	}
	var pipeline map[string]job
	var all []snippet
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	for _, j := range workflow.Jobs {
		for _, step := range j.Steps {
			if step.Run != "" {
				all = append(all, snippet{name, step.Run, ofGitHub,
					step.If == "steps.images.outputs.cache-hit == 'true'"})
			}
		}
	}
	if all != nil {
		return all
	}
	if err := yaml.Unmarshal([]byte(text), &pipeline); err != nil {
		t.Fatal(err)
	}
	for _, j := range pipeline {
		// GitLab runs both in one shell.
		all = append(all, snippet{name: name, script: strings.Join(append(j.Before, j.Script...), "\n"),
			shell: ofOthers})
	}
	return all
}

// standIns are what the page's lines call beside oauthbench. Whatever measures is a stored run
// here; all else is the program's own.
const standIns = `
measured() {
  code=
  out=
  for word; do
    case $word in
      --out=*) out=${word#--out=} ;;
      --fail-on=*) code=$word ;;
    esac
    if [ "$last" = --out ]; then out=$word; fi
    if [ "$last" = --fail-on ]; then code=--fail-on=$word; fi
    last=$word
  done
  if [ -e "$out/run.jsonl" ]; then echo "$out holds a run" >&2; exit 2; fi
  mkdir -p "$out" && cp "$MADE/run.jsonl" "$out/" && exec "$REAL" report "$out" $code
}
case "$1 $2" in
  "compare --help") ;;
  compare*) measured "$@" ;;
  "baseline compare") shift; measured "$@" ;;
esac
exec "$REAL" "$@"
`

// TestSnippetsForCI runs every shell line of docs/ci.md, twice: a job that is repeated on the
// same disk finds its own results there, and baselines of the job before.
func TestSnippetsForCI(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := snippets(t, string(page))
	if len(all) < 7 {
		t.Fatalf("%d shell parts found; the page has more", len(all))
	}
	dir, made, bin := t.TempDir(), t.TempDir(), t.TempDir()
	madeRun{noise: .01, factor: 1}.store(t, made)
	cmd, _ := program(t, dir)
	real := cmd.Path
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(bin, "oauthbench"), "#!/bin/sh\n"+standIns)
	write(filepath.Join(bin, "docker"), `#!/bin/sh
case "$1" in
  images) echo '<none>:<none>'; echo postgres:15 ;;
  load) cat "$3" >/dev/null ;;
  save) [ "$4" = postgres:15 ] && echo saved >"$3" ;;
  *) exit 1 ;;
esac
`)
	// The release is an archive of the stand-in, with its sum.
	write(filepath.Join(bin, "wget"), `#!/bin/sh
archive=$(basename "$2")
tar -czf "$archive" -C "$BIN" oauthbench && sha256sum "$archive" >checksums.txt
`)
	for round := 1; round <= 2; round++ {
		for i, s := range all {
			if _, err := os.Stat(filepath.Join(dir, "images.tar")); s.cached && err != nil {
				continue
			}
			run := exec.Command(s.shell[0], append(s.shell[1:], s.script)...)
			run.Dir = dir
			job := fmt.Sprintf("%d-%d", round, i)
			run.Env = append(cmd.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "BIN="+bin, "REAL="+real, "MADE="+made,
				"JOB="+job, "GITHUB_RUN_ID="+job, "GITHUB_RUN_ATTEMPT=1", "GITHUB_RUN_NUMBER="+job, "REPORT=r",
				"CI_JOB_ID="+job, "BUILD_NUMBER="+job, "IMAGES="+filepath.Join(dir, "images"),
				"BENCHMARK_VERSION=1.4.0", "BENCHMARK_RELEASES=https://releases.example",
				"GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"))
			if out, err := run.CombinedOutput(); err != nil {
				t.Errorf("round %d, %s: %v\n%s\n%s", round, s.name, err, s.script, out)
			}
		}
	}
	for _, want := range []string{"metrics.txt", "images.tar", "images", "summary.md"} {
		if info, err := os.Stat(filepath.Join(dir, want)); err != nil || info.Size() == 0 {
			t.Errorf("the snippets left no %s: %v", want, err)
		}
	}
	if reports, _ := filepath.Glob(filepath.Join(dir, "oauthbench-report", "*", "junit.xml")); len(reports) < 4 {
		t.Errorf("%d JUnit reports lie where GitLab and Jenkins look for them: %v", len(reports), reports)
	}
	if baselines, _ := filepath.Glob(filepath.Join(dir, "baselines", "main-*.json.gz")); len(baselines) != 2 {
		t.Errorf("%d baselines after two jobs: %v", len(baselines), baselines)
	}
}
