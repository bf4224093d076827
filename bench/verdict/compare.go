package verdict

import (
	"math"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"

	"gonum.org/v1/gonum/stat/distuv"
)

// bound95 is the level of each end of the printed 90 % interval.
const bound95 = 0.05

// power of the minimum detectable effect and of UnitsNeeded.
const power = 0.8

// rounding is how near to the margin the logarithm of a ratio counts as on it: counts, and times in steps,
// are often exactly there, and the last bits of two logarithms must not pass them.
const rounding = 1e-9

// jointUnits is the number of units up to which the correction for several
// comparisons uses their joint law. Holm is as good beyond it, where 2^-n is
// far below every level.
const jointUnits = 10

// percentiles judges every comparison of the given pairs and says what they
// amount to together.
type percentiles struct {
	decision    Decision
	comparisons []Comparison
	controls    []Control
	units       int
	look        int // It is how many planned looks were reached.
	level       stats.Level
	// unsteady says which version was still warming up, hiding that the baseline may have been behind a
	// pass, shared that both were.
	unsteady, hiding, shared []string
}

// judgePercentiles applies the tests to the pairs given, whatever their
// validity: the caller chooses per-protocol or all pairs.
func judgePercentiles(in Input, pairs []Pair) percentiles {
	units := in.Profile.units(pairs)
	out := percentiles{units: len(units)}
	out.level, out.look = in.Profile.level(len(units))
	all := collect(in.Profile, units)
	for _, s := range all {
		out.comparisons = append(out.comparisons, measure(in, s))
	}
	out.comparisons, all = addMissingGates(in, out.comparisons, all)
	adjust(out.comparisons, all)
	at := looked{look: out.look, level: out.level}
	var gates []tail
	for i, c := range out.comparisons {
		if c.Tested() {
			at.tested++
		}
		if c.Gating {
			gates = append(gates, all[i].tail(c.Margin))
		}
	}
	for i := range out.comparisons {
		decide(in.Profile, &out.comparisons[i], all[i], at, gates)
	}
	out.controls = controls(in.Profile, all, out.comparisons)
	out.unsteady, out.hiding, out.shared = warming(all, out.comparisons)
	out.decision = combine(out.comparisons)
	return out
}

// looked says where the comparisons are judged: the planned looks that were reached, the
// level of the last, and how many comparisons can convict there.
type looked struct {
	look   int
	level  stats.Level
	tested int
}

// limit is the p value that a regression needs: the level of the look, or what may be
// spent at it when several comparisons are corrected for their number.
func (l looked) limit() float64 {
	if l.tested <= 1 {
		return l.level.Nominal
	}
	return l.level.Spent
}

// combine is the intersection-union rule: a pass needs every gating comparison, a
// regression needs one comparison that gates or watches. Without any gate nothing can be
// decided.
func combine(comparisons []Comparison) Decision {
	decision := Invalid
	for _, c := range comparisons {
		switch {
		case c.Tested() && c.Decision == Regression:
			return Regression
		case !c.Gating:
		case c.Decision == Inconclusive:
			decision = Inconclusive
		case decision == Invalid:
			decision = Pass
		}
	}
	return decision
}

// measure fills in all figures of one comparison, and whether it may gate.
func measure(in Input, s series) Comparison {
	c := measureAt(in.Profile, s, in.margin(s.operation, s.quantile, s.baselines()))
	c.Baseline = in.merged(Baseline, s.operation, s.quantile)
	c.Candidate = in.merged(Candidate, s.operation, s.quantile)
	c.Warnings = in.leastMarginApplies(c, s.baselines())
	c.Convicts = in.convicts(s.operation, s.quantile, s.baselines())
	c.Gating = in.gates(s, &c)
	c.Sentinel = !c.Gating && in.watches(s)
	return c
}

