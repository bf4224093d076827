package githubaction

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// job is a place where scripts run as in a job: a workspace, and the files that steps write.
type job struct {
	t        *testing.T
	dir, bin string
}

func newJob(t *testing.T) job {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("GitHub's runners have bash")
	}
	return job{t, t.TempDir(), t.TempDir()}
}

// program puts a program of that name onto the job's path.
func (j job) program(name, text string) {
	j.t.Helper()
	if err := os.WriteFile(filepath.Join(j.bin, name), []byte(text), 0o755); err != nil {
		j.t.Fatal(err)
	}
}

// run runs a script and returns its exit code, what it set, and what it printed.
func (j job) run(script string, env ...string) (code int, outputs map[string]string, printed string) {
	j.t.Helper()
	here, err := filepath.Abs(script)
	if err != nil {
		j.t.Fatal(err)
	}
	output := filepath.Join(j.bin, "output")
	if err := os.WriteFile(output, nil, 0o600); err != nil {
		j.t.Fatal(err)
	}
	cmd := exec.Command("bash", here)
	cmd.Dir = j.dir
	cmd.Env = append(append(os.Environ(), env...), "PATH="+j.bin+":"+os.Getenv("PATH"), "GITHUB_OUTPUT="+output,
		"GITHUB_PATH="+filepath.Join(j.bin, "path"))
	text, err := cmd.CombinedOutput()
	if exit, failed := err.(*exec.ExitError); failed {
		code = exit.ExitCode()
	} else if err != nil {
		j.t.Fatal(err)
	}
	set, err := os.ReadFile(output)
	if err != nil {
		j.t.Fatal(err)
	}
	outputs = map[string]string{}
	for line := range strings.Lines(string(set)) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !found || outputs[name] != "" {
			j.t.Errorf("%s sets %q", script, line)
		}
		outputs[name] = value
	}
	return code, outputs, string(text)
}

// empty fails when the workspace holds anything but what is named.
func (j job) empty(but ...string) {
	j.t.Helper()
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(but, e.Name()) {
			j.t.Errorf("the workspace holds %q", e.Name())
		}
	}
}

// stub is an oauthbench that notes its words and leaves a decision.
const stub = `#!/usr/bin/env bash
printf '%s\0' "$@" >"$WORDS"
for word; do case $word in --out=*) out=${word#--out=} ;; esac; done
mkdir -p -- "$out"
case $DECISION in
  none) echo '{}' >"$out/verdict.json" ;;
  huge) { printf '{\n  "decision": "pass",\n'; head -c 50000000 /dev/zero | tr '\0' 'x'; } >"$out/verdict.json" ;;
  *) printf '{\n  "decision": "%s"\n}\n' "$DECISION" >"$out/verdict.json" ;;
esac
exit "$CODE"
`

func (j job) compare(env ...string) (code int, outputs map[string]string, words []string) {
	j.t.Helper()
	j.program("oauthbench", stub)
	noted := filepath.Join(j.bin, "words")
	code, outputs, _ = j.run("compare.sh", append([]string{"PLAN=", "BASELINE=", "CANDIDATE=", "PROFILE=",
		"FAIL_ON=inconclusive", "OUT=", "ARGS=", "DECISION=pass", "CODE=0", "WORDS=" + noted}, env...)...)
	if text, err := os.ReadFile(noted); err == nil {
		words = strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
		_ = os.Remove(noted)
	}
	return code, outputs, words
}

