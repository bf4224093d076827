package verdict

import (
	"math/rand/v2"
	"testing"
)

// A path ends where the comparison does, whatever was disturbed, and each step is
// what a shorter run would have said.
func TestPathsEndAtTheComparisons(t *testing.T) {
	same := func(a, b Interval) bool { return a.String() == b.String() && (a == b || a.Estimate != a.Estimate) }
	r := rand.New(rand.NewPCG(7, 7))
	for range 60 {
		in := Input{Design: Design{Profile: Full()}, Pairs: ci95.epochs(r, 1+r.IntN(17), .95, 1+.2*r.Float64())}
		if r.IntN(2) == 0 {
			in.Profile = sixPairs()
		}
		onlyCandidate := r.IntN(2) == 0 // then all pairs are judged
		for i := range in.Pairs {
			if r.IntN(4) == 0 {
				in.Pairs[i].Candidate.Disturbed = []string{"a neighbour"}
				if !onlyCandidate {
					in.Pairs[i].Baseline.Disturbed = []string{"a neighbour"}
				}
			}
		}
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range Paths(in) {
			c := v.Comparisons[i]
			if p.Operation != c.Operation || p.Quantile != c.Quantile || len(p.Steps) != c.Units {
				t.Fatalf("path of %s P%v with %d steps; want %s with %d", p.Operation, 100*p.Quantile, len(p.Steps),
					c.Name(), c.Units)
			}
			if n := len(p.Steps); n > 0 && !same(p.Steps[n-1].SoFar, c.Ratio) {
				t.Errorf("last step %v; want %v", p.Steps[n-1].SoFar, c.Ratio)
			}
			for k, s := range p.Steps {
				if s.Units != k+1 {
					t.Errorf("step %d has %d units", k, s.Units)
				}
				if in.Profile.Unit == UnitPair && v.Excluded == 0 &&
					!same(s.SoFar, Paths(Input{Design: Design{Profile: in.Profile},
						Pairs: in.Profile.first(undisturbed(in.Pairs), k+1)})[i].Steps[k].SoFar) {
					t.Errorf("step %d looks ahead", k)
				}
			}
		}
	}
	if got := Paths(Input{}); got != nil {
		t.Errorf("an input without a profile has paths: %v", got)
	}
}
