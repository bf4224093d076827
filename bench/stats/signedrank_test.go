package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSignedRankLawIsTheEnumeration(t *testing.T) {
	for n := range 13 {
		counts := make([]float64, n*(n+1)/2+1)
		signPatterns(n, func(w int) { counts[w]++ })
		law := SignedRankLaw(n)
		if len(law) != len(counts) {
			t.Fatalf("len(SignedRankLaw(%d)) = %d; want %d", n, len(law), len(counts))
		}
		atMost := 0.0
		for w, c := range counts {
			want := c / float64(int(1)<<n)
			if law[w] != want { // dyadic: equal, not near
				t.Errorf("SignedRankLaw(%d)[%d] = %v; want %v", n, w, law[w], want)
			}
			if got := SignedRankAtLeast(n, w); got != 1-atMost {
				t.Errorf("SignedRankAtLeast(%d, %d) = %v; want %v", n, w, got, 1-atMost)
			}
			atMost += want
			if got := SignedRankAtMost(n, w); got != atMost {
				t.Errorf("SignedRankAtMost(%d, %d) = %v; want %v", n, w, got, atMost)
			}
		}
	}
}

func TestSignedRankPublishedValues(t *testing.T) {
	for _, c := range []struct {
		n, w int
		want float64
	}{{10, 10, .0420}, {20, 60, .0487}, {30, 151, .0481}, {10, -1, 0}, {10, 55, 1}, {10, 99, 1}} {
		if got := SignedRankAtMost(c.n, c.w); math.Abs(got-c.want) > 5e-5 {
			t.Errorf("SignedRankAtMost(%d, %d) = %.5f; want %.4f", c.n, c.w, got, c.want)
		}
	}
}

// Counting Walsh averages above 0 is counting ranks (Tukey).
func TestWalshCountsAreRankSums(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		x := normals(r, 1+r.IntN(12), 0.3)
		n, w := len(x), rankSum(x)
		walsh := NewWalsh(x)
		if got, want := walsh.PAbove(0), SignedRankAtLeast(n, w); got != want {
			t.Fatalf("PAbove(0) of %v = %v; want P(T >= %d) = %v", x, got, w, want)
		}
		if got, want := walsh.PBelow(0), SignedRankAtMost(n, w); !near(got, want) {
			t.Fatalf("PBelow(0) of %v = %v; want P(T <= %d) = %v", x, got, w, want)
		}
	}
}

func TestTiesAndZerosNeverHelp(t *testing.T) {
	for _, c := range []struct {
		name         string
		x            []float64
		above, below float64
	}{
		{"nothing", nil, 1, 1},
		{"all zero", []float64{0, 0, 0, 0}, 1, 1},
		{"opposite ties cancel", []float64{1, -1}, .75, .75},
		{"tied in one direction", []float64{1, 1, 1, 1, 1, 1}, 1. / 64, 1},
		{"a zero costs power", []float64{0, 2, 3}, SignedRankAtLeast(3, 5), 1},
	} {
		w := NewWalsh(c.x)
		if w.PAbove(0) != c.above || w.PBelow(0) != c.below {
			t.Errorf("%s: PAbove, PBelow = %v, %v; want %v, %v", c.name, w.PAbove(0), w.PBelow(0), c.above, c.below)
		}
	}
	// Whatever the ties, the p value is valid: over all sign patterns of fixed
	// absolute values, P(p <= a) <= a.
	for _, sizes := range [][]float64{{1, 1, 2, 2, 3, 3}, {0, 0, 1, 2, 3, 4}, {1, 1, 1, 1, 1, 1, 1},
		{0, 1, 1, 2, 2, 2, 5, 5}} {
		n := len(sizes)
		count := map[float64]int{}
		for pattern := range 1 << n {
			x := make([]float64, n)
			for i, s := range sizes {
				x[i] = s
				if pattern>>i&1 == 1 {
					x[i] = -s
				}
			}
			count[NewWalsh(x).PAbove(0)]++
		}
		for a := range count {
			below := 0
			for p, k := range count {
				if p <= a {
					below += k
				}
			}
			if share := float64(below) / float64(int(1)<<n); share > a+1e-12 {
				t.Errorf("absolute values %v: P(p <= %v) = %v", sizes, a, share)
			}
		}
	}
}

func normals(r *rand.Rand, n int, mean float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = mean + r.NormFloat64()
	}
	return x
}
