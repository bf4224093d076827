package verdict

import (
	"math"
	"math/rand/v2"

	"oauthbench/bench/stats"
)

// Scatter is how much one gate's pairs of trials differ without any change of the
// server, and the slowdown that it tolerates.
type Scatter struct {
	// Deviation is the standard deviation of ln(candidate/baseline) over pairs.
	Deviation float64
	// Margin as a fraction, above 0.
	Margin float64
}

// chanceRuns is how many runs are drawn for a probability: it is good to two per cent.
const chanceRuns = 400

// PassProbability is the chance that equal versions pass all gates within the looks of
// the design, from 0 to 1. Pairs are drawn as normal and independent: starts that differ,
// and a machine that changes its mood, make it less. The same arguments give the same
// answer.
func (p Profile) PassProbability(gates []Scatter) float64 {
	if len(gates) == 0 {
		return 0
	}
	rng := rand.New(rand.NewPCG(0x9a55, uint64(len(gates))))
	levels := p.levels()
	passed := 0
	for range chanceRuns {
		units := make([][]float64, len(gates))
		for g, s := range gates {
			for range p.Planned() {
				units[g] = append(units[g], p.drawUnit(rng, s.Deviation))
			}
		}
		if p.passesAtALook(units, gates, levels) {
			passed++
		}
	}
	return float64(passed) / chanceRuns
}

// drawUnit is the value of one unit: the centre of its pairs.
func (p Profile) drawUnit(rng *rand.Rand, deviation float64) float64 {
	pairs := make([]float64, max(p.PairsPerEpoch, 1))
	for i := range pairs {
		pairs[i] = deviation * rng.NormFloat64()
	}
	return stats.HodgesLehmann(pairs)
}

// passesAtALook tells whether all gates pass together at one of the planned looks.
func (p Profile) passesAtALook(units [][]float64, gates []Scatter, levels []stats.Level) bool {
	for look, n := range p.Looks {
		all := true
		for g := range gates {
			walsh := stats.NewWalsh(units[g][:n])
			all = all && walsh.PBelow(math.Log1p(gates[g].Margin)) <= levels[look].Nominal
		}
		if all {
			return true
		}
	}
	return false
}

// AutomaticMargins are what a margin that nobody set is chosen from, as fractions.
var AutomaticMargins = []float64{0.10, 0.15, 0.20, 0.25}

// LikelyToPass is the chance of equal versions to pass that a chosen margin must give.
const LikelyToPass = 0.9

// ChooseMargin returns the smallest of AutomaticMargins at which equal versions pass with
// LikelyToPass, and the chance that it gives. No gate gets less than its own Margin, which
// is the profile's. Where none of them is wide enough it is the widest.
func (p Profile) ChooseMargin(gates []Scatter) (margin, chance float64) {
	for _, margin = range AutomaticMargins {
		widened := make([]Scatter, len(gates))
		for i, s := range gates {
			widened[i] = Scatter{Deviation: s.Deviation, Margin: max(margin, s.Margin)}
		}
		if chance = p.PassProbability(widened); chance >= LikelyToPass {
			return margin, chance
		}
	}
	return margin, chance
}
