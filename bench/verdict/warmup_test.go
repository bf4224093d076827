package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
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

// Noise asks for no warm-up: of a server that is steady, as of one whose level wanders by a per cent a
// second, the pilot says so.
func TestChanceAsksForNoWarmUp(t *testing.T) {
	const pilots, length = 300, 10 * time.Second
	longer := 0
	for seed := range uint64(pilots) {
		r := rand.New(rand.NewPCG(seed, 8))
		walk := make([]float64, 31)
		for i := 1; i < len(walk); i++ {
			walk[i] = walk[i-1] + .01*r.NormFloat64()*float64(seed%2)
		}
		samples := pilotSamples(seed, .5, func(at time.Duration) float64 { return math.Exp(walk[int(at.Seconds())]) })
		samples = slices.DeleteFunc(samples, func(s Sample) bool { return s.At >= length })
		if after, ok := Settled(samples, length); !ok || after > 2*time.Second {
			longer++
		}
	}
	if longer > pilots/20 {
		t.Errorf("%d of %d pilots of steady servers ask for more than 2 s of warm-up; want at most 5 %%", longer,
			pilots)
	}
}

// The median of 125 log-normal values scatters by 1.2533 deviation/sqrt(125), a ratio
// by the square root of two more, less what pairs share.
func TestPilotNoise(t *testing.T) {
	var sum float64
	const runs = 60
	for seed := range uint64(runs) {
		noise := PilotNoise(pilotSamples(seed, .3, func(time.Duration) float64 { return 1 }), 0,
			[]float64{.5, .95, .9999}, Design{})
		if len(noise) != 4 {
			t.Fatalf("%d comparisons; want 2 operations at the 2 quantiles that have requests beyond them", len(noise))
		}
		n := noise[2]
		if n.Operation != "token" || n.Quantile != .5 || n.Margin != .05 || math.Abs(n.Requests-125) > 10 {
			t.Fatalf("third is %+v; want token P50 of about 125 requests with the default margin", n)
		}
		sum += n.Deviation * n.Deviation
	}
	want := sharedSequence * math.Sqrt2 * 1.2533 * .3 / math.Sqrt(125)
	if got := math.Sqrt(sum / runs); math.Abs(got-want) > .15*want {
		t.Errorf("deviation of token P50 %v; want about %v", got, want)
	}
}

// A level that drifts through the pilot is no noise of pairs.
func TestPilotNoiseIgnoresDrift(t *testing.T) {
	total := func(level func(time.Duration) float64) (sum float64) {
		for seed := range uint64(40) {
			n := PilotNoise(pilotSamples(seed, .3, level), 0, []float64{.5}, Design{})[1]
			sum += n.Deviation * n.Deviation
		}
		return math.Sqrt(sum / 40)
	}
	steady := total(func(time.Duration) float64 { return 1 })
	drifting := total(func(at time.Duration) float64 { return 1 - .002*at.Seconds() })
	if drifting > 1.3*steady {
		t.Errorf("deviation %v of a level that falls by 0.2 %% a second, %v of a steady one", drifting, steady)
	}
}

// The ratio of a quiet and a noisy version scatters less than that of two noisy ones.
func TestPooledNoise(t *testing.T) {
	got := Pooled([]Noise{
		{Operation: "token", Quantile: .95, Deviation: .03, Margin: .1, Requests: 100},
		{Operation: "revoke", Quantile: .95, Deviation: .2, Margin: .1, Requests: 100},
		{Operation: "token", Quantile: .95, Deviation: .02, Margin: .12, Requests: 400},
	})
	want := math.Sqrt((.03*.03 + .04*.04) / 2)
	if len(got) != 2 || math.Abs(got[0].Deviation-want) > 1e-12 || got[0].Margin != .12 || got[1].Deviation != .2 {
		t.Errorf("%+v; want token at %v and revoke as it was", got, want)
	}
}
