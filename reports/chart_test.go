package reports

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"oauthbench/bench"
)

// What every chart owes the script: columns of one length, places that ascend, ticks
// on their axis, JSON without anything that is no number.
func TestChartLaws(t *testing.T) {
	all := situations()
	for name, r := range degenerate() {
		all[name] = r
	}
	for name, r := range all {
		for _, f := range newPictures(summarize(r)).of(wide) {
			for _, c := range f.charts() {
				if len(c.Values) != len(c.Columns) {
					t.Errorf("%s, %s: %d columns with %d rows of values", name, f.name, len(c.Columns), len(c.Values))
				}
				for i, ys := range c.Values {
					if len(ys) != len(c.At) {
						t.Errorf("%s, %s: column %d has %d values at %d places", name, f.name, i, len(ys), len(c.At))
					}
					for _, y := range ys {
						if c.Y.Log && y <= 0 {
							t.Errorf("%s, %s: %v on a logarithmic axis", name, f.name, y)
						}
					}
				}
				for i := 1; i < len(c.At); i++ {
					if !(c.At[i] > c.At[i-1]) {
						t.Errorf("%s, %s: place %v after %v", name, f.name, c.At[i], c.At[i-1])
					}
				}
				for _, a := range []axis{c.X, c.Y} {
					if !(a.Max > a.Min) || len(a.Ticks) == 0 {
						t.Errorf("%s, %s: axis from %v to %v with %d ticks", name, f.name, a.Min, a.Max, len(a.Ticks))
					}
				}
				if b, err := json.Marshal(c); err != nil || !json.Valid(b) {
					t.Errorf("%s, %s: %v", name, f.name, err)
				}
			}
		}
	}
}

// Rates times widths are the requests of the seconds that are shown.
func TestAchievedRates(t *testing.T) {
	trial := bench.Trial{Load: bench.Load{Length: 2700 * time.Millisecond}, Measurements: []bench.Measurement{
		{Operation: "a", Timeline: []bench.Second{{At: 0, Outcomes: bench.Outcomes{OK: 10, Timeout: 3}}, {At: 2 * time.Second, Outcomes: bench.Outcomes{OK: 7}}}},
		{Operation: "b", Timeline: []bench.Second{{At: 0, Outcomes: bench.Outcomes{OK: 5}}, {At: time.Second, Outcomes: bench.Outcomes{OK: 8}}}},
	}}
	want := []secondRate{{0, time.Second, 15}, {time.Second, time.Second, 8}, {2 * time.Second, 700 * time.Millisecond, 10}}
	got := achievedRates(&trial)
	if len(got) != len(want) {
		t.Fatalf("%v; want %v", got, want)
	}
	for i := range want {
		if got[i].at != want[i].at || got[i].width != want[i].width || math.Abs(got[i].rate-want[i].rate) > 1e-9 {
			t.Errorf("second %d: %v; want %v", i, got[i], want[i])
		}
	}
	trial.Load.Length = 2300 * time.Millisecond
	if got := achievedRates(&trial); len(got) != 2 {
		t.Errorf("a last piece of 300 ms counts: %v", got)
	}
	if low := thinRates(want, 1); len(low) != 1 || low[0].rate != 8 {
		t.Errorf("thinned to %v; want the lowest", low)
	}
}

// The achieved rate is of the answers that came in a second: 0 in a stall, also where
// nothing was due, and beyond the schedule while a server that fell behind still answers.
func TestAchievedRatesAreOfAnswersThatCame(t *testing.T) {
	trial := bench.Trial{Load: bench.Load{Length: 3500 * time.Millisecond}, Measurements: []bench.Measurement{
		{Operation: "a", Timeline: []bench.Second{{At: 0, Outcomes: bench.Outcomes{OK: 10}, Answered: 9}, {At: 3 * time.Second, Outcomes: bench.Outcomes{OK: 5}, Answered: 4}}},
		{Operation: "b", Timeline: []bench.Second{{At: time.Second, Outcomes: bench.Outcomes{OK: 8}}, {At: 2 * time.Second, Answered: 8}}},
	}}
	rates := func() (all []float64) {
		for i, r := range achievedRates(&trial) {
			if r.at != time.Duration(i)*time.Second || r.width != time.Second {
				t.Errorf("rate %d is of %v from %v", i, r.width, r.at)
			}
			all = append(all, r.rate)
		}
		return all
	}
	if got := rates(); !slices.Equal(got, []float64{9, 0, 8}) {
		t.Errorf("rates %v; want 9, 0, 8 and no half second", got)
	}
	trial.Measurements[1].Timeline = append(trial.Measurements[1].Timeline, bench.Second{At: 5 * time.Second, Answered: 2})
	if got := rates(); !slices.Equal(got, []float64{9, 0, 8, 4, 0, 2}) {
		t.Errorf("rates %v; want 9, 0, 8, 4, 0, 2, for it was behind", got)
	}
	damaged := trial
	damaged.Load.Length = math.MaxInt64
	damaged.Measurements = []bench.Measurement{{Operation: "a", Timeline: []bench.Second{{At: math.MinInt64, Answered: 1}, {At: 0, Answered: 1}, {At: math.MaxInt64, Answered: 1}}}}
	if got := len(achievedRates(&damaged)); got > 200_000 {
		t.Errorf("a damaged trial has %d rates", got)
	}
	lanes := layTrials(&bench.Run{Trials: []bench.Trial{trial}}, []bool{true})
	if lanes[0].length != 6 || !strings.HasPrefix(rateTitle(lanes), "expected answers") {
		t.Errorf("a lane of %v s, titled %q; want 6 s, of answers", lanes[0].length, rateTitle(lanes))
	}
}

// The interval of a path ends where the table's does.
func TestPathChartEndsAtTheComparison(t *testing.T) {
	r := usualReport()
	for i := range r.Verdict.Comparisons {
		for _, p := range r.Paths {
			if c := &r.Verdict.Comparisons[i]; p.Operation == c.Operation && p.Quantile == c.Quantile {
				c.Ratio = p.Steps[len(p.Steps)-1].SoFar
			}
		}
	}
	figs := pathFigure(summarize(r), wide)
	if len(figs) != 1 || len(figs[0].panels) != 6 { // P50 and P95 gate, P99 does not
		t.Fatalf("%d figures", len(figs))
	}
	c := figs[0].panels[0].chart()
	last := len(c.At) - 1
	for i, want := range []float64{r.Verdict.Comparisons[0].Ratio.Estimate, r.Verdict.Comparisons[0].Ratio.High, r.Verdict.Comparisons[0].Ratio.Low} {
		if got := float64(c.Values[i+1][last]); math.Abs(got-want) > 1e-4 {
			t.Errorf("%s ends at %v; want %v", c.Columns[i+1].Label, got, want)
		}
	}
	r.Paths = nil
	if figs := pathFigure(summarize(r), wide); figs != nil {
		t.Error("a picture without data")
	}
}