// Inputs reach oauthbench as they are, and no shell ever runs or splits them.
func TestHostileInputsAreWords(t *testing.T) {
	for _, evil := range []string{
		"$(touch pwned)", "`touch pwned`", "; touch pwned", "&& touch pwned #", "| touch pwned", "'; touch pwned; '",
		"\"; touch pwned; \"", "${IFS}touch${IFS}pwned", "* ? [a-z]", "~", "-rf", "--out=elsewhere", "%s%n", "a  b\\",
		"<(touch pwned)", "> pwned", "x[$(touch pwned)]", "!!", "é\u202e",
	} {
		j := newJob(t)
		code, outputs, words := j.compare("PLAN="+evil, "BASELINE="+evil, "CANDIDATE="+evil, "PROFILE="+evil,
			"ARGS=--rate\n"+strings.TrimPrefix(evil, "--out"))
		want := []string{"compare", "--fail-on=inconclusive", "--out=oauthbench-report", "--plan=" + evil,
			"--profile=" + evil, "--baseline=" + evil, "--candidate=" + evil, "--rate",
			strings.TrimPrefix(evil, "--out")}
		if code != 0 || !slices.Equal(words, want) {
			t.Errorf("%q: exit %d, called with %q; want %q", evil, code, words, want)
		}
		if outputs["decision"] != "pass" || outputs["report"] != "oauthbench-report" {
			t.Errorf("%q: outputs %q", evil, outputs)
		}
		j.empty("oauthbench-report")

		j = newJob(t)
		if _, outputs, _ = j.compare("OUT=" + evil); outputs["report"] != evil ||
			outputs["decision"] != "pass" ||
			!regexp.MustCompile(`^[0-9A-Za-z._-]+$`).MatchString(outputs["artifact"]) {
			t.Errorf("out %q: outputs %q", evil, outputs)
		}
		if _, err := os.Stat(filepath.Join(j.dir, "pwned")); err == nil {
			t.Errorf("out %q was run", evil)
		}
	}
}

// What could set another output, or move the run away, is refused before anything is called.
func TestRefusedInputs(t *testing.T) {
	for _, evil := range []string{"OUT=a\ndecision=pass", "PLAN=a\nb", "OUT=a\rb", "ARGS=--out\nelsewhere",
		"ARGS=--out=x",
		"ARGS=--rate=5/s\n--fail-on=never", "ARGS=--rate 5/s", "ARGS=--seed\t1", "ARGS=--rate $(touch pwned)"} {
		j := newJob(t)
		code, outputs, words := j.compare(evil)
		if code != 2 || len(outputs) > 0 || words != nil {
			t.Errorf("%q: exit %d, outputs %q, called with %q", evil, code, outputs, words)
		}
		j.empty()
	}
}

// An input that a workflow leaves empty is one that it does not have, and a limit keeps its blanks.
func TestEmptyInputsAreNone(t *testing.T) {
	code, _, words := newJob(t).compare("FAIL_ON=", "ARGS=\n--slo=token p99 < 100ms\n\n")
	want := []string{"compare", "--fail-on=inconclusive", "--out=oauthbench-report", "--slo=token p99 < 100ms"}
	if code != 0 || !slices.Equal(words, want) {
		t.Errorf("exit %d, called with %q; want %q", code, words, want)
	}
}

// A decision is that of this run: never an earlier one's, and never what is none.
func TestDecisionIsOfThisRun(t *testing.T) {
	j := newJob(t)
	for n, want := range []string{"oauthbench-report", "oauthbench-report-2", "oauthbench-report-3"} {
		if _, outputs, _ := j.compare(); outputs["report"] != want || outputs["decision"] != "pass" {
			t.Errorf("use %d: %q; want %q", n+1, outputs, want)
		}
	}
	code, outputs, words := j.compare("OUT=oauthbench-report", "DECISION=regression")
	if code != 2 || outputs["decision"] != "" || words != nil {
		t.Errorf("a directory with a report: exit %d, outputs %q", code, outputs)
	}
	for decision, known := range map[string]bool{"pass": true, "regression": true, "failed": true, "inconclusive": true,
		"invalid": true, "": false, "PASS": false, "pass;": false, "$(touch pwned)": false} {
		_, outputs, _ := newJob(t).compare("DECISION="+decision, "CODE=1")
		if want := map[bool]string{true: decision}[known]; outputs["decision"] != want {
			t.Errorf("decision %q is set as %q; want %q", decision, outputs["decision"], want)
		}
	}
	// What ended well and decided nothing is no gate that was passed: the step ends with 3.
	for ended := range 5 {
		for decision, set := range map[string]string{"pass": "pass", "none": "", "huge": "pass"} {
			want := ended
			if ended == 0 && set == "" {
				want = 3
			}
			code, outputs, _ := newJob(t).compare("CODE="+fmt.Sprint(ended), "DECISION="+decision)
			if code != want || outputs["decision"] != set {
				t.Errorf("oauthbench ended with %d and decision %s, the step with %d and %q", ended, decision, code,
					outputs)
			}
		}
	}
}

