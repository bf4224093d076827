package capacityrun

import (
	"math"
	"strings"
	"testing"
	"time"

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

// Servers that are limited by something else than a queue: what is certified is what they carry, and what
// is said of them is what they do.
func TestServersWithOddities(t *testing.T) {
	t.Parallel()
	const seeds = 25
	for _, world := range []struct {
		name   string
		truth  float64 // 0: the limit is kept at no rate
		plant  func(*simulated)
		near   int // of the seeds, in per cent, between 0.92 and 1.02 of the truth
		broke  string
		found  string // a finding, of share per cent of the seeds at least
		share  int
		absent string // what no finding may say
	}{
		{name: "a limit on the rate", truth: 350, plant: func(s *simulated) { s.lets = 350 }, near: 95,
			broke: "requests failed (status 429 slow_down)", absent: "metastable"},
		{name: "a limit on the rate with a penalty", truth: 350, plant: func(s *simulated) {
			s.lets, s.penalty = 350, 20*time.Second
		}, near: 95, broke: "token", absent: "metastable"},
		{name: "a penalty of more than a minute", truth: 350, plant: func(s *simulated) {
			s.lets, s.penalty = 350, 70*time.Second
		}, near: 95, found: "requests failed (status 429 slow_down)", share: 100},
		{name: "errors above a rate", truth: 300, plant: func(s *simulated) { s.errs, s.share = 300, 0.3 }, near: 95,
			broke: "requests failed (status 500 server_error)", absent: "metastable"},
		{name: "all errors above a rate", truth: 300, plant: func(s *simulated) { s.errs, s.share = 300, 1 }, near: 95,
			broke: "requests failed (status 500 server_error)", absent: "metastable"},
		{name: "few errors above a rate", truth: 400, plant: func(s *simulated) { s.errs, s.share = 200, 0.005 },
			near: 95, absent: "metastable"},
		{name: "a stall each ten seconds", plant: func(s *simulated) {
			s.stalls, s.stall = 10*time.Second, 500*time.Millisecond
		}},
		{name: "a stall each half minute", truth: 400, plant: func(s *simulated) {
			s.stalls, s.stall = 30*time.Second, 500*time.Millisecond
		}, near: 70, found: "all together they do not", share: 80},
		{name: "what it carries wears off", truth: 400, plant: func(s *simulated) { s.wears = 2 }, near: 80,
			absent: "starts of the server differ:"},
	} {
		near, found, most := 0, 0, 0.0
		for seed := range uint64(seeds) {
			s := newSimulated(400, 0.02, seed)
			if world.truth == 350 || world.truth == 300 {
				s = newSimulated(600, 0.02, seed)
			}
			world.plant(s)
			servers := both{bench.Candidate: s}
			rule := simulatedRule(t, servers, seed)
			rule.Budget *= 3
			_, all := hunted(t, servers, rule, seed)
			side := all.Sides[0]
			if world.truth > 0 {
				share := side.Rate / (world.truth * math.Exp(-s.wears*s.asked/1e6)) // of what it carries in the end
				if most = max(most, share); share >= 0.92 && share <= 1.02 {
					near++
				}
			}
			if world.broke != "" && !strings.Contains(side.Broke, world.broke) {
				t.Errorf("%s, seed %d: %q; want %q", world.name, seed, side.Broke, world.broke)
			}
			if world.found != "" && find(side.Findings, world.found) != "" {
				found++
			}
			if world.absent != "" && find(side.Findings, world.absent) != "" {
				t.Errorf("%s, seed %d: findings %q", world.name, seed, side.Findings)
			}
			want := capacity.Certified
			if world.truth == 0 {
				want = capacity.Unreachable
			}
			if side.Ending != want {
				t.Errorf("%s, seed %d: %v, %q; want %v", world.name, seed, side.Ending, all.Reasons, want)
			}
		}
		t.Logf("%s: %d of %d near the truth of %v/s, at most %.3f of it, found in %d", world.name, near, seeds,
			world.truth, most, found)
		if near < seeds*world.near/100 || most > 1.05 || found < seeds*world.share/100 {
			t.Errorf("%s: %d of %d near the truth of %v/s, at most %.3f of it; %q in %d", world.name, near, seeds,
				world.truth, most, world.found, found)
		}
	}
}