// measureAt fills in the figures that the units and the margin give.
func measureAt(p Profile, s series, margin float64) Comparison {
	ratios := s.ratios()
	n := len(ratios)
	walsh := stats.NewWalsh(ratios)
	c := Comparison{
		Operation: s.operation, Quantile: s.quantile,
		Margin: margin, Units: n, UnitName: p.Unit,
		MDE80: math.NaN(), Certifiable: math.NaN(), PairDeviation: s.pairDeviation(),
	}
	c.Ratio = interval90(walsh)
	tolerated := math.Log1p(c.Margin)
	c.PSlow, c.PNonInferior = walsh.PAbove(0), walsh.PBelow(tolerated-rounding)
	c.PAdjusted = c.PSlow
	if se := standardError(walsh); !math.IsNaN(se) {
		c.MDE80 = detectableEffect(se, n)
		c.Certifiable = math.Expm1(walsh.Upper(bound95).Value)
		z := distuv.UnitNormal.Quantile(1-bound95) + distuv.UnitNormal.Quantile(power)
		c.UnitsNeeded = int(math.Ceil(float64(n) * math.Pow(z*se/tolerated, 2)))
	}
	return c
}

// watches says whether a comparison that does not gate is a sentinel.
func (d Design) watches(s series) bool {
	need, allowed := d.Profile.watches(s.quantile)
	if !allowed || s.shortOf(need) {
		return false
	}
	if len(d.Gates)+len(d.Sentinels) == 0 {
		return true
	}
	return slices.ContainsFunc(d.Sentinels, func(g Gate) bool {
		return g.Operation == s.operation && rounded(g.Quantile) == s.quantile
	})
}

// gates says whether a comparison decides, and explains where it may not.
func (in Input) gates(s series, c *Comparison) bool {
	listed := slices.ContainsFunc(in.Gates, func(g Gate) bool {
		return g.Operation == s.operation && rounded(g.Quantile) == s.quantile
	})
	need, allowed := in.Profile.floor(s.quantile)
	short := s.shortOf(need)
	if len(in.Gates) > 0 {
		return listed
	}
	if allowed && short {
		c.Warnings = append(c.Warnings, tooFewRequests(s, need)+"; it does not gate")
	}
	return allowed && !short
}

// shortOf says whether the recorded trials hold fewer requests than a quantile
// needs, on average: with random arrivals single trials scatter around their
// rate, and both sides of a pair share them.
func (s series) shortOf(need int) bool {
	return s.recorded > 0 && s.requestsPerTrial() < float64(need)
}

func (s series) requestsPerTrial() float64 {
	return float64(s.counts[Baseline].Arrivals+s.counts[Candidate].Arrivals) / float64(max(s.recorded, 1))
}

// addMissingGates appends an empty comparison for each gate that was never
// observed: a gate that vanishes must not pass.
func addMissingGates(in Input, comparisons []Comparison, all []series) ([]Comparison, []series) {
	for _, g := range in.Gates {
		seen := slices.ContainsFunc(all, func(s series) bool {
			return s.operation == g.Operation && s.quantile == rounded(g.Quantile)
		})
		if !seen {
			s := series{operation: g.Operation, quantile: rounded(g.Quantile)}
			comparisons = append(comparisons, measure(in, s))
			all = append(all, s)
		}
	}
	return comparisons, all
}

// merged returns a quantile of one side's merged histogram, or 0.
func (in Input) merged(side Side, operation string, at float64) time.Duration {
	for _, m := range in.Merged {
		if m.Side == side && m.Operation == operation {
			for _, q := range m.Quantiles {
				if rounded(q.At) == rounded(at) {
					return q.Value
				}
			}
		}
	}
	return 0
}

// adjust corrects PSlow of the comparisons that can convict for their number: by the
// exact joint law while the units are few enough to enumerate, else by Holm.
func adjust(comparisons []Comparison, all []series) {
	var gates []int
	var p []float64
	var rows [][]float64
	shared := true
	for i, c := range comparisons {
		if c.Tested() {
			gates = append(gates, i)
			p = append(p, c.PSlow)
			rows = append(rows, all[i].units)
			shared = shared && c.Units > 0 && !slices.ContainsFunc(all[i].units, math.IsNaN)
		}
	}
	if len(gates) < 2 {
		return
	}
	adjusted := stats.Holm(p)
	if shared && len(rows[0]) <= jointUnits {
		if joint, ok := stats.StepDown(rows); ok {
			adjusted = joint
		}
	}
	for k, i := range gates {
		// With ties the joint law, which knows them, can be the more lenient one: the
		// interval does not, and must not contradict the decision.
		comparisons[i].PAdjusted = max(adjusted[k], p[k])
	}
}