func TestWhichIsGot(t *testing.T) {
	for _, test := range []struct{ version, ref, want string }{
		{"", "v1.4.0", "v1.4.0"}, {"", "v1", "latest"}, {"", "v1.4", "latest"}, {"", "main", "build"},
		{"", "", "build"},
		{"", "8f3b1c2", "build"}, {"v1.4.0", "main", "v1.4.0"}, {"1.4.0", "v1", "v1.4.0"},
		{"v2.0.0-rc.1", "", "v2.0.0-rc.1"},
		{"latest", "v1.4.0", "latest"}, {"build", "v1.4.0", "build"},
	} {
		code, outputs, _ := newJob(t).run("which.sh", "VERSION="+test.version, "ACTION_REF="+test.ref)
		if code != 0 || outputs["version"] != test.want {
			t.Errorf("version %q at %q: exit %d, %q; want %q", test.version, test.ref, code, outputs, test.want)
		}
	}
	for _, evil := range []string{"v1", "../../../evil", "v1.4.0/../../evil", "v1.4.0;touch pwned", "$(touch pwned)",
		"v1.4.0\nversion=build", "https://evil.example", "v1.4.0 v1.4.1", "main"} {
		j := newJob(t)
		if code, outputs, _ := j.run("which.sh", "VERSION="+evil, "ACTION_REF="); code != 2 || len(outputs) > 0 {
			t.Errorf("version %q: exit %d, %q", evil, code, outputs)
		}
		j.empty()
	}
}

// release is an archive as a release has it.
func release(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	w := tar.NewWriter(zipped)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Only an archive with the sum that its release names is installed, and of it only the program.
func TestReleaseIsVerified(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("GitHub's runners have curl")
	}
	const program = "#!/bin/sh\necho oauthbench v1.4.0\n"
	good := release(t, map[string]string{"oauthbench": program, "../escaped": "x", "README.md": "x"})
	other := release(t, map[string]string{"oauthbench": "#!/bin/sh\ntouch pwned\n"})
	const name = "oauthbench_1.4.0_linux_amd64.tar.gz"
	sums := fmt.Sprintf("%x  oauthbench_1.4.0_linux_arm64.tar.gz\n%x  %s\n", sha256.Sum256(other), sha256.Sum256(good),
		name)
	for _, test := range []struct {
		what, version, sums string
		archive             []byte
		code                int
	}{
		{"a release", "v1.4.0", sums, good, 0},
		{"the latest release", "latest", sums, good, 0},
		{"another archive", "v1.4.0", sums, other, 1},
		{"a part of it", "v1.4.0", sums, good[:len(good)-9], 1},
		{"no sum", "v1.4.0", "", good, 1},
		{"a name that leads elsewhere", "v1.4.0", fmt.Sprintf("%x  ../%s\n", sha256.Sum256(good), name), good, 1},
		{"no such release", "v9.9.9", sums, good, 22},
	} {
		mux := http.NewServeMux()
		for _, from := range []string{"/releases/download/v1.4.0/", "/releases/latest/download/"} {
			mux.HandleFunc(from+"checksums.txt", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(test.sums))
			})
			mux.HandleFunc(from+name, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(test.archive) })
		}
		server := httptest.NewServer(mux)
		j := newJob(t)
		dest := filepath.Join(j.dir, "dest")
		code, _, printed := j.run("get.sh", "VERSION="+test.version, "RELEASES="+server.URL+"/releases",
			"SOURCE=/nowhere",
			"DEST="+dest, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "TMPDIR="+j.bin)
		server.Close()
		installed, _ := os.ReadFile(filepath.Join(dest, "oauthbench"))
		if code != test.code || (string(installed) == program) != (test.code == 0) || test.code != 0 &&
			installed != nil {
			t.Errorf("%s: exit %d, want %d; installed %q\n%s", test.what, code, test.code, installed, printed)
		}
		path, _ := os.ReadFile(filepath.Join(j.bin, "path"))
		if (string(path) == dest+"\n") != (test.code == 0) {
			t.Errorf("%s: onto the path came %q", test.what, path)
		}
		j.empty("dest")
	}
}

