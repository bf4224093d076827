package plot

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// The live charts are those of the page, without what needs a verdict.
func TestLiveChartsAreThePages(t *testing.T) {
	r := fixture.UsualReport()
	var l Live
	for n := range r.Run.Trials {
		part := *r.Run
		part.Trials = slices.Clone(r.Run.Trials[:n])
		if n > 0 {
			part.Trials[0].Warmup = true // as runs begin
		}
		text, err := l.Charts(&part)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(`"values":null`)) || bytes.Contains(text, []byte(`"at":null`)) {
			t.Errorf("after %d trials a chart has no data", n)
		}
		var got []liveFigureNames
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, f := range Draw(summary.Of(summary.Report{Run: &part})).Of(Wide) {
			if len(f.Charts()) > 0 {
				want = append(want, f.Name)
			}
		}
		var names []string
		for _, f := range got {
			names = append(names, f.ID)
		}
		if strings.Join(names, " ") != strings.Join(want, " ") {
			t.Errorf("after %d trials %q; want %q", n, names, want)
		}
		if bytes.Contains(text, []byte("</")) || bytes.ContainsAny(text, "\n") {
			t.Errorf("after %d trials: not one line of safe JSON", n)
		}
	}
}

type liveFigureNames struct{ ID string }

// Runs that no well-behaved program would store must not end the one that is measured.
func TestLiveChartsOfDegenerateRuns(t *testing.T) {
	for name, r := range fixture.Degenerate() {
		var l Live
		if _, err := l.Charts(r.Run); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkLiveCharts is what one more drawing costs at the end of the largest run.
func BenchmarkLiveCharts(b *testing.B) {
	r := fixture.Large()
	var l Live
	if _, err := l.Charts(r.Run); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Charts(r.Run); err != nil {
			b.Fatal(err)
		}
	}
}
