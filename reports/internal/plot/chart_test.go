package plot

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// What every chart owes the script: columns of one length, places that ascend, ticks
// on their axis, JSON without anything that is no number.
func TestChartLaws(t *testing.T) {
	all := fixture.Situations()
	for name, r := range fixture.Degenerate() {
		all[name] = r
	}
	for name, r := range all {
		for _, f := range Draw(summary.Of(r)).Of(Wide) {
			for _, c := range f.Charts() {
				if len(c.Values) != len(c.Columns) {
					t.Errorf("%s, %s: %d columns with %d rows of values", name, f.Name, len(c.Columns), len(c.Values))
				}
				for i, ys := range c.Values {
					if len(ys) != len(c.At) {
						t.Errorf("%s, %s: column %d has %d values at %d places", name, f.Name, i, len(ys), len(c.At))
					}
					for _, y := range ys {
						if c.Y.Log && y <= 0 {
							t.Errorf("%s, %s: %v on a logarithmic axis", name, f.Name, y)
						}
					}
				}
				for i := 1; i < len(c.At); i++ {
					if !(c.At[i] > c.At[i-1]) {
						t.Errorf("%s, %s: place %v after %v", name, f.Name, c.At[i], c.At[i-1])
					}
				}
				for _, a := range []axis{c.X, c.Y} {
					if !(a.Max > a.Min) || len(a.Ticks) == 0 {
						t.Errorf("%s, %s: axis from %v to %v with %d ticks", name, f.Name, a.Min, a.Max, len(a.Ticks))
					}
				}
				if b, err := json.Marshal(c); err != nil || !json.Valid(b) {
					t.Errorf("%s, %s: %v", name, f.Name, err)
				}
			}
		}
	}
}

// The interval of a path ends where the table's does.
func TestPathChartEndsAtTheComparison(t *testing.T) {
	r := fixture.UsualReport()
	for i := range r.Verdict.Comparisons {
		for _, p := range r.Paths {
			if c := &r.Verdict.Comparisons[i]; p.Operation == c.Operation && p.Quantile == c.Quantile {
				c.Ratio = p.Steps[len(p.Steps)-1].SoFar
			}
		}
	}
	figs := pathFigure(summary.Of(r), Wide)
	if len(figs) != 1 || len(figs[0].panels) != 6 { // P50 and P95 gate, P99 does not
		t.Fatalf("%d figures", len(figs))
	}
	c := figs[0].panels[0].chart()
	last := len(c.At) - 1
	for i, want := range []float64{r.Verdict.Comparisons[0].Ratio.Estimate, r.Verdict.Comparisons[0].Ratio.High,
		r.Verdict.Comparisons[0].Ratio.Low} {
		if got := float64(c.Values[i+1][last]); math.Abs(got-want) > 1e-4 {
			t.Errorf("%s ends at %v; want %v", c.Columns[i+1].Label, got, want)
		}
	}
	r.Paths = nil
	if figs := pathFigure(summary.Of(r), Wide); figs != nil {
		t.Error("a picture without data")
	}
}
