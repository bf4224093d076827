package verdict

import (
	"fmt"
	"math"
	"slices"

	"oauthbench/bench/stats"
)

// Unit is what the inference counts as one independent observation.
type Unit string

const (
	// UnitPair: one start per version; restart effects are not covered.
	UnitPair Unit = "pair"
	// UnitEpoch: each unit is a fresh start of both versions; its value is the
	// Hodges-Lehmann estimate of its pairs.
	UnitEpoch Unit = "epoch"
)

// Floor is the smallest number of requests per trial, of one operation, with
// which a quantile may gate.
type Floor struct {
	Quantile float64 `json:"quantile"`
	Requests int     `json:"requests"`
}

// Profile is the design of an experiment, fixed before its first trial. Use
// Quick or Full and change what the plan changes.
type Profile struct {
	Name string `json:"name"`
	Unit Unit   `json:"unit"`
	// Looks are the numbers of units after which the data may be judged,
	// ascending; the last is the planned size.
	Looks []int `json:"looks"`
	// Levels of these looks, from stats.SequentialLevels. They are computed when
	// absent, which may take a tenth of a second: keep them when judging often.
	Levels []stats.Level `json:"levels,omitempty"`
	// Alpha is the one-sided error probability of a whole run, all looks
	// together, for a false regression and for a false pass each. In (0, 0.5).
	Alpha float64 `json:"alpha"`
	// PairsPerEpoch is the planned number of valid pairs in a unit; 1 with
	// UnitPair.
	PairsPerEpoch int `json:"pairs_per_epoch"`
	// FreshPairs says that every pair began with fresh servers, so that pairs are
	// independent of each other in what a start brings about.
	FreshPairs bool `json:"fresh_pairs,omitempty"`
	// BeyondMargin asks more of a regression than "not slower" rejected and an estimate
	// beyond the margin: the interval's lower bound must lie beyond the margin too. Few
	// units are easily all on one side; a first look must not cry wolf.
	BeyondMargin bool `json:"beyond_margin,omitempty"`
	// Floors lists the quantiles that may gate. A quantile without a floor is
	// reported and never gates.
	Floors []Floor `json:"floors"`
}

// Quick is the profile of a first look on a laptop: 6 pairs, each with fresh
// servers, P50 and P95, one look at 5 %. It convicts only beyond the margin.
//
// Six pairs can reach p = 2^-6 = 0.016 at best, so that they can convict one
// of at most three gating comparisons on its own. See UnitsToConvict.
func Quick() Profile {
	return Profile{
		Name: "quick", Unit: UnitPair, Looks: []int{6}, Alpha: 0.05, PairsPerEpoch: 1,
		FreshPairs: true, BeyondMargin: true,
		Floors: []Floor{{0.5, 20}, {0.95, 100}},
	}
}

// Full is the profile that gates an upgrade: at most 15 epochs of 4 pairs,
// looked at after 8, 12 and 15. The floors leave at least ten requests beyond
// each quantile.
func Full() Profile {
	return Profile{
		Name: "full", Unit: UnitEpoch, Looks: []int{8, 12, 15}, Alpha: 0.05, PairsPerEpoch: 4,
		Levels: []stats.Level{
			{Units: 8, Nominal: 5. / (1 << 8), Spent: 0.01947457982240591},
			{Units: 12, Nominal: 87. / (1 << 12), Spent: 0.01630250781759073},
			{Units: 15, Nominal: 1044. / (1 << 15), Spent: 0.014222912360003365},
		},
		Floors: []Floor{{0.5, 20}, {0.95, 200}, {0.99, 1000}},
	}
}

// UnitsToConvict is the smallest number of units with which one comparison
// among gates can be found a regression when all others are undecided:
// gates * 2^-n <= alpha.
func UnitsToConvict(gates int, alpha float64) int {
	return int(math.Ceil(math.Log2(float64(max(gates, 1)) / alpha)))
}

// Planned is the largest number of units of the design.
func (p Profile) Planned() int { return p.Looks[len(p.Looks)-1] }

// floor returns the requests per trial that quantile q needs, and whether it
// may gate at all.
func (p Profile) floor(q float64) (requests int, gates bool) {
	for _, f := range p.Floors {
		if rounded(f.Quantile) == rounded(q) {
			return f.Requests, true
		}
	}
	return 0, false
}

func (p Profile) validate() error {
	switch {
	case p.Unit != UnitPair && p.Unit != UnitEpoch:
		return fmt.Errorf("profile %q: unit %q; want %q or %q", p.Name, p.Unit, UnitPair, UnitEpoch)
	case len(p.Looks) == 0:
		return fmt.Errorf("profile %q: no planned look; want for example looks [6]", p.Name)
	case p.Looks[0] < 1 || !slices.IsSorted(p.Looks) || len(slices.Compact(slices.Clone(p.Looks))) != len(p.Looks):
		return fmt.Errorf("profile %q: looks %v; want positive numbers of units, ascending", p.Name, p.Looks)
	case !(p.Alpha > 0 && p.Alpha < 0.5):
		return fmt.Errorf("profile %q: alpha %v; want more than 0 and less than 0.5", p.Name, p.Alpha)
	case p.PairsPerEpoch < 1:
		return fmt.Errorf("profile %q: %d pairs per epoch; want at least 1", p.Name, p.PairsPerEpoch)
	}
	return nil
}
