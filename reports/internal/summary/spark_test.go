package summary_test

import (
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// A sparkline has a block for each unit; equal versions lie in the middle, the farthest unit
// or the margin at an edge.
func TestSpark(t *testing.T) {
	r := fixture.UsualReport()
	c := &r.Verdict.Comparisons[0]
	c.Margin = .25
	for want, ratios := range map[string][]float64{
		"":      nil,
		"▅▅▅":   {1, 1, 1},
		"▁▅█":   {.5, 1, 2},
		"▅▆█▅▅": {1, 1.1, 1.25, 1.02, 1},
	} {
		r.Paths = []verdict.Path{{Operation: c.Operation, Quantile: c.Quantile}}
		for _, ratio := range ratios {
			r.Paths[0].Steps = append(r.Paths[0].Steps, verdict.Step{Ratio: ratio})
		}
		got := "no row"
		for _, op := range summary.Of(r).Operations {
			for _, row := range op.Rows {
				if op.Name == c.Operation && row.Quantile == c.Quantile {
					got = row.Spark
				}
			}
		}
		if got != want {
			t.Errorf("%v: %q; want %q", ratios, got, want)
		}
	}
}
