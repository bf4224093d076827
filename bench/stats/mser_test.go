package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMSER(t *testing.T) {
	ramp := func(n, warm int, high float64) []float64 {
		z := make([]float64, n)
		for i := range z {
			if i < warm {
				z[i] = high
			}
		}
		return z
	}
	for _, c := range []struct {
		name    string
		z       []float64
		discard int
		settled bool
	}{
		{"constant: nothing to discard", ramp(20, 0, 1), 0, true},
		{"a step at 5", ramp(40, 5, 3), 5, true},
		{"a step at 19 of 40: inside the half", ramp(40, 19, 3), 19, true},
		{"a step at the half: undecided", ramp(40, 20, 3), 20, false},
		{"too short", []float64{1, 2, 3}, 0, false},
		{"a high level keeps its digits", func() []float64 {
			z := ramp(40, 5, 1e-3)
			for i := range z {
				z[i] += 1e6
			}
			return z
		}(), 5, true},
	} {
		if d, settled := MSER(c.z); d != c.discard || settled != c.settled {
			t.Errorf("%s: MSER = %d, %v; want %d, %v", c.name, d, settled, c.discard, c.settled)
		}
	}
	trend := make([]float64, 40)
	for i := range trend {
		trend[i] = -float64(i)
	}
	if d, settled := MSER(trend); settled {
		t.Errorf("MSER of a trend = %d, settled; want not settled", d)
	}
}

// MSER against its formula, computed directly.
func TestMSERIsItsFormula(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 200 {
		z := normals(r, 4+r.IntN(60), 0)
		for i := range z {
			z[i] += 4 * math.Exp(-float64(i)/3)
		}
		best, want := math.Inf(1), 0
		for d := 0; d <= len(z)/2; d++ {
			mean, s := 0.0, 0.0
			for _, x := range z[d:] {
				mean += x / float64(len(z)-d)
			}
			for _, x := range z[d:] {
				s += (x - mean) * (x - mean)
			}
			if v := s / math.Pow(float64(len(z)-d), 2); v < best {
				best, want = v, d
			}
		}
		if got, _ := MSER(z); got != want {
			t.Fatalf("MSER(%v) = %d; want %d", z, got, want)
		}
	}
}
