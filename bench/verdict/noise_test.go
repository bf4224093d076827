package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestNoiseAndWhatItDetects(t *testing.T) {
	in := Input{Design: Design{Profile: sixPairs()}, Pairs: quickPairs(rand.New(rand.NewPCG(1, 1)), 200, 0)}
	noise := MeasureNoise(in)
	if len(noise) != 6 {
		t.Fatalf("%d comparisons; want 3 operations at 2 quantiles", len(noise))
	}
	for _, n := range noise {
		// The model's own figures: sqrt(2 (.015^2 + .01^2)) and sqrt(2 (.04^2 + .04^2)).
		want := map[float64]float64{.5: .0255, .95: .08}[n.Quantile]
		if math.Abs(n.Deviation-want) > .15*want || n.Pairs != 200 || n.Requests != 200 {
			t.Errorf("%s at %v: deviation %v of %d pairs; want about %v of 200", n.Operation, n.Quantile, n.Deviation,
				n.Pairs, want)
		}
		// More units notice less, and without noise everything is noticed.
		quick, full := n.Detectable(sixPairs()), n.Detectable(Full())
		if !(full < quick) || !(full > 0) {
			t.Errorf("%s at %v: quick detects %v, full %v", n.Operation, n.Quantile, quick, full)
		}
		if n.Deviation = 0; n.Detectable(Full()) != 0 {
			t.Errorf("without noise %v is detected", n.Detectable(Full()))
		}
	}
	// t quantiles of 5 degrees of freedom: 2.015 and 0.920.
	if got, want := (Noise{Deviation: .1}).Detectable(sixPairs()),
		math.Expm1(.1/math.Sqrt(6)*(2.01505+.91954)); math.Abs(got-want) > 1e-4 {
		t.Errorf("six pairs of deviation 0.1 detect %v; want %v", got, want)
	}
	// An epoch is the centre of four pairs; t quantiles of 14 degrees: 1.761 and 0.868.
	if got, want := (Noise{Deviation: .1}).Detectable(Full()),
		math.Expm1(.1*math.Sqrt(math.Pi/3/4/15)*(1.76131+.86805)); math.Abs(got-want) > 1e-5 {
		t.Errorf("fifteen epochs of pairs of deviation 0.1 detect %v; want %v", got, want)
	}
	short := Noise{Deviation: .4, Requests: 250}
	if got := short.With(1000); math.Abs(got.Deviation-.2) > 1e-12 || short.With(100) != short {
		t.Errorf("four times the requests: %+v; want half the deviation, and fewer requests %+v", got, short)
	}
	for _, c := range []struct {
		deviation float64
		want      bool
	}{{.05, true}, {.14, true}, {.17, false}} {
		if got := (Noise{Deviation: c.deviation, Margin: .1}).Suffices(sixPairs()); got != c.want {
			t.Errorf("deviation %v suffices for a margin of 10 %% in six pairs: %v; want %v", c.deviation, got, c.want)
		}
	}
}
