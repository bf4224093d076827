package searches

import (
	"slices"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
)

// A trial in which the generator stood still is told of with what became of it, and no other.
func TestStandstillsAreSaid(t *testing.T) {
	run := &bench.Run{Trials: make([]bench.Trial, 6)}
	for i := range run.Trials {
		run.Trials[i].Strain.StoodStill = time.Duration(i) * time.Second
	}
	point := func(trial int, outcome capacity.Outcome, disturbed string) Point {
		return Point{Trial: trial, Judgement: Judgement{Outcome: outcome, Disturbed: disturbed}}
	}
	s := &Searched{Searches: []*Log{{
		Points: []Point{point(0, capacity.Held, ""), point(1, capacity.Held, ""), point(2, capacity.Failed, "still"),
			point(3, capacity.Beyond, ""), point(4, capacity.Failed, "still")},
		Checks: []Check{{Trial: 0, Recovered: true}, {Trial: 5, Disturbed: "still"}},
	}}}
	want := []string{
		"the generator stood still for 1.0 s in trial 2, which is none of the server's time: the limits " +
			"were kept all " +
			"the same",
		"the generator stood still for 2.0 s in trial 3, which is none of the server's time: it does not count, and " +
			"was measured again",
		"the generator stood still for 3.0 s in trial 4, which is none of the server's time: it does not count " +
			"against the server",
		"the generator stood still for 4.0 s in trial 5, which is none of the server's time: it does not count",
		"the generator stood still for 5.0 s in trial 6, which is none of the server's time: of this control trial " +
			"nothing is said",
	}
	if got := s.standstills(run); !slices.Equal(got, want) {
		t.Errorf("said %q; want %q", got, want)
	}
}