// comments runs comment.cjs against a GitHub that holds comments, and returns what it did.
func comments(t *testing.T, report string, known []string, status int) (calls []string, bodies []string) {
	t.Helper()
	dir := t.TempDir()
	if report != "" {
		if err := os.WriteFile(filepath.Join(dir, "report.md"), []byte(report), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	held, err := json.Marshal(append([]string{}, known...))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "-e", `
const comment = require(process.env.SCRIPT), calls = [], bodies = [];
const held = JSON.parse(process.env.HELD).map((body, id) => ({ id, body }));
function refuse() {
  const status = +process.env.STATUS;
  if (status) throw Object.assign(new Error("no"), { status });
}
const github = {
  paginate: { iterator: async function* () { for (const c of held) yield { data: [c] }; } },
  rest: { issues: {
    listComments: {},
    createComment: async (c) => { refuse(); calls.push("create " + c.issue_number); bodies.push(c.body); },
    updateComment: async (c) => { refuse(); calls.push("update " + c.comment_id); bodies.push(c.body); },
  } },
};
const payload = { pull_request: { number: 12 } };
const context = { repo: { owner: "o", repo: "r" }, serverUrl: "https://github.example", runId: 7, payload };
const core = { warning: (w) => calls.push("warning"), info: () => calls.push("info") };
comment({ github, context, core, report: process.env.REPORT, key: process.env.KEY }).then(
  () => console.log(JSON.stringify({ calls, bodies })), (e) => { console.error(e); process.exit(1); });
`)
	script, err := filepath.Abs("comment.cjs")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "SCRIPT="+script, "REPORT="+dir, "HELD="+string(held),
		fmt.Sprintf("STATUS=%d", status),
		"KEY=work flow/job--><script>")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var did struct{ Calls, Bodies []string }
	if err := json.Unmarshal(out, &did); err != nil {
		t.Fatal(err)
	}
	return did.Calls, did.Bodies
}

// A comment is created once and then updated, is never longer than GitHub takes, and a job that
// may not write goes on.
func TestComment(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("GitHub's runners have node")
	}
	calls, bodies := comments(t, "## PASS\n", []string{"hello"}, 0)
	if !slices.Equal(calls, []string{"create 12"}) || !strings.HasPrefix(bodies[0], "## PASS\n") ||
		strings.Count(bodies[0], "-->") != 1 {
		t.Fatalf("%q, %q", calls, bodies)
	}
	if calls, _ := comments(t, "## REGRESSION\n", []string{"hello", bodies[0], bodies[0]}, 0); !slices.Equal(calls,
		[]string{"update 1"}) {
		t.Errorf("the second run: %q", calls)
	}
	if _, bodies := comments(t, strings.Repeat("é", 70_000), nil, 0); len([]rune(bodies[0])) > 65_536 ||
		!strings.Contains(bodies[0], "oauthbench work%20flow") {
		t.Errorf("a long report: %d characters", len([]rune(bodies[0])))
	}
	for status := range map[int]bool{403: true, 404: true} {
		if calls, _ := comments(t, "x", nil, status); !slices.Equal(calls, []string{"warning"}) {
			t.Errorf("status %d: %q", status, calls)
		}
	}
	if calls, _ := comments(t, "", nil, 0); !slices.Equal(calls, []string{"warning"}) {
		t.Errorf("no report: %q", calls)
	}
}

// No expression stands within a script of the action or of a workflow: it would become code.
func TestNoExpressionWithinAScript(t *testing.T) {
	type step struct {
		Run  string            `yaml:"run"`
		With map[string]string `yaml:"with"`
	}
	var action struct {
		Runs struct{ Steps []step }
	}
	read := func(file string, into any) {
		text, err := os.ReadFile(filepath.Join("..", "..", file))
		if err == nil {
			err = yaml.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	read("action.yml", &action)
	steps := action.Runs.Steps
	for _, file := range []string{"ci", "action", "release"} {
		var workflow struct {
			Jobs map[string]struct{ Steps []step }
		}
		read(filepath.Join(".github", "workflows", file+".yml"), &workflow)
		for _, j := range workflow.Jobs {
			steps = append(steps, j.Steps...)
		}
	}
	scripts := 0
	for _, s := range steps {
		for _, script := range []string{s.Run, s.With["script"]} {
			if script != "" {
				scripts++
			}
			if strings.Contains(script, "${{") {
				t.Errorf("an expression in %q", script)
			}
		}
	}
	if scripts < 6 {
		t.Errorf("%d scripts found", scripts)
	}
}
