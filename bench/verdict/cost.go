package verdict

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// Cost is one figure of what the requests of one trial cost.
type Cost struct {
	// Name is that of one of Costs.
	Name string `json:"name"`
	// PerRequest is above 0, in the unit of the kind.
	PerRequest float64 `json:"per_request"`
}

// CostKind is a kind of cost that can be judged.
type CostKind struct {
	Name   string  // Margins and gates call it so.
	Words  string  // Reports call it so.
	Margin float64 // By default an increase by this fraction does not matter.
	// Least is a cost per request so small that changes below it never matter: two rows
	// written in the background must not count as twice as many as one.
	Least float64
}

// Costs are all kinds. CPU is in seconds; counts are per request.
//
// The spread of a cost is about one per cent where that of a response time has ten, and
// other programs hardly change it: a cost can be judged on machines where response times
// cannot. It cannot see what takes time and no work: locks, waits, pauses of a garbage
// collector.
var Costs = []CostKind{
	{"cpu", "server CPU", 0.05, 1e-6},
	{"database-cpu", "database CPU", 0.05, 1e-6},
	{"statements", "statements", 0.01, 0.01},
	{"rows", "rows written", 0.01, 0.01},
	{"commits", "transactions", 0.01, 0.01},
	{"allocated", "bytes allocated", 0.05, 100},
}

// CostRule is how one cost is judged.
type CostRule struct {
	// Name is that of one of Costs.
	Name string `json:"name"`
	// Margin is the increase that is tolerated, as a fraction above 0.
	Margin float64 `json:"margin"`
	// Gate makes a pass wait for it; without, it is a sentinel, which only convicts.
	Gate bool `json:"gate,omitempty"`
}

// CostKindNamed finds a kind; false when there is none of the name.
func CostKindNamed(name string) (CostKind, bool) {
	i := slices.IndexFunc(Costs, func(k CostKind) bool { return k.Name == name })
	if i < 0 {
		return CostKind{}, false
	}
	return Costs[i], true
}

// GatesCosts tells whether a pass waits for a cost.
func (d Design) GatesCosts() bool {
	return slices.ContainsFunc(d.Costs, func(r CostRule) bool { return r.Gate })
}

// costPairs are the pairs as costs see them: disturbed by what disturbs a cost, and by
// nothing else.
func costPairs(pairs []Pair) []Pair {
	out := slices.Clone(pairs)
	for i := range out {
		p := &out[i]
		p.Baseline.Disturbed, p.Candidate.Disturbed = p.Baseline.CostsDisturbed, p.Candidate.CostsDisturbed
	}
	return out
}

// cost is what a trial tells of a kind of cost, as a logarithm.
func (t Trial) cost(k CostKind) (log float64, known bool) {
	for _, c := range t.Costs {
		if c.Name == k.Name {
			return math.Log(max(c.PerRequest, k.Least)), true
		}
	}
	return 0, false
}

// costSeries is the data of one kind of cost: of quantile 0, for it is no percentile.
func (p Profile) costSeries(k CostKind, units [][]Pair) series {
	s := series{operation: k.Words}
	for u, unit := range units {
		for _, pair := range unit {
			baseline, known := pair.Baseline.cost(k)
			candidate, both := pair.Candidate.cost(k)
			if known && both {
				s.trials = append(s.trials, trialPair{u, pair, baseline, candidate})
			}
		}
	}
	s.summarise(p, len(units))
	return s
}

// costs are the comparisons of all costs that the design has and the pairs tell of: a family of
// their own, corrected for its number.
type costs struct {
	comparisons []Comparison
	// drifting says of single costs why they decide nothing, uncounted why none does.
	drifting, uncounted []string
	level               float64 // of the look
}

