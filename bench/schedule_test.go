package bench

import (
	"math"
	"slices"
	"testing"
	"time"
)

// loads are the shapes that every law of schedules is tried on.
var loads = map[string][]Segment{
	"constant":            Constant(50, 20*time.Second),
	"one arrival":         Constant(1, time.Second),
	"fast":                Constant(20_000, 500*time.Millisecond),
	"slow, odd rate":      Constant(0.37, 100*time.Second),
	"step up and down":    {{10, 10, 5 * time.Second}, {100, 100, 5 * time.Second}, {10, 10, 5 * time.Second}},
	"ramp up":             {{0, 200, 10 * time.Second}},
	"ramp down to zero":   {{200, 0, 10 * time.Second}},
	"pause in the middle": {{40, 40, 2 * time.Second}, {0, 0, 3 * time.Second}, {40, 40, 2 * time.Second}},
	"no arrivals":         Constant(0, time.Second),
}

// integral is the expected number of arrivals before t.
func integral(load []Segment, t time.Duration) float64 {
	var n float64
	for _, s := range load {
		if t <= 0 {
			break
		}
		part := min(t, s.Length).Seconds()
		slope := (s.To - s.From) / s.Length.Seconds()
		n += s.From*part + slope*part*part/2
		t -= s.Length
	}
	return n
}

func eachSchedule(t *testing.T, law func(t *testing.T, s Schedule, load []Segment)) {
	for _, p := range Processes {
		for name, load := range loads {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				for seed := range uint64(20) {
					s, err := Draw(p.Name, load, seed)
					if err != nil {
						t.Fatal(err)
					}
					law(t, s, load)
				}
			})
		}
	}
}

func TestSchedulesAscendWithinTheirLength(t *testing.T) {
	eachSchedule(t, func(t *testing.T, s Schedule, _ []Segment) {
		if !slices.IsSorted(s.Arrivals) {
			t.Fatal("arrivals do not ascend")
		}
		if n := len(s.Arrivals); n > 0 && (s.Arrivals[0] < 0 || s.Arrivals[n-1] >= s.Length) {
			t.Fatalf("arrivals from %v to %v; want within [0, %v)", s.Arrivals[0], s.Arrivals[n-1], s.Length)
		}
	})
}

func TestSchedulesHaveTheCountOfTheirRate(t *testing.T) {
	eachSchedule(t, func(t *testing.T, s Schedule, load []Segment) {
		want := int(math.Round(integral(load, s.Length)))
		if len(s.Arrivals) != want {
			t.Fatalf("%d arrivals; want %d", len(s.Arrivals), want)
		}
		if got := s.Rate * s.Length.Seconds(); math.Abs(got-float64(want)) > 1e-6 {
			t.Fatalf("mean rate says %v arrivals; want %d", got, want)
		}
	})
}

// The count before any time follows the integral of the rate: exactly to one arrival
// for the constant process, within 5 standard deviations for the Poisson process.
func TestSchedulesFollowTheRate(t *testing.T) {
	eachSchedule(t, func(t *testing.T, s Schedule, load []Segment) {
		n := float64(len(s.Arrivals))
		for k := 1; k < 10; k++ {
			at := s.Length * time.Duration(k) / 10
			i, _ := slices.BinarySearch(s.Arrivals, at)
			want := integral(load, at)
			tolerance := 1.51 // one arrival, and half a one of rounding
			if s.Process == "poisson" {
				p := want / max(n, 1)
				tolerance += 5 * math.Sqrt(n*p*math.Max(0, 1-p))
			}
			if math.Abs(float64(i)-want) > tolerance {
				t.Fatalf("%d arrivals before %v; want %.1f ± %.1f", i, at, want, tolerance)
			}
		}
	})
}

