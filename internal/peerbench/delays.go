package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// draws is how many delays are drawn before they repeat.
const draws = 100_000

// distributions are the delays that the scripted server knows.
var distributions = []struct {
	name, summary string
	draw          func(rng *rand.Rand) time.Duration
}{
	{"constant", "5 ms", func(*rand.Rand) time.Duration { return 5 * time.Millisecond }},
	{"log-normal", "median 5 ms, sigma 0.6", func(rng *rand.Rand) time.Duration {
		return time.Duration(5e6 * math.Exp(0.6*rng.NormFloat64()))
	}},
	{"bimodal", "2 ms, one in ten 20 ms", func(rng *rand.Rand) time.Duration {
		if rng.IntN(10) == 0 {
			return 20 * time.Millisecond
		}
		return 2 * time.Millisecond
	}},
}

// draw returns the delays of a distribution in the order in which requests get them;
// one of nothing for "".
func draw(name string, seed uint64) ([]time.Duration, error) {
	if name == "" {
		return []time.Duration{0}, nil
	}
	for _, d := range distributions {
		if d.name == name {
			rng := rand.New(rand.NewPCG(seed, 0xde1a))
			all := make([]time.Duration, draws)
			for i := range all {
				all[i] = d.draw(rng)
			}
			return all, nil
		}
	}
	return nil, fmt.Errorf("unknown distribution of delays %q", name)
}

// quantiles are the type-7 quantiles (Hyndman and Fan 1996) of times, as bench.Histogram
// has them, but exact. times is sorted.
func quantiles(times []time.Duration, qs ...float64) []time.Duration {
	out := make([]time.Duration, len(qs))
	if len(times) == 0 {
		return out
	}
	slices.Sort(times)
	for k, q := range qs {
		at := q * float64(len(times)-1)
		below := times[int(at)]
		above := times[min(int(at)+1, len(times)-1)]
		out[k] = below + time.Duration((at-math.Floor(at))*float64(above-below))
	}
	return out
}
