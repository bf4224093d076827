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
