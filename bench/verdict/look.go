package verdict

import (
	"math"
	"slices"

	"oauthbench/bench/stats"
)

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
