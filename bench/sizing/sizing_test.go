package sizing

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// The costs that made the data are found again, and their intervals hold them in 90 of 100, where what loads
// spend scatters in proportion to it, and by a thousandth of a core beside that.
func TestCostsAreRecovered(t *testing.T) {
	truth := map[string]float64{"token": 0.012, "introspect": 0.0004, "revoke": 0}
	const idle, seeds = 0.05, 1000
	for _, c := range []struct {
		loads              int
		inProportion, each float64 // deviations, of the cores spent and in cores
	}{{10, 0.01, 0}, {6, 0.01, 0}, {10, 0.01, 0.001}, {6, 0.02, 0.001}} {
		held := map[string]int{}
		for seed := range uint64(seeds) {
			rng := rand.New(rand.NewPCG(seed, 2))
			var loads []Load
			for i := range c.loads {
				rates := map[string]float64{"token": 1, "introspect": 10, "revoke": 5}
				if i < c.loads-1 { // The last is nearly idle.
					rates[[]string{"token", "introspect", "revoke"}[i%3]] *= 40 + 20*rng.Float64()
				}
				cores := idle
				for operation, rate := range rates {
					cores += rate * truth[operation]
				}
				cores = cores*(1+c.inProportion*rng.NormFloat64()) + c.each*rng.NormFloat64()
				loads = append(loads, Load{rates, cores})
			}
			costs, err := FitCosts(loads)
			if err != nil {
				t.Fatal(err)
			}
			if got := costs.PerRequest["token"]; math.Abs(got/truth["token"]-1) > 0.1 {
				t.Errorf("%+v, seed %d: a token costs %v; want about %v", c, seed, got, truth["token"])
			}
			for operation, cost := range costs.PerRequest {
				i := costs.Intervals[operation]
				if cost < i.Low || cost > i.High || i.Low < 0 {
					t.Errorf("%+v, seed %d: %s costs %v, between %+v", c, seed, operation, cost, i)
				}
				if i.Low <= truth[operation] && truth[operation] <= i.High {
					held[operation]++
				}
			}
		}
		t.Logf("%+v: of %d intervals hold the truth: %v", c, seeds, held)
		for operation, n := range held {
			if n < seeds*88/100 {
				t.Errorf("%+v: the interval of %s holds its cost in %d of %d; want 90 %%", c, operation, n, seeds)
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
