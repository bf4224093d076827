package upgrade

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The interval of a percentile has the true one as often as it says, also of few requests, and is
// open where too few are beyond it.
func TestPercentileHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	const tries = 2000
	for _, n := range []int{20, 200, 1000} {
		for _, percent := range []int{50, 95, 99} {
			truth := -math.Log(1-float64(percent)/100) * float64(time.Second) // of an exponential law
			held := 0
			for range tries {
				var times []time.Duration
				for range n {
					times = append(times, time.Duration(random.ExpFloat64()*float64(time.Second)))
				}
				slices.Sort(times)
				if f := percentile(times, percent); f.Low <= truth && (f.High == 0 || truth <= f.High) {
					held++
				}
			}
			if held < tries*94/100 {
				t.Errorf("P%d of %d: %d of %d intervals hold it", percent, n, held, tries)
			}
		}
	}
	if f := percentile([]time.Duration{1, 2, 3}, 99); f.High != 0 || f.Value != 3 {
		t.Errorf("P99 of three = %+v; want no high end", f)
	}
}

// Both sides alone stand beside each other: what was asked of each, and what its process spent.
func TestChanges(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	steps := []Step{{Name: loadStep, Began: at(0), Took: 3 * time.Second}, {Name: "copy", Began: at(3)},
		{Name: SwitchStep, Began: at(5), Took: time.Second}}
	var samples []Sample
	for i := range 10 {
		samples = append(samples, Sample{Due: at(0.1 * float64(i)), Op: OpIssue, Response: 4 * time.Millisecond},
			Sample{Due: at(4), Op: OpIssue, Response: time.Hour}, // during the upgrade
			Sample{Due: at(7), Op: OpIssue, Response: 2 * time.Millisecond})
	}
	var readings []Reading
	for i := range 4 {
		cpu := time.Duration(i+1) * time.Second
		readings = append(readings, Reading{At: at(float64(i)), Place: Blue, CPU: cpu, RSS: 800,
			Heap: 100 + int64(i%2)},
			Reading{At: at(float64(i)), Place: Green, CPU: cpu / 2, RSS: 700, Heap: 90})
	}
	want := map[string][2]float64{"P50 all requests": {4e6, 2e6}, "P99 issue": {4e6, 2e6}, "RSS memory": {800, 700},
		"heap": {100.5, 90}, "CPU": {1, 0.5}}
	seen := 0
	for _, c := range changes(samples, steps, readings) {
		if c.What == "goroutines" {
			t.Error("goroutines were told by nobody")
		}
		if w, ok := want[c.What]; ok {
			seen++
			if c.Before.Value != w[0] || c.After.Value != w[1] {
				t.Errorf("%s: %+v -> %+v; want %v", c.What, c.Before, c.After, w)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("%d figures of %d", seen, len(want))
	}
}

// A rehearsal reads both sides, each while it carries the load alone.
func TestBothSidesAreRead(t *testing.T) {
	r := newRehearsal(t)
	r.Load, r.Window = Load{Rate: 500, Mix: DefaultMix(), Seed: 1}, 50*time.Millisecond
	r.Upgrade.Usage = func(_ context.Context, p Place) (Reading, error) {
		return Reading{CPU: time.Second, Heap: int64(len(p))}, nil
	}
	got, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got.Changes, func(c Change) bool { return c.What == "heap" })
	if i < 0 || got.Changes[i].Before.Value != 4 || got.Changes[i].After.Value != 5 {
		t.Errorf("changes = %+v; want the heap of blue and of green", got.Changes)
	}
}
