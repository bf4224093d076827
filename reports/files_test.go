package reports

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
)

func TestWriteAll(t *testing.T) {
	dir := t.TempDir()
	if err := OfRun(fixture.UsualReport()).WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	want := []string{"interference", "pairs", "path", "percentiles-introspect", "percentiles-revoke",
		"percentiles-token", "ratio", "timeline", "usage", "versions"}
	var names []string
	for _, n := range want {
		names = append(names, n+".png", n+".svg")
	}
	for _, op := range []string{"introspect", "revoke", "token"} {
		names = append(names, op+"-baseline.hgrm", op+"-candidate.hgrm")
	}
	names = append(names, "junit.xml", "report.html", "report.md", "report.txt", "trials.csv", "trials.hlog",
		"verdict.json")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("files %q; want %q", got, names)
	}
}

func TestWriteAllNamesTheFile(t *testing.T) {
	err := OfRun(fixture.UsualReport()).WriteAll(filepath.Join(t.TempDir(), "missing"))
	for _, name := range []string{"verdict.json", "report.html", "ratio.png"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v; want %s in it", err, name)
		}
	}
}

// A disk that fills up leaves the file that was there, and nothing else.
func TestWriteFileIsWholeOrNot(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "verdict.json")
	if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := writeFile(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v; want %v and the path in it", err, full)
	}
	data, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(dir)
	if string(data) != "before" || len(entries) != 1 {
		t.Errorf("left %q and %d files", data, len(entries))
	}
}

// Programs read verdict.json by these names.
func TestJSONShape(t *testing.T) {
	var got struct {
		Schema      int
		Decision    verdict.Decision
		Reasons     []string
		Comparisons []struct {
			Operation string
			Quantile  float64
			Baseline  int64 `json:"baseline_ns"`
			Candidate int64 `json:"candidate_ns"`
			Ratio     struct{ Estimate, Low, High *float64 }
			Decision  verdict.Decision
		}
		Deployments map[bench.Role]bench.Deployment
		Operations  []struct {
			Operation string
			Versions  map[bench.Role]struct {
				Offered, Achieved float64
				Outcomes          bench.Outcomes
			}
		}
	}
	r := fixture.UsualReport()
	if err := json.Unmarshal(write(t, "json", r), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != Schema || got.Decision != r.Verdict.Decision || len(got.Reasons) == 0 {
		t.Errorf("schema %d, decision %q, reasons %q", got.Schema, got.Decision, got.Reasons)
	}
	if len(got.Comparisons) != 9 || len(got.Operations) != 3 || len(got.Deployments) != 2 {
		t.Fatalf("%d comparisons, %d operations, %d deployments; want 9, 3, 2", len(got.Comparisons),
			len(got.Operations), len(got.Deployments))
	}
	c, want := got.Comparisons[0], r.Verdict.Comparisons[0]
	if c.Operation != want.Operation || c.Quantile != want.Quantile || c.Baseline != int64(want.Baseline) ||
		c.Candidate != int64(want.Candidate) ||
		*c.Ratio.Estimate != want.Ratio.Estimate || *c.Ratio.Low != want.Ratio.Low ||
		*c.Ratio.High != want.Ratio.High || c.Decision != want.Decision {
		t.Errorf("comparison %+v; want %+v", c, want)
	}
	if v := got.Operations[0].Versions[bench.Baseline]; v.Outcomes.Rejected != 3 || v.Offered < 119 || v.Offered > 121 {
		t.Errorf("introspect on the baseline: %+v; want 3 rejected at about 120/s", v)
	}
}
