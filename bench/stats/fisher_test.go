package stats

import "testing"

// Every table with up to 8 in each group, against sums of binomials.
func TestFisherIsTheHypergeometricEnumeration(t *testing.T) {
	for a := range 9 {
		for b := range 9 {
			for hitsA := range a + 1 {
				for hitsB := range b + 1 {
					table := Table{hitsA, a - hitsA, hitsB, b - hitsB}
					hits := hitsA + hitsB
					probability := func(k int) float64 { return choose(b, k) * choose(a, hits-k) / choose(a+b, hits) }
					more, two := 0.0, 0.0
					for k := 0; k <= hits; k++ {
						if k >= hitsB {
							more += probability(k)
						}
						if probability(k) <= probability(hitsB)*(1+1e-7) {
							two += probability(k)
						}
					}
					if got := FisherMoreInB(table); !near(got, more) {
						t.Fatalf("FisherMoreInB(%+v) = %v; want %v", table, got, more)
					}
					if got := FisherTwoSided(table); !near(got, two) {
						t.Fatalf("FisherTwoSided(%+v) = %v; want %v", table, got, two)
					}
				}
			}
		}
	}
}

func TestFisherTeaTasting(t *testing.T) {
	tea := Table{HitsA: 1, MissesA: 3, HitsB: 3, MissesB: 1}
	if got := FisherMoreInB(tea); !near(got, 17./70) {
		t.Errorf("FisherMoreInB(%+v) = %v; want 17/70", tea, got)
	}
	if got := FisherTwoSided(tea); !near(got, 34./70) {
		t.Errorf("FisherTwoSided(%+v) = %v; want 34/70", tea, got)
	}
	big := Table{HitsA: 0, MissesA: 32000, HitsB: 20, MissesB: 31980}
	if got := FisherMoreInB(big); got < 5e-7 || got > 2e-6 { // about 2^-20
		t.Errorf("FisherMoreInB(%+v) = %v; want about 1e-6", big, got)
	}
}
