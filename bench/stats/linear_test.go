package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The 90 % intervals of a slope, of a ratio of coefficients and of one more row hold the
// truth in 90 of 100, from three rows on.
func TestLinearHasItsCoverage(t *testing.T) {
	const draws, slope, level = 2000, 0.4, 3.0
	for _, n := range []int{3, 5, 12} {
		inSlope, inRatio, inRow := 0, 0, 0
		for seed := range uint64(draws) {
			rng := rand.New(rand.NewPCG(seed, uint64(n)))
			var rows [][]float64
			var y, weights []float64
			for i := range n {
				x := float64(i)
				deviation := 0.1 * (1 + x/4)
				rows = append(rows, []float64{1, x})
				y = append(y, level+slope*x+deviation*rng.NormFloat64())
				weights = append(weights, 1/(deviation*deviation))
			}
			l, err := FitLinear(rows, y, weights)
			if err != nil {
				t.Fatal(err)
			}
			if low, _, high := l.Interval([]float64{0, 1}, 0.05, 0); low <= slope && slope <= high {
				inSlope++
			}
			if low, high, ok := l.Ratio([]float64{0, 1}, []float64{1, 0}, 0.05); !ok || low <= slope/level &&
				slope/level <= high {
				inRatio++
			}
			next := []float64{1, float64(n)}
			deviation := 0.1 * (1 + float64(n)/4)
			row := level + slope*float64(n) + deviation*rng.NormFloat64()
			if low, _, high := l.Interval(next, 0.05, l.Variance()*deviation*deviation); low <= row && row <= high {
				inRow++
			}
		}
		for what, in := range map[string]int{"slope": inSlope, "ratio": inRatio, "row": inRow} {
			if share := float64(in) / draws; math.Abs(share-0.9) > 0.02 {
				t.Errorf("%d rows: the interval of the %s holds the truth in %.1f %%; want 90", n, what, 100*share)
			}
		}
	}
}

func TestLinearRefusesWhatIsNotTold(t *testing.T) {
	one := []float64{1, 1, 1}
	for name, rows := range map[string][][]float64{
		"no row is left": {{1, 1}, {1, 2}}, "columns alike": {{1, 2}, {1, 2}, {1, 2}}, "nothing": nil,
	} {
		if l, err := FitLinear(rows, one[:len(rows)], one[:len(rows)]); err == nil {
			t.Errorf("%s: %+v", name, l)
		}
	}
	exact, err := FitLinear([][]float64{{1, 0}, {1, 1}, {1, 2}}, []float64{1, 3, 5}, one)
	if err != nil || math.Abs(exact.Coefficients[1]-2) > 1e-12 || exact.Freedom != 1 {
		t.Errorf("a straight line is %+v, %v; want a slope of 2", exact, err)
	}
}

// A slope is that of FitLinear, and its deviation is what slopes of noise of known variance have.
func TestSlopeHasItsDeviation(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const draws = 2000
	squares := 0.0
	for range draws {
		var rows [][]float64
		var x, y, weights []float64
		for i := range 6 {
			deviation := 0.1 * float64(1+i)
			x, weights = append(x, float64(i*i)), append(weights, 1/(deviation*deviation))
			y = append(y, 2-0.5*x[i]+deviation*rng.NormFloat64())
			rows = append(rows, []float64{1, x[i]})
		}
		slope, deviation := Slope(x, y, weights)
		l, err := FitLinear(rows, y, weights)
		if err != nil || math.Abs(slope-l.Coefficients[1]) > 1e-9 {
			t.Fatalf("slope %v; FitLinear has %v, %v", slope, l.Coefficients, err)
		}
		squares += (slope + 0.5) * (slope + 0.5) / (deviation * deviation)
	}
	if got := math.Sqrt(squares / draws); math.Abs(got-1) > 0.05 {
		t.Errorf("slopes scatter %.3f times as much as their deviation says", got)
	}
}
