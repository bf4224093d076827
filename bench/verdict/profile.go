package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
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
	// Watched lists the quantiles that may be sentinels: they are corrected for together
	// with the gates and can convict, but a pass does not wait for them.
	Watched []Floor `json:"watched,omitempty"`
	// Margins are the profile's own defaults, by quantile, for what no margin of the
	// design speaks of.
	Margins []Margin `json:"margins,omitempty"`
}

// Quick is the profile of a first look on a laptop: 8 pairs, each with fresh servers,
// one look, and the one claim that so little time can carry: no operation's P95 is
// slower by a quarter. P50 is a sentinel. It convicts only beyond the margin.
//
// Eight pairs can reach p = 2^-8 = 0.004 at best, enough to convict one of a dozen
// comparisons on its own. See UnitsToConvict.
func Quick() Profile {
	return Profile{
		Name: "quick", Unit: UnitPair, Looks: []int{8}, Alpha: 0.05, PairsPerEpoch: 1,
		FreshPairs: true, BeyondMargin: true,
		Floors: []Floor{{0.95, 100}}, Watched: []Floor{{0.5, 20}},
		Margins: []Margin{{Quantile: 0.5, Fraction: 0.10}, {Quantile: 0.95, Fraction: 0.25}},
	}
}

// CI is the profile of ten minutes that gates P95: the looks of Full, with P50 and P99 as
// sentinels. Trials are short: in so little time more pairs are worth more than longer
// ones (docs/method.md).
func CI() Profile {
	p := Full()
	p.Name = "ci"
	p.Floors = []Floor{{0.95, 100}}
	p.Watched = []Floor{{0.5, 20}, {0.99, 100}}
	return p
}

// Thorough is CI with P99 as a gate.
func Thorough() Profile {
	p := Full()
	p.Name = "thorough"
	p.Floors = []Floor{{0.95, 100}, {0.99, 1000}}
	p.Watched = []Floor{{0.5, 20}}
	return p
}

// Full gates P50, P95 and P99: at most 15 epochs of 4 pairs, looked at after 8, 12 and
// 15. The floors leave at least ten requests beyond each quantile.
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

// watches tells whether a quantile may be a sentinel, and the requests per trial that it
// then needs.
func (p Profile) watches(q float64) (requests int, sentinel bool) {
	for _, f := range p.Watched {
		if rounded(f.Quantile) == rounded(q) {
			return f.Requests, true
		}
	}
	return 0, false
}

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
		return fmt.Errorf("profile %q: no planned look; want for example looks [8]", p.Name)
	case p.Looks[0] < 1 || !slices.IsSorted(p.Looks) || len(slices.Compact(slices.Clone(p.Looks))) != len(p.Looks):
		return fmt.Errorf("profile %q: looks %v; want positive numbers of units, ascending", p.Name, p.Looks)
	case !(p.Alpha > 0 && p.Alpha < 0.5):
		return fmt.Errorf("profile %q: alpha %v; want more than 0 and less than 0.5", p.Name, p.Alpha)
	case p.PairsPerEpoch < 1:
		return fmt.Errorf("profile %q: %d pairs per epoch; want at least 1", p.Name, p.PairsPerEpoch)
	}
	return nil
}

// level returns what may be spent with the given number of units, and how many
// planned looks they reach (0: none, nothing may be decided).
//
// Between two planned looks the stricter of the two levels applies: the run
// ended there instead of at the later one.
func (p Profile) level(units int) (stats.Level, int) {
	levels := p.levels()
	look := 0
	for look < len(p.Looks) && p.Looks[look] <= units {
		look++
	}
	if look == 0 || len(levels) == 0 {
		return stats.Level{}, 0
	}
	level := levels[look-1]
	if look < len(levels) && units > level.Units {
		next := levels[look]
		level.Nominal, level.Spent = min(level.Nominal, next.Nominal), min(level.Spent, next.Spent)
	}
	return level, look
}

// levels returns the given levels when they belong to these looks and alpha,
// else computes them.
func (p Profile) levels() []stats.Level {
	units := make([]int, len(p.Levels))
	spent := 0.0
	for i, l := range p.Levels {
		units[i] = l.Units
		spent += l.Spent
	}
	if slices.Equal(units, p.Looks) && math.Abs(spent-p.Alpha) < 1e-9 {
		return p.Levels
	}
	levels, err := stats.SequentialLevels(p.Looks, p.Alpha)
	if err != nil {
		return nil // validate has excluded it
	}
	return levels
}
