package verdict

import (
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Path is how one comparison became known, unit by unit. It decides nothing: it is
// what a picture of the narrowing interval shows.
type Path struct {
	Operation string
	Quantile  float64
	Steps     []Step // one for each unit that has this comparison, in order
}

// Step is what one more unit added.
type Step struct {
	Units int      // units so far, this one included
	Ratio float64  // candidate / baseline of this unit alone
	SoFar Interval // of all units up to this one, as Comparison.Ratio
	Look  bool     // a planned look came after this unit
}

// Paths retraces the comparisons of Judge for the same input, in their order: the
// last step of a path has the Ratio of its Comparison. It returns none for an Input
// that contradicts itself.
func Paths(in Input) []Path {
	if in.validate() != nil {
		return nil
	}
	pairs := in.Profile.first(in.Pairs, in.Profile.Planned())
	valid := undisturbed(pairs)
	var paths []Path
	for _, s := range collect(in.Profile, in.Profile.units(valid)) {
		p := Path{Operation: s.operation, Quantile: s.quantile}
		var soFar []float64
		for u, r := range s.units {
			if math.IsNaN(r) {
				continue
			}
			soFar = append(soFar, r)
			walsh := stats.NewWalsh(soFar)
			p.Steps = append(p.Steps, Step{
				Units: len(soFar), Ratio: math.Exp(r), SoFar: interval90(walsh),
				Look: slices.Contains(in.Profile.Looks, u+1),
			})
		}
		paths = append(paths, p)
	}
	return paths
}

// interval90 is the estimated ratio with its 90 % interval.
func interval90(walsh stats.Walsh) Interval {
	low, high := walsh.Lower(bound95).Value, walsh.Upper(bound95).Value
	return Interval{math.Exp(walsh.HodgesLehmann()), math.Exp(low), math.Exp(high)}
}