func TestShardsInterleaveToTheWhole(t *testing.T) {
	eachSchedule(t, func(t *testing.T, s Schedule, _ []Segment) {
		for n := 1; n <= 3; n++ {
			var all []time.Duration
			rate := 0.0
			for i := range n {
				shard := s.Shard(i, n)
				all = append(all, shard.Arrivals...)
				rate += shard.Rate
			}
			slices.Sort(all)
			if !slices.Equal(all, s.Arrivals) || math.Abs(rate-s.Rate) > 1e-9 {
				t.Fatalf("%d shards have %d arrivals at %v/s; want %d at %v/s", n, len(all), rate, len(s.Arrivals),
					s.Rate)
			}
		}
	})
}

func TestSchedulesRepeatWithTheirSeed(t *testing.T) {
	for _, p := range Processes {
		a, _ := Draw(p.Name, Constant(100, time.Second), 1)
		b, _ := Draw(p.Name, Constant(100, time.Second), 1)
		c, _ := Draw(p.Name, Constant(100, time.Second), 2)
		if !slices.Equal(a.Arrivals, b.Arrivals) {
			t.Errorf("%s: the same seed drew another schedule", p.Name)
		}
		if slices.Equal(a.Arrivals, c.Arrivals) {
			t.Errorf("%s: another seed drew the same schedule", p.Name)
		}
	}
}

// Exponential gaps have a standard deviation equal to their mean; evenly spaced ones
// have none.
func TestPoissonGapsAreExponential(t *testing.T) {
	s, err := Draw("poisson", Constant(1000, 100*time.Second), 7)
	if err != nil {
		t.Fatal(err)
	}
	var sum, squares float64
	longer := 0 // than twice the mean: e^-2 of them
	for i := 1; i < len(s.Arrivals); i++ {
		gap := (s.Arrivals[i] - s.Arrivals[i-1]).Seconds()
		sum += gap
		squares += gap * gap
		if gap > 2e-3 {
			longer++
		}
	}
	n := float64(len(s.Arrivals) - 1)
	mean := sum / n
	cv := math.Sqrt(squares/n-mean*mean) / mean
	if math.Abs(cv-1) > 0.02 {
		t.Errorf("coefficient of variation of the gaps = %.3f; want 1", cv)
	}
	if share := float64(longer) / n; math.Abs(share-math.Exp(-2)) > 0.005 {
		t.Errorf("share of gaps above twice the mean = %.4f; want %.4f", share, math.Exp(-2))
	}
}

func TestInterleaveKeepsEveryArrivalAndItsOwner(t *testing.T) {
	a, _ := Draw("poisson", Constant(70, 3*time.Second), 1)
	b, _ := Draw("poisson", Constant(20, 3*time.Second), 2)
	whole, owner := Interleave(a, b)
	var back [2][]time.Duration
	for i, at := range whole.Arrivals {
		back[owner[i]] = append(back[owner[i]], at)
	}
	if !slices.IsSorted(whole.Arrivals) || !slices.Equal(back[0], a.Arrivals) || !slices.Equal(back[1], b.Arrivals) {
		t.Error("the merged schedule does not hold its parts")
	}
	if math.Abs(whole.Rate-90) > 1e-9 {
		t.Errorf("rate of the whole = %v; want 90", whole.Rate)
	}
}

func TestDrawRefusesNonsense(t *testing.T) {
	for name, c := range map[string]struct {
		process string
		load    []Segment
	}{
		"unknown process": {"bursty", Constant(1, time.Second)},
		"negative rate":   {"poisson", Constant(-1, time.Second)},
		"not a number":    {"poisson", Constant(math.NaN(), time.Second)},
		"infinite rate":   {"poisson", Constant(math.Inf(1), time.Second)},
		"no length":       {"poisson", Constant(1, 0)},
		"no load":         {"poisson", nil},
		"too many":        {"poisson", Constant(1e9, time.Hour)},
	} {
		if s, err := Draw(c.process, c.load, 1); err == nil {
			t.Errorf("%s: drew %d arrivals; want an error", name, len(s.Arrivals))
		}
	}
}
