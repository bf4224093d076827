package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/reports"
)

// storedReleases is what releases.json says.
type storedReleases struct {
	Decision verdict.Decision
	Runs     []struct {
		Dir, Baseline, Candidate string
		Decision                 verdict.Decision
	}
	Notes []string
}

func readReleases(t *testing.T, dir string) storedReleases {
	t.Helper()
	var v storedReleases
	data, err := os.ReadFile(filepath.Join(dir, "releases.json"))
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The whole way with two candidates, on real servers: every run is stored whole and judged
// by itself, the joint report decides by all of them together, and the exit code is the
// worst, whatever it is on a machine that runs other tests.
func TestCompareOfTwoCandidates(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("measures for two minutes")
	}
	dir := t.TempDir()
	// The slow one takes 60 ms for each of the twenty questions beside each of its trials, too: 75 s would not do.
	same, slow := quickly+"&refresh_ttl=1h", quickly+"&fault.delay=60ms"
	code, stdout, stderr := oauthbench(t, dir, "compare", "--baseline", quickly, "--candidate", same, "--candidate",
		slow,
		"--scenario", "token", "--rate", "200/s", "--budget", "2m", "--out", "r")
	if code != exitcode.Pass && code != exitcode.Regression && code != exitcode.Inconclusive {
		t.Fatalf("exit %d; want a verdict\n%s%s", code, stdout, stderr)
	}
	all := readReleases(t, filepath.Join(dir, "r"))
	if len(all.Runs) != 2 {
		t.Fatalf("%d runs; want 2\n%s", len(all.Runs), stdout)
	}
	var alone []verdict.Verdict
	var runs []*bench.Run
	for i, name := range []string{same, slow} {
		one := all.Runs[i]
		if one.Candidate != name || one.Baseline != quickly {
			t.Errorf("run %d compares %s with %s", i, one.Candidate, one.Baseline)
		}
		run, err := session.Read(filepath.Join(dir, one.Dir))
		if err != nil {
			t.Fatal(err)
		}
		r, err := judged.Run(run)
		if err != nil {
			t.Fatal(err)
		}
		if !run.Complete() || r.Decision() != readVerdict(t, filepath.Join(dir, one.Dir)).Decision {
			t.Errorf("%s: complete %v, %s; verdict.json decides otherwise", name, run.Complete(), r.Decision())
		}
		if audit := reports.Audit(r); len(audit) > 0 {
			t.Errorf("%s contradicts itself: %q", name, audit)
		}
		alone, runs = append(alone, r.Verdict), append(runs, run)
	}
	if runs[0].Seed != runs[1].Seed || runs[0].Loads[0].Rate() != runs[1].Loads[0].Rate() {
		t.Error("the candidates were not measured alike")
	}
	var decisions []verdict.Decision
	for i, v := range verdict.Family(alone) {
		decisions = append(decisions, v.Decision)
		if all.Runs[i].Decision != v.Decision {
			t.Errorf("%s: %q; corrected for two candidates it is %q", all.Runs[i].Candidate, all.Runs[i].Decision,
				v.Decision)
		}
	}
	if worst := verdict.Worst(decisions...); all.Decision != worst || code != exitcode.OfDecision(worst) {
		t.Errorf("decides %q with exit %d; the worst is %q", all.Decision, code, worst)
	}
	if notes := strings.Join(all.Notes, "\n"); measured(runs[0]) && measured(runs[1]) &&
		(!strings.Contains(notes, "corrected for 2 candidates (Holm)") ||
			!strings.Contains(notes, quickly+" was measured with each candidate")) {
		t.Errorf("notes %s", notes)
	}
	names := []string{"report.html", "report.txt", "report.md", "junit.xml", "trials.csv"}
	if measured(runs[0]) && measured(runs[1]) {
		names = append(names, "releases.png", "releases.svg")
	}
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, "r", name)); err != nil || info.Size() < 100 {
			t.Errorf("%s: %v", name, err)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "r", "trials.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{same, slow} {
		trials := map[string]bool{}
		for _, row := range rows[1:] {
			if row[0] == name {
				trials[row[slices.Index(rows[0], "trial")]] = true
			}
		}
		if len(trials) != len(runs[i].Trials) {
			t.Errorf("%s: rows of %d trials; the run has %d", name, len(trials), len(runs[i].Trials))
		}
	}
	// The same again, from what is stored.
	again, redrawn, _ := oauthbench(t, dir, "report", all.Runs[0].Dir, all.Runs[1].Dir)
	if again != code || !strings.HasPrefix(stdout, strings.SplitAfter(redrawn, "\n")[0]) {
		t.Errorf("report: exit %d and\n%s; compare had %d and\n%s", again, redrawn, code, stdout)
	}
	// 60 ms beside a few: only a machine too busy to decide may say anything else.
	if !slices.Contains([]verdict.Decision{verdict.Regression, verdict.Invalid, verdict.Inconclusive},
		all.Runs[1].Decision) {
		t.Errorf("60 ms slower: %q", all.Runs[1].Decision)
	}
}

// Four candidates that pass alone with the smallest p value that six pairs can give do not
// pass together: one of so many would by chance.
func TestCandidatesAreCorrectedForTheirNumber(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"report", "--out", "all"}
	for i := range 4 {
		name := fmt.Sprint(i)
		madeRun{change: otherCandidate("embedded:v"+name,
			map[string]string{"hasher": "pbkdf2", "tokens": "opaque"})}.store(t, filepath.Join(dir, name))
		if code, stdout, stderr := oauthbench(t, dir, "report", name); code != exitcode.Pass {
			t.Fatalf("alone: exit %d\n%s%s", code, stdout, stderr)
		}
		args = append(args, name)
	}
	code, stdout, stderr := oauthbench(t, dir, args...)
	if code != exitcode.Inconclusive ||
		!strings.Contains(oneLine(stdout), "alone a pass; among 4 candidates p=0.062") {
		t.Errorf("together: exit %d\n%s%s", code, stdout, stderr)
	}
	for _, one := range readReleases(t, filepath.Join(dir, "all")).Runs {
		if one.Decision != verdict.Inconclusive {
			t.Errorf("%s: %q", one.Candidate, one.Decision)
		}
	}
}