// judgedCosts judges each cost by itself: one that drifts, for a version was still warming up in
// it, decides nothing, and the others do.
func judgedCosts(in Input, pairs []Pair) costs {
	pairs = in.Profile.first(costPairs(pairs), in.Profile.Planned())
	units := in.Profile.units(undisturbed(pairs))
	at := looked{}
	at.level, at.look = in.Profile.level(len(units))
	out := costs{level: at.level.Nominal}
	var all []series
	for _, rule := range in.Costs {
		k, _ := CostKindNamed(rule.Name) // validate knows the names.
		s := in.Profile.costSeries(k, units)
		if len(s.trials) == 0 && !rule.Gate {
			continue
		}
		c := measureAt(in.Profile, s, rule.Margin)
		c.Gating, c.Sentinel = rule.Gate, !rule.Gate
		out.comparisons, all = append(out.comparisons, c), append(all, s)
	}
	at.tested = len(out.comparisons)
	adjust(out.comparisons, all)
	for i := range out.comparisons {
		c := &out.comparisons[i]
		decideCost(in.Profile, c, at)
		if drifts, _, _ := warming(all[i:i+1], out.comparisons[i:i+1]); len(drifts) > 0 {
			c.Decision, c.Reasons = Inconclusive, drifts
			out.drifting = append(out.drifting, drifts...)
		}
	}
	if tooMany(pairs) {
		out.uncounted = []string{fmt.Sprintf("more than %.0f %% of the pairs do not count for costs (%s)",
			100*maxDisturbed, strings.Join(disturbances(pairs), "; "))}
	}
	return out
}

// decideCost is decide for a cost: by the same tests, without what is said of
// percentiles only.
func decideCost(p Profile, c *Comparison, at looked) {
	say := func(d Decision, format string, args ...any) {
		c.Decision = d
		c.Reasons = append(c.Reasons, c.Name()+" "+fmt.Sprintf(format, args...))
	}
	switch limit := at.limit(); {
	case c.Units == 0:
		say(Inconclusive, "was not told on both sides of any pair")
	case at.look == 0 || c.Units < p.Looks[0]:
		say(Inconclusive, "so far %v, from %d of %s", c.Ratio, c.Units, digits.Count(p.Looks[0], string(p.Unit)))
	case c.PAdjusted <= limit && p.beyond(*c):
		say(Regression, "is ×%.3f [%.3f, %.3f], above the margin of ×%.2f",
			c.Ratio.Estimate, c.Ratio.Low, c.Ratio.High, 1+c.Margin)
	case c.PNonInferior <= at.level.Nominal:
		say(Pass, "%s", c.passed())
	default:
		look := fmt.Sprintf("look %d of %d", at.look, len(p.Looks))
		say(Inconclusive, "%s", c.undecided(look, at.level.Nominal, limit, at.tested))
	}
}

// judgeCosts convicts by costs. It is asked before the machine is: other programs make
// requests late, and hardly make them dearer. What percentiles say as well stands first.
func (v *Verdict) judgeCosts(in Input, pairs []Pair) {
	var dearer []string
	for _, c := range v.Costs {
		if c.Decision == Regression {
			dearer = append(dearer, c.Reasons...)
		}
	}
	if in.Interrupted || len(v.costs.uncounted) > 0 || len(dearer) == 0 {
		return
	}
	if v.PerProtocol == Regression && len(v.unsteady) == 0 && v.short(in) == "" && len(uncomparable(pairs)) == 0 {
		dearer = append(v.reasonsFor(Regression), dearer...)
	}
	v.find(Regression, dearer...)
	v.ByCosts = true
}

// undecidedCosts are why costs that gate withhold a pass.
func (v *Verdict) undecidedCosts() []string {
	var reasons []string
	for _, c := range v.Costs {
		if c.Gating && c.Decision != Pass {
			reasons = append(reasons, c.Reasons...)
		}
	}
	if len(reasons) > 0 || slices.ContainsFunc(v.Costs, func(c Comparison) bool { return c.Gating }) {
		reasons = append(reasons, v.costs.uncounted...)
	}
	return reasons
}
