package scaling

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// law is what data are made of.
type law struct{ g, a, b float64 }

func (l law) at(n int) float64 {
	x := float64(n)
	return l.g * x / (1 + l.a*(x-1) + l.b*x*(x-1))
}

// design is which capacities are measured, and how much they scatter.
type design struct {
	numbers []int
	each    int
	scatter float64
}

// draw makes capacities of a law.
func (d design) draw(l law, seed uint64) []Point {
	rng := rand.New(rand.NewPCG(seed, 4))
	var points []Point
	for _, n := range d.numbers {
		for range d.each {
			points = append(points, Point{n, l.at(n) * math.Exp(d.scatter*rng.NormFloat64())})
		}
	}
	return points
}

// Of 500 seeds the 95 % intervals hold the planted coefficients in 93 to 99 of 100, also
// where a coefficient is 0, with four numbers of instances and with six.
func TestPlantedCoefficientsAreRecovered(t *testing.T) {
	const seeds = 500
	for _, d := range []design{
		{[]int{1, 2, 3, 4}, 1, 0.02}, {[]int{1, 2, 3, 4}, 3, 0.04}, {[]int{1, 2, 4, 6, 8, 12}, 1, 0.02},
		{[]int{1, 2, 4, 6, 8, 12}, 2, 0.04},
	} {
		for _, planted := range []law{{1000, 0.05, 0.004}, {1000, 0.3, 0.02}, {200, 0.1, 0}, {50, 0, 0}} {
			name := fmt.Sprintf("%v %d times, %.2g: %v", d.numbers, d.each, d.scatter, planted)
			contention, coherency, peaks, above := 0, 0, 0, 0
			for seed := range uint64(seeds) {
				l, err := Fit(d.draw(planted, seed))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				contention += holds(l.Contention, planted.a)
				coherency += holds(l.Coherency, planted.b)
				if _, identified := l.Peak(); identified {
					peaks++
				}
				if lower, ok := l.Lower(d.numbers[len(d.numbers)-1]); ok &&
					lower > planted.at(d.numbers[len(d.numbers)-1]) {
					above++
				}
			}
			t.Logf("%s: a %.1f %%, b %.1f %%, peaks %.1f %%", name, percent(contention, seeds),
				percent(coherency, seeds), percent(peaks, seeds))
			for what, n := range map[string]int{"contention": contention, "coherency": coherency} {
				if got := percent(n, seeds); got < 93 {
					t.Errorf("%s: the interval of %s holds the truth in %.1f %%; want 93 at least", name, what, got)
				}
			}
			if got := percent(peaks, seeds); planted.b == 0 && got > 4 {
				t.Errorf("%s: a peak is found in %.1f %% where there is none; want 4 at most", name, got)
			}
			if got := percent(above, seeds); got > 4 {
				t.Errorf("%s: the lower bound lies above the truth in %.1f %%; want 4 at most", name, got)
			}
		}
	}
}

func holds(r Range, truth float64) int {
	if r.Low <= truth && truth <= r.High {
		return 1
	}
	return 0
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }

// A peak that the data show is found where it is; without noise exactly.
func TestPeakIsFound(t *testing.T) {
	planted := law{1000, 0.02, 0.02}
	exact, err := Fit(design{[]int{1, 2, 3, 4, 6, 8}, 1, 0}.draw(planted, 1))
	if err != nil {
		t.Fatal(err)
	}
	if n, identified := exact.Peak(); !identified || n != 7 || math.Abs(exact.At(6)/planted.at(6)-1) > 1e-9 {
		t.Errorf("peak %d, %v, capacity %v; want 7 and %v", n, identified, exact.At(6), planted.at(6))
	}
	found := 0
	for seed := range uint64(100) {
		l, err := Fit(design{[]int{1, 2, 3, 4, 6, 8}, 2, 0.02}.draw(planted, seed))
		if err != nil {
			t.Fatal(err)
		}
		if n, identified := l.Peak(); identified && n >= 6 && n <= 8 {
			found++
		}
	}
	if found < 95 {
		t.Errorf("the peak at 7 is found within 6 to 8 in %d of 100", found)
	}
}

// Nothing is said beyond the data, and what carries no law is refused.
func TestNothingBeyondTheData(t *testing.T) {
	points := design{[]int{1, 2, 3, 4}, 2, 0.02}.draw(law{1000, 0.05, 0.004}, 1)
	l, err := Fit(points)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := l.Lower(8); !ok {
		t.Error("nothing is said of 8 instances with 4 measured")
	}
	if _, ok := l.Lower(9); ok {
		t.Error("9 instances have a bound with 4 measured")
	}
	for want, points := range map[string][]Point{
		"at least 4":           points[:6],
		"want both":            append([]Point{{0, 5}}, points...),
		"more than 0":          append([]Point{{5, -1}}, points...),
		"carry no scaling":     {{1, 10}, {1, 11}, {1, 12}, {1, 10}},
		"numbers of instances": {{1, 10}, {2, 20}, {3, 30}},
	} {
		if _, err := Fit(points); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v; want %q", points, err, want)
		}
	}
}
