package sizing

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// The costs that made the data are found again, in ten mixes with one per cent of noise.
func TestCostsAreRecovered(t *testing.T) {
	truth := map[string]float64{"token": 0.012, "introspect": 0.0004, "revoke": 0}
	const idle = 0.05
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var loads []Load
		for i := range 10 {
			rates := map[string]float64{"token": 1, "introspect": 10, "revoke": 5}
			if i < 9 { // The tenth is nearly idle.
				rates[[]string{"token", "introspect", "revoke"}[i%3]] *= 40 + 20*rng.Float64()
			}
			cores := idle
			for operation, rate := range rates {
				cores += rate * truth[operation]
			}
			loads = append(loads, Load{rates, cores * (1 + 0.01*rng.NormFloat64())})
		}
		costs, err := FitCosts(loads)
		if err != nil {
			t.Fatal(err)
		}
		if got := costs.PerRequest["token"]; math.Abs(got/truth["token"]-1) > 0.05 {
			t.Errorf("seed %d: a token costs %v; want about %v", seed, got, truth["token"])
		}
		for operation, cost := range costs.PerRequest {
			if cost < 0 {
				t.Errorf("seed %d: %s costs %v", seed, operation, cost)
			}
		}
	}
}

// The fit has the least squares of all that are not negative: no step in any direction
// that stays within the bound makes it better.
func TestNonNegativeIsTheBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 200 {
		var rows [][]float64
		var y, weights []float64
		for range 6 {
			rows = append(rows, []float64{1, rng.NormFloat64(), rng.NormFloat64()})
			y, weights = append(y, rng.NormFloat64()), append(weights, rng.Float64())
		}
		x, err := nonNegative(rows, y, weights)
		if err != nil {
			t.Fatal(err)
		}
		least := squares(rows, y, weights, x)
		for j := range x {
			for _, step := range []float64{-1e-4, 1e-4} {
				moved := append([]float64{}, x...)
				if moved[j] += step; moved[j] < 0 {
					continue
				}
				if sum := squares(rows, y, weights, moved); sum < least-1e-12 {
					t.Fatalf("%v has %v, and %v has %v", x, least, moved, sum)
				}
			}
		}
	}
}

func TestCostsRefuseWhatTheyCannotTell(t *testing.T) {
	one := Load{map[string]float64{"token": 10, "introspect": 100}, 0.5}
	twice := Load{map[string]float64{"token": 20, "introspect": 200}, 1}
	thrice := Load{map[string]float64{"token": 30, "introspect": 300}, 1.5}
	if _, err := FitCosts([]Load{one, twice}); err == nil || !strings.Contains(err.Error(), "measure at least 3") {
		t.Errorf("two runs for two operations: error %v", err)
	}
	if _, err := FitCosts([]Load{one, twice, thrice}); err == nil || !strings.Contains(err.Error(), "too much alike") {
		t.Errorf("three runs of one mix: error %v", err)
	}
	alone := Load{map[string]float64{"token": 30}, 0.9}
	costs, err := FitCosts([]Load{one, alone, {map[string]float64{"introspect": 100}, 0.3}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := costs.Cores(map[string]float64{"refresh": 1}); err == nil ||
		!strings.Contains(err.Error(), "what refresh costs was not measured") {
		t.Errorf("cores of an operation that was not measured: error %v", err)
	}
}

// Planted coefficients lie within their 95 % interval nearly always.
func TestScalabilityIsRecovered(t *testing.T) {
	truth := law{g: 1000, a: 0.05, b: 0.004}
	const seeds = 100
	inside := 0
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 4))
		var points []Point
		for _, n := range []int{1, 2, 4, 6, 8, 12} {
			for range 2 {
				points = append(points, Point{n, truth.at(n) * math.Exp(0.02*rng.NormFloat64())})
			}
		}
		s, err := FitScalability(points, seed)
		if err != nil {
			t.Fatal(err)
		}
		if s.Coherency.Low <= truth.b && truth.b <= s.Coherency.High {
			inside++
		}
		if lower, ok := s.Lower(12); !ok || lower > truth.at(12)*1.03 {
			t.Errorf("seed %d: lower bound of 12 instances %v, %v; the truth is %v", seed, lower, ok, truth.at(12))
		}
		if _, ok := s.Lower(25); ok {
			t.Errorf("seed %d: says something of 25 instances with 12 measured", seed)
		}
	}
	t.Logf("the 95 %% interval holds the planted coefficient in %d of %d", inside, seeds)
	if inside < 88 {
		t.Errorf("the planted coefficient lies in %d of %d intervals; want about 95", inside, seeds)
	}
}

func TestPeakIsOnlySaidWhenIdentified(t *testing.T) {
	noise := []float64{1.01, 0.99, 1.02, 0.98, 1.01, 0.99}
	points := func(l law) []Point {
		var all []Point
		for i, n := range []int{1, 2, 3, 4, 6, 8} {
			all = append(all, Point{n, l.at(n) * noise[i]})
		}
		return all
	}
	s, err := FitScalability(points(law{1000, 0.02, 0}), 1)
	if err != nil {
		t.Fatal(err)
	}
	if n, identified := s.Peak(); identified {
		t.Errorf("a law without coherency has a peak at %d", n)
	}
	if s, err = FitScalability(points(law{1000, 0.02, 0.02}), 1); err != nil {
		t.Fatal(err)
	}
	if n, identified := s.Peak(); !identified || n < 6 || n > 8 {
		t.Errorf("peak %d, %v; want 7", n, identified)
	}
	if _, err := FitScalability(points(law{1000, 0, 0})[:3], 1); err == nil ||
		!strings.Contains(err.Error(), "at least 4") {
		t.Errorf("three numbers of instances: error %v", err)
	}
}
