package capacityrun

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Servers of other shapes than one smooth queue are certified just as well, and what is said of them is
// what they are.
func TestServersOfManyShapes(t *testing.T) {
	t.Parallel()
	const seeds = 40
	for _, world := range []struct {
		name  string
		truth float64 // what it carries
		carry float64 // of a smooth queue
		plant func(*simulated)
		near  int // how many of the seeds must be within 0.92 and 1.00 of the truth, in per cent
		said  string
	}{
		// The first knee stays below the limit: 18 ms / (1 - r/500) reaches 50 ms at 320/s.
		{"two knees", 320, 400, func(s *simulated) { s.knee, s.steeper = 250, 1.8 }, 95, ""},
		// 13 ms / (1 - r/500) reaches 50 ms at 370/s.
		{"one slow operation of three", 370, 400, func(s *simulated) {
			s.operations, s.slowest, s.by = []string{"token", "introspect", "revoke"}, "introspect", 1.3
		}, 95, "introspect broke first"},
		{"a step where the pool ends", 350, 600, func(s *simulated) { s.step = 350 }, 95, ""},
		{"pauses in one trial of twenty", 400, 400, func(s *simulated) { s.pauses = 0.05 }, 80, ""},
		{"a limit at 3/s", 3, 3, func(*simulated) {}, 95, ""},
		{"a limit at 20,000/s", 20_000, 20_000, func(*simulated) {}, 95, ""},
	} {
		near, most := 0, 0.0
		for seed := range uint64(seeds) {
			s := newSimulated(world.carry, 0.02, seed)
			world.plant(s)
			servers := both{bench.Candidate: s}
			rule := simulatedRule(t, servers, seed)
			_, found := hunted(t, servers, rule, seed)
			side := found.Sides[0]
			endsWith(t, side, capacity.Certified)
			share := side.Rate / world.truth
			most = max(most, share)
			if share >= 0.92 && share <= 1 {
				near++
			}
			if world.said != "" && !strings.Contains(side.Broke, world.said) {
				t.Errorf("%s, seed %d: %q; want %q", world.name, seed, side.Broke, world.said)
			}
		}
		t.Logf("%s: %d of %d within 0.92 and 1.00 of %v/s, at most %.3f", world.name, near, seeds, world.truth, most)
		if near < seeds*world.near/100 || most > 1.05 {
			t.Errorf("%s: %d of %d within 0.92 and 1.00 of %v/s, at most %.3f", world.name, near, seeds, world.truth,
				most)
		}
	}
}

// A limit below what the server takes without load is kept at no rate, and a few trials find that out.
func TestUnkeptLimitEndsInOneLine(t *testing.T) {
	t.Parallel()
	for _, carry := range []float64{3, 400, 20_000} {
		s := newSimulated(carry, 0.02, 1)
		s.service = 2 * simulatedLimit
		run, side, found := alone(t, s, 1)
		endsWith(t, side, capacity.Unreachable)
		if found.Decision != verdict.Failed || len(found.Reasons) != 1 || len(run.Trials) > 40 {
			t.Errorf("%v/s: %s with %q after %d trials; want one reason", carry, found.Decision, found.Reasons,
				len(run.Trials))
		}
	}
}
