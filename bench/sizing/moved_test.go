package sizing

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// What hashes costs its hash on the other machine and all else as before; what does not hash, and an
// idle server, cost the same.
func TestHashingAloneMoves(t *testing.T) {
	c := Costs{Idle: 0.1, PerRequest: map[string]float64{"token": 0.045, "revoke": 0.044, "introspect": 0.001}}
	hashes := func(operation string) bool { return operation != "introspect" }
	for _, h := range []Hash{{0.040, 0.040}, {0.040, 0.010}, {0.040, 0.400}} {
		there, moved, err := c.Moved(h, hashes)
		if err != nil || !slices.Equal(moved, []string{"revoke", "token"}) || there.Idle != c.Idle {
			t.Fatalf("%+v: %+v, moved %v, %v", h, there, moved, err)
		}
		for operation, beside := range map[string]float64{"token": 0.005, "revoke": 0.004, "introspect": 0.001} {
			want := beside
			if hashes(operation) {
				want += h.There
			}
			if got := there.PerRequest[operation]; math.Abs(got-want) > 1e-12 {
				t.Errorf("%+v: %s costs %v; want %v", h, operation, got, want)
			}
		}
	}
	if c.PerRequest["token"] != 0.045 {
		t.Error("the costs that were moved have changed")
	}
}

// Costs that a hash does not fit into were measured somewhere else.
func TestHashThatDoesNotFitIsRefused(t *testing.T) {
	c := Costs{PerRequest: map[string]float64{"token": 0.010}}
	always := func(string) bool { return true }
	if there, _, err := c.Moved(Hash{0.040, 0.020}, always); err == nil ||
		!strings.Contains(err.Error(), "a hash alone 40 ms") {
		t.Errorf("%+v, %v; want that a hash alone costs more", there, err)
	}
	// A hash that seems to cost a little more than its request is within what is measured.
	if there, _, err := c.Moved(Hash{0.011, 0.022}, always); err != nil ||
		math.Abs(there.PerRequest["token"]-0.020) > 1e-12 {
		t.Errorf("%+v, %v; want 20 ms, all of it hashing", there, err)
	}
	for _, h := range []Hash{{}, {0.01, 0}, {-1, 1}, {math.NaN(), 1}} {
		if _, _, err := c.Moved(h, always); err == nil {
			t.Errorf("%+v is no hash", h)
		}
	}
}
