package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHodgesLehmannTable(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []float64
		want float64
	}{
		{"one", []float64{3}, 3},
		{"two: the mean", []float64{1, 2}, 1.5},
		{"four pairs of an epoch", []float64{0, 1, 2, 10}, 1.75},
		{"equal values", []float64{.1, .1, .1}, .1},
		{"an outlier among ten moves it little", []float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 1e6}, 0},
	} {
		if got := HodgesLehmann(c.x); !near(got, c.want) {
			t.Errorf("%s: HodgesLehmann(%v) = %v; want %v", c.name, c.x, got, c.want)
		}
	}
	if got := HodgesLehmann(nil); !math.IsNaN(got) {
		t.Errorf("HodgesLehmann(nil) = %v; want NaN", got)
	}
}

// Of a sample that holds NaN nothing is known.
func TestRankTestsOfNaN(t *testing.T) {
	x := []float64{math.NaN(), 1, 2, 3, 4, 5, 6, 7}
	if got := HodgesLehmann(x); !math.IsNaN(got) {
		t.Errorf("HodgesLehmann(%v) = %v; want NaN", x, got)
	}
	for _, r := range []ranked{NewWalsh(x).ranked, NewShifts(x, x[1:]).ranked, NewShifts(x[1:], x).ranked,
		Walsh{}.ranked} {
		if p, q := r.PAbove(0), r.PBelow(9); p != 1 || q != 1 || !math.IsNaN(r.HodgesLehmann()) {
			t.Errorf("p = %v and %v, estimate %v; want 1, 1 and NaN", p, q, r.HodgesLehmann())
		}
		if low, high := r.Lower(.05), r.Upper(.05); !math.IsInf(low.Value, -1) || !math.IsInf(high.Value, 1) {
			t.Errorf("bounds %v and %v; want infinities", low, high)
		}
	}
}

func TestHodgesLehmannMovesWithTheSample(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		x := normals(r, 1+r.IntN(20), 0)
		want := HodgesLehmann(x) + 5
		for i := range x {
			x[i] += 5
		}
		if got := HodgesLehmann(x); !near(got, want) {
			t.Fatalf("HodgesLehmann of a sample moved by 5 = %v; want %v", got, want)
		}
		slices.Reverse(x)
		if got := HodgesLehmann(x); !near(got, want) {
			t.Fatalf("HodgesLehmann depends on the order: %v; want %v", got, want)
		}
	}
}

// A bound misses the centre exactly when the test at the bound's level rejects
// it: checked over all sign patterns, which gives the coverage exactly.
func TestBoundsHaveTheirExactLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := 1; n <= 10; n++ {
		size := normals(r, n, 0)
		for _, alpha := range []float64{.025, .05, .1, .3} {
			missedLow, missedHigh, level := 0, 0, 0.0
			for pattern := range 1 << n {
				x := make([]float64, n)
				for i, s := range size {
					x[i] = math.Abs(s)
					if pattern>>i&1 == 1 {
						x[i] = -x[i]
					}
				}
				w := NewWalsh(x)
				low, high := w.Lower(alpha), w.Upper(alpha)
				level = low.Level
				if low.Level != high.Level || low.Level > alpha {
					t.Fatalf("n=%d: levels %v, %v; want equal, at most %v", n, low.Level, high.Level, alpha)
				}
				if low.Value > 0 {
					missedLow++
				}
				if high.Value < 0 {
					missedHigh++
				}
				if (low.Value > 0) != (w.PAbove(0) <= alpha) {
					t.Fatalf("n=%d alpha=%v: lower bound %v contradicts p=%v", n, alpha, low.Value, w.PAbove(0))
				}
			}
			total := float64(int(1) << n)
			if float64(missedLow)/total != level || float64(missedHigh)/total != level {
				t.Errorf("n=%d alpha=%v: bounds miss in %v and %v of all samples; they claim %v", n, alpha,
					float64(missedLow)/total, float64(missedHigh)/total, level)
			}
			if math.Pow(.5, float64(n)) > alpha && level != 0 {
				t.Errorf("n=%d alpha=%v: a bound at level %v, which so few observations cannot give", n, alpha, level)
			}
		}
	}
}
