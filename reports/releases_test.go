package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

func TestReleasesGolden(t *testing.T) {
	r := fixture.UsualReleases()
	dir := t.TempDir()
	if err := ofReleases(r).WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.txt", "report.md", "releases.json", "junit.xml"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "releases-"+name, data)
		if name != "report.txt" {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > textWidth {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "releases.svg")); err != nil {
		t.Error(err)
	}
}

func TestReleasesDecision(t *testing.T) {
	if d := fixture.UsualReleases().Decision(); d != verdict.Regression {
		t.Errorf("decision %q; want the worst, regression", d)
	}
	passing := fixture.UsualReport()
	passing.Verdict = verdict.Verdict{Decision: verdict.Pass}
	all := []summary.Release{{Dir: "a", Report: passing}, {Dir: "b", Report: passing}}
	if d := summary.NewReleases(all, nil, nil).Decision(); d != verdict.Pass {
		t.Errorf("decision %q; want pass", d)
	}
	if d := summary.NewReleases(all, nil, []string{"embedded:v3: interrupted"}).Decision(); d != verdict.Inconclusive {
		t.Errorf("decision %q; what was not measured cannot have passed", d)
	}
	all[1].Report = fixture.Situations()["contradictory"]
	r := summary.NewReleases(all, nil, nil)
	if d := r.Decision(); d != verdict.Invalid {
		t.Errorf("decision %q; want invalid: a run contradicts itself", d)
	}
	var b bytes.Buffer
	if err := ofReleases(r).WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	if first := b.String()[:min(b.Len(), 400)]; !strings.Contains(first, "INVALID") ||
		!strings.Contains(first, "are recorded") && !strings.Contains(first, "values of") {
		t.Errorf("the first screen does not say what is wrong:\n%s", first)
	}
}

// The baseline is shown once, the same candidate measured twice is told apart, and a
// drifting baseline is said.
func TestReleasesVersions(t *testing.T) {
	r := summary.NewReleases([]summary.Release{{Dir: "a", Report: fixture.UsualReport()},
		{Dir: "b", Report: fixture.UsualReport()}}, nil, nil)
	var names []string
	for _, v := range r.Versions() {
		names = append(names, v.Name)
	}
	if got := strings.Join(names, ", "); got != "embedded:v1, embedded:v2, embedded:v2 (2)" {
		t.Errorf("versions %s", got)
	}
	if notes := strings.Join(r.Notes(), "\n"); !strings.Contains(notes,
		"the baseline embedded:v1 was measured with each candidate: P95 introspect 5.25 ms to 5.25 ms") {
		t.Errorf("notes %s", notes)
	}
}

func TestReleasesAreSoundFiles(t *testing.T) {
	evil := fixture.Hostile()
	r := summary.NewReleases([]summary.Release{{Dir: "<a>\n|b", Report: evil},
		{Dir: "b", Report: fixture.Situations()["empty"]}, {Dir: "c", Report: fixture.Situations()["unjudged"]}},
		[]string{"`x`\x1b[2J"}, []string{"<script>: no"})
	dir := t.TempDir()
	if err := ofReleases(r).WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var suite junitSuite
	if err := xml.Unmarshal(read("junit.xml"), &suite); err != nil || suite.Tests != 4 {
		t.Errorf("junit.xml: %v, %d cases", err, suite.Tests)
	}
	if !json.Valid(read("releases.json")) {
		t.Error("releases.json is not JSON")
	}
	if text := string(read("report.md")); strings.Contains(text, "<script") || strings.Contains(text, "\x1b") {
		t.Error("report.md lets markup through")
	}
	if text := string(read("report.txt")); strings.Contains(text, "\x1b") || strings.Contains(text, "\u202e") {
		t.Error("report.txt lets control characters through")
	}
}

// The rows of a release are those of its run, but for the decision, which is the corrected
// one.
func TestReleasesCSV(t *testing.T) {
	r := fixture.UsualReleases()
	var out bytes.Buffer
	if err := writeCSV(&out, ofReleases(r)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := slices.Concat([]string{"release"}, csvColumns, moreColumns()); !slices.Equal(rows[0], want) {
		t.Fatalf("columns %q; want %q", rows[0], want)
	}
	rows = rows[1:]
	for i, name := range []string{"embedded:v2", "embedded:v2?tokens=jwt", "embedded:v2 (2)"} {
		one, err := csv.NewReader(bytes.NewReader(write(t, "csv", r.Runs[i].Report))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range one[1:] {
			want[0] = string(r.Verdicts[i].Decision)
			if got := rows[0]; got[0] != name || !slices.Equal(got[1:], want) {
				t.Fatalf("row %q; want %s and %q", got, name, want)
			}
			rows = rows[1:]
		}
	}
	if len(rows) > 0 {
		t.Errorf("%d rows more than the runs have", len(rows))
	}
}
