package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// splits calls f with every way to choose n of m+n places.
func splits(m, n int, f func(second []bool)) {
	for pattern := range 1 << (m + n) {
		second := make([]bool, m+n)
		chosen := 0
		for i := range second {
			if second[i] = pattern>>i&1 == 1; second[i] {
				chosen++
			}
		}
		if chosen == n {
			f(second)
		}
	}
}

func TestRankSumLawIsTheEnumeration(t *testing.T) {
	for m := range 6 {
		for n := range 6 {
			want := make([]float64, m*n+1)
			splits(m, n, func(second []bool) {
				u := 0
				for i, b := range second {
					for j, a := range second {
						if b && !a && i > j {
							u++
						}
					}
				}
				want[u] += 1 / choose(m+n, n)
			})
			got := RankSumLaw(m, n)
			if len(got) != len(want) {
				t.Fatalf("%d and %d: %d values; want %d", m, n, len(got), len(want))
			}
			for u := range want {
				if !near(got[u], want[u]) {
					t.Errorf("P(U=%d) of %d and %d = %v; want %v", u, m, n, got[u], want[u])
				}
			}
		}
	}
}

// P values and bounds are two readings of one list: x lies below the lower bound
// exactly when "at most x" is rejected.
func TestShiftsAgreeWithThemselves(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		a, b := make([]float64, 1+r.IntN(9)), make([]float64, 1+r.IntN(9))
		for i := range a {
			a[i] = math.Round(4 * r.NormFloat64()) // with ties
		}
		for i := range b {
			b[i] = math.Round(4*r.NormFloat64()) + 2
		}
		s := NewShifts(a, b)
		low, high := s.Lower(.05), s.Upper(.05)
		for x := -12.25; x < 15; x += .5 { // never a tie with x itself
			if (s.PAbove(x) <= .05) != (x < low.Value) {
				t.Fatalf("%v against %v: PAbove(%v)=%v, lower bound %v", b, a, x, s.PAbove(x), low)
			}
			if (s.PBelow(x) <= .05) != (x > high.Value) {
				t.Fatalf("%v against %v: PBelow(%v)=%v, upper bound %v", b, a, x, s.PBelow(x), high)
			}
		}
		if hl := s.HodgesLehmann(); hl < low.Value || hl > high.Value {
			t.Fatalf("estimate %v outside [%v, %v]", hl, low.Value, high.Value)
		}
	}
}

func TestShiftsOfFewObservations(t *testing.T) {
	for _, c := range []struct {
		what   string
		a, b   []float64
		p      float64 // against "at most 0"
		finite bool    // has a bound at 5 %
	}{
		{"nothing", nil, nil, 1, false},
		{"one side only", []float64{1, 2}, nil, 1, false},
		{"1 of 2 orders", []float64{1}, []float64{2}, .5, false},
		{"1 of 20 orders: the smallest design that can decide", []float64{1, 2, 3}, []float64{4, 5, 6}, .05, true},
		{"ties count for nobody", []float64{1, 1, 1}, []float64{1, 1, 1}, 1, true},
		{"1 of 70 orders", []float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}, 1. / 70, true},
	} {
		s := NewShifts(c.a, c.b)
		if got := s.PAbove(0); !near(got, c.p) {
			t.Errorf("%s: p = %v; want %v", c.what, got, c.p)
		}
		if got := !math.IsInf(s.Lower(.05+1e-12).Value, 0); got != c.finite {
			t.Errorf("%s: lower bound is finite: %v; want %v", c.what, got, c.finite)
		}
	}
}

// Over random samples of one law the test rejects as often as it says, at most.
func TestShiftsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	rejected := 0
	const runs = 2000
	for range runs {
		a, b := make([]float64, 6), make([]float64, 6)
		for i := range a {
			a[i], b[i] = r.NormFloat64(), r.NormFloat64()
		}
		if NewShifts(a, b).PAbove(0) <= .05 {
			rejected++
		}
	}
	if share := float64(rejected) / runs; share > .06 || share < .03 {
		t.Errorf("rejects %.3f of equal samples at 5 %% (attainable .047)", share)
	}
}
