package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
)

// usualApart has the figures of the usual report, as if they were of two sessions.
func usualApart() Apart {
	r := fixture.UsualReport()
	v := r.Verdict
	v.Notes = []string{verdict.ApartNote, "one start per version: restart effects are not covered"}
	return Apart{
		Name: "v1.4", Baseline: r.Run.Deployments[bench.Baseline], Candidate: r.Run.Deployments[bench.Candidate],
		Then: r.Run.Started.AddDate(0, -1, 0), Now: r.Run.Started, Verdict: v,
		Allowed: []string{"hasher (bcrypt, now pbkdf2)"},
		Instead: []string{"oauthbench", "compare", "--baseline", "embedded:v1", "--candidate", "embedded:v2", "--slo",
			"token p99 < 50ms"},
	}
}

func TestApartGolden(t *testing.T) {
	dir := t.TempDir()
	if err := usualApart().Document().WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.txt", "report.md", "junit.xml", "verdict.json"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "apart-"+name, data)
	}
	var b bytes.Buffer
	if err := usualApart().Document().WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	// The command to paste is the only line that may be wider: it must not be broken.
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > textWidth &&
			!strings.HasPrefix(line, "  oauthbench compare") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// Nothing that a server or a user names can leave the fence or grow the comment.
func TestApartMarkdownHolds(t *testing.T) {
	a := usualApart()
	a.Name = "```\n# mine"
	for i := range 3000 {
		a.Verdict.Warnings = append(a.Verdict.Warnings, fmt.Sprintf("warning %d ````` of many", i))
	}
	var b bytes.Buffer
	if err := writeMarkdown(&b, a.Document()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if n := utf8.RuneCountInString(text); n > 65_000 {
		t.Errorf("%d characters; GitHub takes 65,536", n)
	}
	if fence := "\n``````\n"; strings.Count(text, fence) != 2 || strings.Contains(text, "\n# mine") {
		t.Errorf("the fence does not hold: %q ... %q", text[:200], text[len(text)-50:])
	}
}

// junit.xml stays XML whatever the names, and its counts are those of its cases.
func TestJUnitIsSoundXML(t *testing.T) {
	all := fixture.Situations()
	hostile := fixture.UsualReport()
	d := hostile.Run.Deployments[bench.Candidate]
	d.Name = "a\"<&>]]>\x00\x1b[31m\u202e"
	hostile.Run.Deployments[bench.Candidate] = d
	hostile.Verdict.Reasons = []string{"]]></failure><testcase name=\"mine\"/>"}
	all["hostile"] = hostile
	for name, r := range all {
		var suite junitSuite
		if err := xml.Unmarshal(write(t, "junit", r), &suite); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		failures, errs := 0, 0
		for _, c := range suite.Cases {
			if c.Failure != nil {
				failures++
				if c.Failure.Type != string(verdict.Regression) {
					t.Errorf("%s: %s is a failure of type %q", name, c.Name, c.Failure.Type)
				}
			}
			if c.Error != nil {
				errs++
			}
		}
		if suite.Tests != len(suite.Cases) || suite.Failures != failures || suite.Errors != errs {
			t.Errorf("%s: says %d tests, %d failures, %d errors; has %d, %d, %d", name, suite.Tests, suite.Failures,
				suite.Errors, len(suite.Cases), failures, errs)
		}
		// A job that reads only this file must fail exactly when the exit code is not 0.
		if passed := failures+errs == 0; passed && r.Decision() != verdict.Pass && r.Decision() != verdict.Measured {
			t.Errorf("%s: no case fails, the decision is %q", name, r.Decision())
		}
	}
}
