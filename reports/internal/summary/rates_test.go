package summary

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Rates times widths are the requests of the seconds that are shown.
func TestAchievedRates(t *testing.T) {
	trial := bench.Trial{Load: bench.Load{Length: 2700 * time.Millisecond}, Measurements: []bench.Measurement{
		{Operation: "a", Timeline: []bench.Second{{At: 0, Outcomes: bench.Outcomes{OK: 10, Timeout: 3}},
			{At: 2 * time.Second, Outcomes: bench.Outcomes{OK: 7}}}},
		{Operation: "b", Timeline: []bench.Second{{At: 0, Outcomes: bench.Outcomes{OK: 5}},
			{At: time.Second, Outcomes: bench.Outcomes{OK: 8}}}},
	}}
	want := []SecondRate{{0, time.Second, 15}, {time.Second, time.Second, 8},
		{2 * time.Second, 700 * time.Millisecond, 10}}
	got := AchievedRates(&trial)
	if len(got) != len(want) {
		t.Fatalf("%v; want %v", got, want)
	}
	for i := range want {
		if got[i].At != want[i].At || got[i].Width != want[i].Width || math.Abs(got[i].Rate-want[i].Rate) > 1e-9 {
			t.Errorf("second %d: %v; want %v", i, got[i], want[i])
		}
	}
	trial.Load.Length = 2300 * time.Millisecond
	if got := AchievedRates(&trial); len(got) != 2 {
		t.Errorf("a last piece of 300 ms counts: %v", got)
	}
	if low := ThinRates(want, 1); len(low) != 1 || low[0].Rate != 8 {
		t.Errorf("thinned to %v; want the lowest", low)
	}
}

// The achieved rate is of the answers that came in a second: 0 in a stall, also where
// nothing was due, and beyond the schedule while a server that fell behind still answers.
func TestAchievedRatesAreOfAnswersThatCame(t *testing.T) {
	trial := bench.Trial{Load: bench.Load{Length: 3500 * time.Millisecond}, Measurements: []bench.Measurement{
		{Operation: "a", Timeline: []bench.Second{{At: 0, Outcomes: bench.Outcomes{OK: 10}, Answered: 9},
			{At: 3 * time.Second, Outcomes: bench.Outcomes{OK: 5}, Answered: 4}}},
		{Operation: "b", Timeline: []bench.Second{{At: time.Second, Outcomes: bench.Outcomes{OK: 8}},
			{At: 2 * time.Second, Answered: 8}}},
	}}
	rates := func() (all []float64) {
		for i, r := range AchievedRates(&trial) {
			if r.At != time.Duration(i)*time.Second || r.Width != time.Second {
				t.Errorf("rate %d is of %v from %v", i, r.Width, r.At)
			}
			all = append(all, r.Rate)
		}
		return all
	}
	if got := rates(); !slices.Equal(got, []float64{9, 0, 8}) {
		t.Errorf("rates %v; want 9, 0, 8 and no half second", got)
	}
	trial.Measurements[1].Timeline = append(trial.Measurements[1].Timeline,
		bench.Second{At: 5 * time.Second, Answered: 2})
	if got := rates(); !slices.Equal(got, []float64{9, 0, 8, 4, 0, 2}) {
		t.Errorf("rates %v; want 9, 0, 8, 4, 0, 2, for it was behind", got)
	}
	damaged := trial
	damaged.Load.Length = math.MaxInt64
	damaged.Measurements = []bench.Measurement{{Operation: "a",
		Timeline: []bench.Second{{At: math.MinInt64, Answered: 1}, {At: 0, Answered: 1},
			{At: math.MaxInt64, Answered: 1}}}}
	if got := len(AchievedRates(&damaged)); got > 200_000 {
		t.Errorf("a damaged trial has %d rates", got)
	}
}
