package verdict

import (
	"cmp"
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"

	"gonum.org/v1/gonum/stat"
)

// disturbed says whether something outside both versions invalidated the pair.
func (p Pair) disturbed() bool {
	return len(p.Baseline.Disturbed)+len(p.Candidate.Disturbed) > 0
}

// undisturbed returns the per-protocol pairs.
func undisturbed(pairs []Pair) []Pair {
	return slices.DeleteFunc(slices.Clone(pairs), Pair.disturbed)
}

// units groups pairs into the independent units of the design, in order. An
// epoch that lost more than half of its planned pairs is no unit: the median of
// so few pairs says little about that start.
func (p Profile) units(pairs []Pair) [][]Pair {
	var units [][]Pair
	if p.Unit == UnitPair {
		for _, pair := range pairs {
			units = append(units, []Pair{pair})
		}
		return units
	}
	index := map[int]int{}
	for _, pair := range pairs {
		i, seen := index[pair.Epoch]
		if !seen {
			i = len(units)
			index[pair.Epoch] = i
			units = append(units, nil)
		}
		units[i] = append(units[i], pair)
	}
	return slices.DeleteFunc(units, func(unit []Pair) bool { return len(unit) < p.enough() })
}

// enough is the number of pairs that make a unit.
func (p Profile) enough() int {
	if p.Unit == UnitPair {
		return 1
	}
	return (p.PairsPerEpoch + 1) / 2
}

// first returns the leading pairs that hold n undisturbed units, disturbed
// pairs between them included: what was known when the n-th unit was complete.
func (p Profile) first(pairs []Pair, n int) []Pair {
	units := p.units(undisturbed(pairs))
	if len(units) <= n {
		return pairs
	}
	if p.Unit == UnitEpoch {
		next := units[n][0].Epoch
		i := slices.IndexFunc(pairs, func(pair Pair) bool { return pair.Epoch == next })
		return pairs[:i]
	}
	valid := 0
	for i, pair := range pairs {
		if !pair.disturbed() {
			valid++
		}
		if valid == n {
			return pairs[:i+1]
		}
	}
	return pairs
}

// series is one comparison's data: a logarithmic ratio per unit, and every
// trial's log-quantile for the guards.
type series struct {
	operation string
	quantile  float64
	units     []float64 // ln(candidate/baseline); NaN for a unit without this comparison
	trials    []trialPair
	counts    map[Side]Counts
	recorded  int // It is how many trials had counts.
}

type trialPair struct {
	unit int
	pair Pair
	// baseline and candidate are the logarithms of the quantile in ns.
	baseline, candidate float64
}

// baselines are the logarithms of the baseline's quantile in ns, by trial.
func (s series) baselines() []float64 {
	var all []float64
	for _, t := range s.trials {
		all = append(all, t.baseline)
	}
	return all
}

// pairDeviation is the standard deviation over pairs, 0 when there are fewer than two.
func (s series) pairDeviation() float64 {
	if len(s.trials) < 2 {
		return 0
	}
	var differences []float64
	for _, t := range s.trials {
		differences = append(differences, t.candidate-t.baseline)
	}
	return stat.StdDev(differences, nil)
}

// ratios returns the units that have a value.
func (s series) ratios() []float64 {
	return slices.DeleteFunc(slices.Clone(s.units), math.IsNaN)
}

// collect builds the series of every operation and quantile that both sides of
// some pair have, ordered by operation (as first seen) and quantile.
func collect(p Profile, units [][]Pair) []series {
	type key struct {
		operation string
		quantile  float64
	}
	index := map[key]int{}
	operations := map[string]int{}
	var all []series
	for u, unit := range units {
		for _, pair := range unit {
			for _, a := range pair.Baseline.Operations {
				b, ok := pair.Candidate.observation(a.Operation)
				if !ok {
					continue
				}
				if _, seen := operations[a.Operation]; !seen {
					operations[a.Operation] = len(operations)
				}
				for _, qa := range a.Quantiles {
					qb, ok := b.quantile(qa.At)
					if !ok {
						continue
					}
					k := key{a.Operation, rounded(qa.At)}
					i, seen := index[k]
					if !seen {
						i = len(all)
						index[k] = i
						all = append(all, series{operation: k.operation, quantile: k.quantile,
							counts: map[Side]Counts{}})
					}
					s := &all[i]
					s.trials = append(s.trials, trialPair{u, pair, math.Log(float64(qa.Value)), math.Log(float64(qb))})
					s.counts[Baseline] = s.counts[Baseline].Plus(a.Counts)
					s.counts[Candidate] = s.counts[Candidate].Plus(b.Counts)
					for _, c := range []Counts{a.Counts, b.Counts} {
						if c != (Counts{}) {
							s.recorded++
						}
					}
				}
			}
		}
	}
	for i := range all {
		all[i].summarise(p, len(units))
	}
	slices.SortStableFunc(all, func(a, b series) int {
		return cmp.Or(cmp.Compare(operations[a.operation], operations[b.operation]),
			cmp.Compare(a.quantile, b.quantile))
	})
	return all
}

// summarise reduces the pairs of each unit to one value, their Hodges-Lehmann
// estimate.
func (s *series) summarise(p Profile, units int) {
	differences := make([][]float64, units)
	for _, t := range s.trials {
		differences[t.unit] = append(differences[t.unit], t.candidate-t.baseline)
	}
	s.units = make([]float64, units)
	for u, d := range differences {
		s.units[u] = math.NaN()
		if len(d) >= p.enough() {
			s.units[u] = stats.HodgesLehmann(d)
		}
	}
}

func (t Trial) observation(operation string) (Observation, bool) {
	for _, o := range t.Operations {
		if o.Operation == operation {
			return o, true
		}
	}
	return Observation{}, false
}

func (o Observation) quantile(at float64) (value int64, ok bool) {
	for _, q := range o.Quantiles {
		if rounded(q.At) == rounded(at) {
			return int64(q.Value), true
		}
	}
	return 0, false
}

// rounded makes quantiles comparable: 99.9/100 and 0.999 differ in the last
// bit of a float64 and mean the same.
func rounded(quantile float64) float64 { return math.Round(quantile*1e9) / 1e9 }

// total adds up one operation of one version over pairs.
type total struct {
	counts            Counts
	offered, achieved float64        // sums of rates: trials of a run have equal length
	wrong             map[string]int // how often, by what was wrong
	refused           []string
}

// tally adds up every operation of one side.
func tally(pairs []Pair, side Side) map[string]total {
	totals := map[string]total{}
	for _, p := range pairs {
		for _, o := range p.on(side).Operations {
			t, known := totals[o.Operation]
			if !known {
				t.wrong = map[string]int{}
			}
			t.counts = t.counts.Plus(o.Counts)
			t.offered += o.Offered
			t.achieved += o.Achieved
			t.refused = append(t.refused, o.Refused...)
			for what, times := range o.Wrong {
				t.wrong[what] += times
			}
			totals[o.Operation] = t
		}
	}
	return totals
}

// on returns the trial of one version.
func (p Pair) on(side Side) Trial {
	if side == Baseline {
		return p.Baseline
	}
	return p.Candidate
}

// operations lists the operations of the pairs in the order first seen.
func operations(pairs []Pair) []string {
	var names []string
	seen := map[string]bool{}
	for _, p := range pairs {
		for _, side := range []Side{Baseline, Candidate} {
			for _, o := range p.on(side).Operations {
				if !seen[o.Operation] {
					seen[o.Operation] = true
					names = append(names, o.Operation)
				}
			}
		}
	}
	return names
}
