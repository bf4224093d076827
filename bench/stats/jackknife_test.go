package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Of a mean the jackknife is Student's interval, exactly.
func TestJackknifeOfAMeanIsStudents(t *testing.T) {
	x := []float64{3, 1, 4, 1, 5, 9, 2, 6}
	n := float64(len(x))
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += v
	}
	var without []float64
	for _, v := range x {
		without = append(without, (sum-v)/(n-1))
		squares += (v - sum/n) * (v - sum/n)
	}
	low, high := Jackknife(sum/n, without, .05)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(.95) * math.Sqrt(squares/(n-1)/n)
	if math.Abs(high-sum/n-half) > 1e-12 || math.Abs(sum/n-low-half) > 1e-12 {
		t.Errorf("[%v, %v]; want %v on each side of %v", low, high, half, sum/n)
	}
	if low, high := Jackknife(1, []float64{1, 1}, .05); !math.IsInf(low, -1) || !math.IsInf(high, 1) {
		t.Errorf("two groups give [%v, %v]", low, high)
	}
	if low, high := Jackknife(2, []float64{2, 2, 2}, .05); low != 2 || high != 2 {
		t.Errorf("equal groups give [%v, %v]", low, high)
	}
}

// The interval of a P95 over trials covers the truth about as often as it says, when
// trials differ among themselves as real ones do.
func TestJackknifeCoversAQuantile(t *testing.T) {
	const trials, requests, repeats = 12, 300, 200
	rng := rand.New(rand.NewPCG(1, 2))
	// log response = trial effect + noise, both normal: together normal.
	truth := distuv.Normal{Mu: 0, Sigma: math.Hypot(.05, .3)}.Quantile(.95)
	covered := 0
	for range repeats {
		var all [][]float64
		for range trials {
			effect := .05 * rng.NormFloat64()
			var one []float64
			for range requests {
				one = append(one, effect+.3*rng.NormFloat64())
			}
			all = append(all, one)
		}
		p95 := func(skip int) float64 {
			var x []float64
			for i, one := range all {
				if i != skip {
					x = append(x, one...)
				}
			}
			slices.Sort(x)
			return Quantile(x, .95)
		}
		var without []float64
		for i := range all {
			without = append(without, p95(i))
		}
		if low, high := Jackknife(p95(-1), without, .05); low <= truth && truth <= high {
			covered++
		}
	}
	// 90 % of 200 is 180 with a standard deviation of 4.
	if covered < 168 || covered > 193 {
		t.Errorf("%d of %d intervals cover the truth; want about 180", covered, repeats)
	}
}
