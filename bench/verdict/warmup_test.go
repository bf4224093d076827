package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// pilotSamples are two operations of different levels at 200/s for 30 s, log-normal
// with the deviation of their logs, and slower by a factor that depends on the time.
func pilotSamples(seed uint64, deviation float64, slower func(at time.Duration) float64) []Sample {
	r := rand.New(rand.NewPCG(seed, 1))
	var samples []Sample
	for i := range 6000 {
		at := time.Duration(i) * 5 * time.Millisecond
		operation, level := "token", .010
		if r.IntN(2) == 0 {
			operation, level = "introspect", .0005
		}
		seconds := level * math.Exp(deviation*r.NormFloat64()) * slower(at)
		samples = append(samples, Sample{operation, at, time.Duration(seconds * 1e9)})
	}
	return samples
}

func TestSettled(t *testing.T) {
	const length = 30 * time.Second
	cases := []struct {
		name        string
		slower      func(time.Duration) float64
		least, most time.Duration
		ok          bool
	}{
		{"steady", func(time.Duration) float64 { return 1 }, 0, 3 * time.Second, true},
		{"slow for six seconds", func(at time.Duration) float64 {
			if at < 6*time.Second {
				return 3
			}
			return 1
		}, 5500 * time.Millisecond, 10 * time.Second, true},
		{"fading with a time constant of 2 s", func(at time.Duration) float64 {
			return 1 + 10*math.Exp(-at.Seconds()/2)
		}, 6 * time.Second, 14 * time.Second, true},
		{"slower and slower to the end", func(at time.Duration) float64 {
			return 1 + at.Seconds()
		}, length, length, false},
	}
	for _, c := range cases {
		for seed := range uint64(20) {
			after, ok := Settled(pilotSamples(seed, .3, c.slower), length)
			if ok != c.ok || after < c.least || after > c.most {
				t.Errorf("%s, seed %d: settled after %v, %v; want %v to %v, %v", c.name, seed, after, ok, c.least,
					c.most, c.ok)
			}
		}
	}
	if _, ok := Settled(nil, length); ok {
		t.Error("nothing was answered, and it has settled")
	}
}

// The median of 500 log-normal values scatters by 1.2533 deviation/sqrt(500), a ratio
// by the square root of two more.
func TestPilotNoise(t *testing.T) {
	var sum float64
	const runs = 60
	for seed := range uint64(runs) {
		noise := PilotNoise(pilotSamples(seed, .3, func(time.Duration) float64 { return 1 }), 0,
			[]float64{.5, .95, .9999}, nil, 0)
		if len(noise) != 4 {
			t.Fatalf("%d comparisons; want 2 operations at the 2 quantiles that have requests beyond them", len(noise))
		}
		n := noise[2]
		if n.Operation != "token" || n.Quantile != .5 || n.Margin != .05 || math.Abs(n.Requests-500) > 40 {
			t.Fatalf("third is %+v; want token P50 of about 500 requests with the default margin", n)
		}
		sum += n.Deviation * n.Deviation
	}
	want := math.Sqrt2 * 1.2533 * .3 / math.Sqrt(500)
	if got := math.Sqrt(sum / runs); math.Abs(got-want) > .15*want {
		t.Errorf("deviation of token P50 %v; want about %v", got, want)
	}
}
