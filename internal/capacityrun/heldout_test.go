package capacityrun

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Servers that no threshold was chosen by, made of single requests: each is certified as what it is, and the sentence
// on it says so.
func TestServersOfRequests(t *testing.T) {
	t.Parallel()
	const seeds, cores, mean = 20, 4, 8 * time.Millisecond
	limit, err := verdict.ParseSLO("token p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	truth := carries(t, cores, mean, limit)
	for _, world := range []struct {
		name        string
		plant       func(*crowd)
		ending      capacity.Ending
		least, most float64 // least and most are bounds of the certified rate, of what a healthy server carries.
		said        string  // said is in a finding or names what broke, in share per cent of the searches at least.
		share       int
		absent      string // absent is in no finding.
	}{
		{"healthy", func(*crowd) {}, capacity.Certified, 0.88, 1.05, "", 0, "metastable"},
		{"metastable", func(c *crowd) { c.clogs, c.worse = 40, 4 }, capacity.Certified, 0.80, 1.05,
			"metastable failure: after ", 90, ""},
		{"never failing", func(c *crowd) { c.mean, c.sends = 100*time.Microsecond, 20_000 },
			capacity.AboveGenerator, 0.92 * 20_000 / truth, 20_001 / truth, "", 0, "metastable"},
		{"dead at the knee", func(c *crowd) { c.dies = 25 }, capacity.Certified, 0.80, 1.05,
			"the server died at ", 90, ""},
		{"every other start a third slower", func(c *crowd) { c.slow = 1.33 }, capacity.Certified, 0.45, 0.75,
			"starts of the server differ", 60, ""},
		{"slower with each request", func(c *crowd) { c.grows = 8 }, capacity.Certified, 0.50, 1.05,
			"the server became slower", 80, "metastable"},
		{"errors before slowness", func(c *crowd) { c.errs = 0.6 * truth }, capacity.Certified, 0.56, 0.61,
			"requests failed (status 500 server_error)", 100, "metastable"},
		{"a bucket of tokens", func(c *crowd) { c.refills, c.burst = 0.6*truth, 0.6*truth; c.tokens = c.burst },
			capacity.Certified, 0.56, 0.67, "requests failed (status 429 slow_down)", 100, "metastable"},
	} {
		said, lowest, highest := 0, math.Inf(1), 0.0
		for seed := range uint64(seeds) {
			server := newCrowd(cores, mean, seed)
			world.plant(server)
			server.filled = server.now
			found := searchCrowd(t, server, limit, 0, seed)
			side := found.Sides[0]
			if side.Ending != world.ending {
				t.Errorf("%s, seed %d: %v, %q, %q; want %v", world.name, seed, side.Ending, found.Reasons,
					side.Findings, world.ending)
				continue
			}
			lowest, highest = min(lowest, side.Rate/truth), max(highest, side.Rate/truth)
			if world.said != "" && (find(side.Findings, world.said) != "" || strings.Contains(side.Broke, world.said)) {
				said++
			}
			if world.absent != "" && find(side.Findings, world.absent) != "" {
				t.Errorf("%s, seed %d: findings %q", world.name, seed, side.Findings)
			}
		}
		t.Logf("%s: certified at %.3f to %.3f of %.0f/s; %q in %d of %d", world.name, lowest, highest, truth,
			world.said, said, seeds)
		if lowest < world.least || highest > world.most || said < seeds*world.share/100 {
			t.Errorf("%s: certified at %.3f to %.3f of %.0f/s, want %.2f to %.2f; %q in %d of %d", world.name, lowest,
				highest, truth, world.least, world.most, world.said, said, seeds)
		}
	}
}
