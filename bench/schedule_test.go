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

// dues are the intended starts of all arrivals.
func dues(s Schedule) []time.Duration {
	all := make([]time.Duration, s.Count)
	for i := range all {
		all[i] = s.At(i).Due
	}
	return all
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
		all := dues(s)
		if !slices.IsSorted(all) {
			t.Fatal("arrivals do not ascend")
		}
		if n := len(all); n > 0 && (all[0] < 0 || all[n-1] >= s.Length) {
			t.Fatalf("arrivals from %v to %v; want within [0, %v)", all[0], all[n-1], s.Length)
		}
	})
}

func TestSchedulesHaveTheCountOfTheirRate(t *testing.T) {
	eachSchedule(t, func(t *testing.T, s Schedule, load []Segment) {
		want := int(math.Round(integral(load, s.Length)))
		if s.Count != want {
			t.Fatalf("%d arrivals; want %d", s.Count, want)
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
		all := dues(s)
		n := float64(s.Count)
		for k := 1; k < 10; k++ {
			at := s.Length * time.Duration(k) / 10
			i, _ := slices.BinarySearch(all, at)
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
				all = append(all, dues(shard)...)
				rate += shard.Rate
			}
			slices.Sort(all)
			if !slices.Equal(all, dues(s)) || math.Abs(rate-s.Rate) > 1e-9 {
				t.Fatalf("%d shards have %d arrivals at %v/s; want %d at %v/s", n, len(all), rate, s.Count, s.Rate)
			}
		}
	})
}

func TestSchedulesRepeatWithTheirSeed(t *testing.T) {
	for _, p := range Processes {
		a, _ := Draw(p.Name, Constant(100, time.Second), 1)
		b, _ := Draw(p.Name, Constant(100, time.Second), 1)
		c, _ := Draw(p.Name, Constant(100, time.Second), 2)
		if !slices.Equal(dues(a), dues(b)) {
			t.Errorf("%s: the same seed drew another schedule", p.Name)
		}
		if slices.Equal(dues(a), dues(c)) {
			t.Errorf("%s: another seed drew the same schedule", p.Name)
		}
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
		"too many":        {"poisson", Constant(1e12, time.Hour)},
	} {
		if s, err := Draw(c.process, c.load, 1); err == nil {
			t.Errorf("%s: drew %d arrivals; want an error", name, s.Count)
		}
	}
}
