package session

import (
	"slices"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
)

// A trial in which other programs took more than they usually do beside the same version is unusual;
// one on a machine that always has as much beside it is not, nor one before anything is usual.
func TestUnusual(t *testing.T) {
	trials := func(role bench.Role, shares ...float64) []bench.Trial {
		var all []bench.Trial
		for _, share := range shares {
			all = append(all, bench.Trial{Slot: bench.Slot{Role: role},
				Machine: bench.Interference{Known: true, Foreign: share}})
		}
		return all
	}
	for _, c := range []struct {
		what    string
		earlier []bench.Trial
		share   float64
		want    bool
	}{
		{"nothing is usual yet", trials(bench.Candidate, 0), .09, false},
		{"a burst on a quiet machine", trials(bench.Candidate, 0, .01, 0), .06, true},
		{"as much as always", trials(bench.Candidate, .06, .07, .05), .07, false},
		{"after one that was disturbed", trials(bench.Candidate, 0, .3, .01), .06, true},
		{"the first of its version, after the other's", trials(bench.Baseline, 0, 0), .06, true},
		{"the first of its version, after the pilots", slices.Concat(trials(bench.Baseline, .15),
			trials(bench.Candidate, 0)), .09, true},
		{"the other version's trials say nothing beside its own", slices.Concat(trials(bench.Baseline, 0, 0, 0),
			trials(bench.Candidate, .05, .05)), .08, false},
		{"a little", trials(bench.Candidate, 0, .01, 0), .03, false},
	} {
		one := trials(bench.Candidate, c.share)[0]
		if got := unusual(c.earlier, one); got != c.want {
			t.Errorf("%s: %v; want %v", c.what, got, c.want)
		}
	}
	unknown := bench.Trial{Slot: bench.Slot{Role: bench.Candidate}, Machine: bench.Interference{Foreign: .5}}
	if unusual(trials(bench.Candidate, 0, 0), unknown) {
		t.Error("a machine that does not tell is called unusual")
	}
}
