package projection

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sizes are those of the tests, and target the one that is projected to.
var sizes = []float64{1000, 3000, 9000, 27000}

const target = 1e6

// measured are points of a law, each wrong by a share that is drawn.
func measured(random *rand.Rand, share float64, law func(rows float64) float64) (points []Point) {
	for _, n := range sizes {
		points = append(points, Point{n, law(n) * math.Exp(share*random.NormFloat64())})
	}
	return points
}

func linear(n float64) float64  { return 0.4 + 2e-5*n }
func sorting(n float64) float64 { return 0.1 + 2e-6*n*math.Log2(n) }

// Without errors a law is found again exactly, wherever it is asked.
func TestLawsAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, test := range []struct {
		law  Law
		cost func(float64) float64
	}{{Linear, linear}, {Sorting, sorting}, {Linear, func(float64) float64 { return 3 }},
		{Spilling, func(n float64) float64 { return math.Max(0, n-900) * 5 }},
		{Linear, func(n float64) float64 { return 7 * n }}, {Linear, func(float64) float64 { return 0 }}} {
		f, err := New(test.law, measured(random, 0, test.cost))
		if err != nil {
			t.Fatal(err)
		}
		want := test.cost(target)
		got := f.At(target)
		if math.Abs(got.Mean-want) > 1e-6*want || got.High-got.Low > 1e-6*want || f.Bends {
			t.Errorf("law %d: %+v, bends %t; want %g exactly", test.law, got, f.Bends, want)
		}
	}
}

// The interval holds one more measurement as often as it says, for a machine that is off by a
// tenth or a quarter at each size.
func TestIntervalsHold(t *testing.T) {
	const tries = 2000
	for _, share := range []float64{0.1, 0.25} {
		for law, cost := range map[Law]func(float64) float64{Linear: linear, Sorting: sorting} {
			random := rand.New(rand.NewPCG(7, uint64(law)))
			held, bent := 0, 0
			for range tries {
				f, err := New(law, measured(random, share, cost))
				if err != nil {
					t.Fatal(err)
				}
				e, again := f.At(target), cost(target)*math.Exp(share*random.NormFloat64())
				if e.Low <= again && again <= e.High {
					held++
				}
				if f.Bends {
					bent++
				}
			}
			if held < 93*tries/100 {
				t.Errorf("law %d, off by %g: %d of %d intervals held", law, share, held, tries)
			}
			if share == 0.1 && bent > 3*tries/100 {
				t.Errorf("law %d, off by %g: %d of %d said to bend", law, share, bent, tries)
			}
		}
	}
}

// What grows faster than its law is said to, and its high end is not below what it comes to.
func TestFasterGrowthIsSeen(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for what, cost := range map[string]func(float64) float64{
		"a square":                func(n float64) float64 { return 0.1 + 1e-8*n*n },
		"nothing up to some size": func(n float64) float64 { return math.Max(0, n-5000) * 4700 },
	} {
		f, err := New(Linear, measured(random, 0, cost))
		if err != nil || !f.Bends {
			t.Errorf("%s: %+v, %v; want that it bends", what, f, err)
		}
		if e := f.At(target); e.High < cost(target) {
			t.Errorf("%s: high end %g; want at least %g", what, e.High, cost(target))
		}
	}
}

// Temporary files that only the largest sizes have are between what is in proportion and what the
// last step says.
func TestSpillsOfFewSizes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	spill := func(n float64) float64 { return math.Max(0, n-5000) * 4700 }
	f, err := New(Spilling, measured(random, 0, spill))
	if e := f.At(target); err != nil || e.Low > spill(target) || e.High < spill(target) || e.High > 2*spill(target) {
		t.Errorf("%+v, %v; want %g in it", e, err, spill(target))
	}
	if f, err := New(Spilling, measured(random, 0, linear)); err != nil || f.At(100).Low < 0 {
		t.Errorf("%+v, %v", f.At(100), err)
	}
	f, err = New(Spilling, measured(random, 0, func(float64) float64 { return 0 }))
	if e := f.At(target); err != nil || e != (Estimate{}) {
		t.Errorf("nothing spills: %+v, %v", e, err)
	}
}

// Sums keep that all parts may be wrong in one direction.
func TestPlus(t *testing.T) {
	if got := (Estimate{1, 2, 3}).Plus(Estimate{10, 20, 30}); got != (Estimate{11, 22, 33}) {
		t.Errorf("sum = %+v", got)
	}
}

// Two sizes, and what is no number, are refused.
func TestTooLittleIsRefused(t *testing.T) {
	for _, points := range [][]Point{nil, {{1, 1}, {2, 2}}, {{1, 1}, {1, 2}, {2, 3}}, {{1, 1}, {2, 2}, {3, math.NaN()}},
		{{1, 1}, {2, 2}, {-3, 1}}, {{1, 1}, {2, 2}, {math.Inf(1), 1}}} {
		if f, err := New(Linear, points); err == nil {
			t.Errorf("New(%v) = %+v; want an error", points, f)
		}
	}
}
