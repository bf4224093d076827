package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"

	"gonum.org/v1/gonum/stat"
)

// Noise is how much the pairs of one comparison scatter.
type Noise struct {
	Operation string
	Quantile  float64
	Pairs     int
	// Deviation is the standard deviation of ln(candidate/baseline) over the pairs that lie near the
	// middle: see central.
	Deviation float64
	// Margin is that of this comparison, as a fraction.
	Margin float64
	// Requests is the mean number of requests in a trial.
	Requests float64
	// Freedom is how many differences the deviation rests on: of few it is itself uncertain.
	Freedom int
}

// MeasureNoise returns the scatter of every comparison of the undisturbed pairs.
func MeasureNoise(in Input) []Noise {
	pairwise := in.Profile
	pairwise.Unit, pairwise.PairsPerEpoch = UnitPair, 1
	var all []Noise
	for _, s := range collect(pairwise, pairwise.units(undisturbed(in.Pairs))) {
		ratios := s.ratios()
		if len(ratios) < 2 {
			continue
		}
		all = append(all, Noise{
			Operation: s.operation, Quantile: s.quantile, Pairs: len(ratios), Deviation: scattering(ratios),
			Margin: in.margin(s.operation, s.quantile, s.baselines()), Requests: s.requestsPerTrial(),
			Freedom: len(ratios) - 1,
		})
	}
	return all
}

// middle is the share of differences that count for a deviation, and middleDeviation the root of the mean
// square of those of them that lie nearest to 0, of a standard normal.
const (
	middle          = 0.75
	middleDeviation = 0.607
)

// central is the standard deviation of differences around 0, by the three quarters that lie nearest to
// it: a burst that met one pair or two is shrugged off by the rank tests, and must not count for more
// when they are foretold. On real runs with bursts the standard deviation was twice or three times what
// their intervals were made of, and this one was not (docs/method.md).
func central(differences []float64) float64 {
	squares := make([]float64, len(differences))
	for i, d := range differences {
		squares[i] = d * d
	}
	slices.Sort(squares)
	n := max(int(math.Round(middle*float64(len(squares)))), 1)
	return math.Sqrt(stat.Mean(squares[:n], nil)) / middleDeviation
}

// scattering is central around the centre of some ratios, or their standard deviation when that is less.
func scattering(ratios []float64) float64 {
	centre := stats.HodgesLehmann(ratios)
	around := slices.Clone(ratios)
	for i := range around {
		around[i] -= centre
	}
	return min(central(around), stat.StdDev(ratios, nil))
}

// With is the noise that trials of more requests would have, were all of it sampling: it
// shrinks with their square root. An extrapolation, for quantiles that a short run has
// too few requests for; fewer requests change nothing.
func (n Noise) With(requests int) Noise {
	if n.Requests < float64(requests) {
		return n.Scaled(float64(requests))
	}
	return n
}

// Scaled is With for more and for fewer requests.
func (n Noise) Scaled(requests float64) Noise {
	if n.Requests > 0 && requests > 0 {
		n.Deviation *= math.Sqrt(n.Requests / requests)
		n.Requests = requests
	}
	return n
}

// centreVariance is the variance of the Hodges-Lehmann estimate over that of the mean,
// for normal data: pi/3.
const centreVariance = 1.0471975511965976

// Detectable is the smallest slowdown, as a fraction, that a comparison with this noise
// would notice four times in five when it is run by the profile: the noise of its units,
// the formula of MDE80. The difference between one start of a version and the next is
// not in the noise of pairs, so that a design of epochs may detect less.
func (n Noise) Detectable(p Profile) float64 {
	deviation := n.Deviation
	if p.Unit == UnitEpoch {
		deviation *= math.Sqrt(centreVariance / float64(p.PairsPerEpoch))
	}
	planned := p.Planned()
	return detectableEffect(deviation/math.Sqrt(float64(planned)), planned)
}

// Suffices says whether that is good enough to gate: at most twice the margin, the rule
// by which Pilot stops a run.
func (n Noise) Suffices(p Profile) bool { return n.Detectable(p) <= 2*n.Margin }

// PilotUnits is the number of units after which Pilot has an opinion.
const PilotUnits = 4

// Pilot predicts, from the first PilotUnits undisturbed units, whether the
// planned number can say anything: when the minimum detectable effect at the full
// size would exceed twice the margin in every gating comparison, it answers a reason
// to stop for each. While one of them is quiet enough the run goes on: it may still
// find a regression there. It looks at the noise only, never at which version is
// faster, so that it spends nothing of the error probability. No reasons, and
// none before that many units, means go on.
//
// The noise is the standard deviation of the units: four of them have no
// signed-rank interval at 5 %. One of them may be an accident, which the tests of the
// whole run would shrug off: see scatter.
func Pilot(in Input) (tooNoisy []string, err error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	if in.GatesCosts() { // They can be judged where response times cannot.
		return nil, nil
	}
	units := in.Profile.units(undisturbed(in.Pairs))
	if len(units) < PilotUnits || in.Profile.Planned() <= PilotUnits {
		return nil, nil
	}
	gating := 0
	for _, s := range collect(in.Profile, units[:PilotUnits]) {
		c := measure(in, s)
		ratios := s.ratios()
		if !c.Gating || len(ratios) < PilotUnits {
			continue
		}
		gating++
		planned := in.Profile.Planned()
		detectable := detectableEffect(scatter(ratios)/math.Sqrt(float64(planned)), planned)
		if detectable > 2*c.Margin {
			tooNoisy = append(tooNoisy, fmt.Sprintf("environment too noisy: %s after all %s could detect only %+.0f "+
				"%%, the margin is %.3g %%; use a quieter machine, longer trials or a wider margin",
				c.Name(), digits.Count(planned, string(in.Profile.Unit)), 100*detectable, 100*c.Margin))
		}
	}
	if len(tooNoisy) < gating {
		return nil, nil
	}
	return slices.Clip(tooNoisy), nil
}

// outermost is the mean standard deviation of four normal observations over that of the
// three of them that lie closest together: 0.921 to 0.523, by simulation.
const outermost = 1.76

// scatter is the standard deviation of PilotUnits observations, or what the three that
// lie closest together make likely, when that is less.
func scatter(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	closest := min(stat.StdDev(x[1:], nil), stat.StdDev(x[:len(x)-1], nil))
	return min(stat.StdDev(x, nil), outermost*closest)
}

// detectableEffect is the slowdown, as a fraction, that n units with standard
// error se of the log ratio notice with the power of MDE80.
func detectableEffect(se float64, n int) float64 {
	return math.Expm1(se * (stats.StudentQuantile(1-bound95, n-1) + stats.StudentQuantile(power, n-1)))
}

// standardError is what the exact interval implies: its half width over the t
// quantile of its level. NaN when there is no interval.
func standardError(w stats.Walsh) float64 {
	low, high := w.Lower(bound95).Value, w.Upper(bound95).Value
	if math.IsInf(high, 0) || w.N() < 2 {
		return math.NaN()
	}
	return (high - low) / (2 * stats.StudentQuantile(1-bound95, w.N()-1))
}

// Scatter is how much one gate's pairs of trials differ without any change of the
// server, and the slowdown that it tolerates.
type Scatter struct {
	// Deviation is the standard deviation of ln(candidate/baseline) over pairs.
	Deviation float64
	// Margin as a fraction, above 0.
	Margin float64
	// Freedom is how many differences Deviation rests on; 0 where it is known exactly.
	Freedom int
}

// drawn is what the deviation may really be, as far as so few differences tell.
func (s Scatter) drawn(rng *rand.Rand) float64 {
	if s.Freedom == 0 {
		return s.Deviation
	}
	squares := 0.0
	for range s.Freedom {
		z := rng.NormFloat64()
		squares += z * z
	}
	return s.Deviation * math.Sqrt(float64(s.Freedom)/squares)
}

// chanceRuns is how many runs are drawn for a probability: it is good to two per cent.
const chanceRuns = 1000

// PassProbability is the chance that equal versions pass all gates within the looks of
// the design, from 0 to 1, over all deviations that those measured may be an accident of. Pairs
// are drawn as normal and independent: starts that differ, and a machine that changes its mood,
// make it less. The same arguments give the same answer.
func (p Profile) PassProbability(gates []Scatter) float64 {
	if len(gates) == 0 {
		return 0
	}
	rng := rand.New(rand.NewPCG(0x9a55, uint64(len(gates))))
	deviations := make([]float64, len(gates))
	passed := 0
	for _, run := range p.standardBounds(len(gates)) {
		for g, s := range gates {
			deviations[g] = s.drawn(rng)
		}
		if passTogether(run, deviations, gates) {
			passed++
		}
	}
	return float64(passed) / chanceRuns
}

// bounds are what the logarithm of each gate's margin must exceed for equal versions to pass,
// where pairs scatter by 1: by run, gate and look. Where they scatter by more it is as much more.
type bounds [][][]float64

// drawBounds draws runs of the design.
func (p Profile) drawBounds(rng *rand.Rand, runs, gates int) bounds {
	levels := p.levels()
	all := make(bounds, runs)
	for i := range all {
		all[i] = make([][]float64, gates)
		for g := range gates {
			var units []float64
			for range p.Planned() {
				units = append(units, p.drawUnit(rng))
			}
			for look, n := range p.Looks {
				bound := stats.NewWalsh(units[:n]).Upper(levels[look].Nominal)
				all[i][g] = append(all[i][g], bound.Value)
			}
		}
	}
	return all
}

// boundsDrawn keeps what standardBounds drew, by design and number of gates.
var boundsDrawn sync.Map

// standardBounds are the runs that all probabilities of a design are read from.
func (p Profile) standardBounds(gates int) bounds {
	key := fmt.Sprint(p.Unit, p.PairsPerEpoch, p.Looks, p.Alpha, p.Levels, gates)
	if kept, ok := boundsDrawn.Load(key); ok {
		return kept.(bounds)
	}
	drawn := p.drawBounds(rand.New(rand.NewPCG(0x9a56, uint64(gates))), chanceRuns, gates)
	boundsDrawn.Store(key, drawn)
	return drawn
}

// drawUnit is the value of one unit whose pairs scatter by 1: their centre.
func (p Profile) drawUnit(rng *rand.Rand) float64 {
	pairs := make([]float64, max(p.PairsPerEpoch, 1))
	for i := range pairs {
		pairs[i] = rng.NormFloat64()
	}
	return stats.HodgesLehmann(pairs)
}

// passTogether tells whether all gates of a run pass at one of its looks, where the pairs of gate g
// scatter by deviations[g].
func passTogether(run [][]float64, deviations []float64, gates []Scatter) bool {
	for look := range run[0] {
		all := true
		for g, s := range gates {
			all = all && deviations[g]*run[g][look] < math.Log1p(s.Margin)
		}
		if all {
			return true
		}
	}
	return false
}

// AutomaticMargins are what a margin that nobody set is chosen from, as fractions.
var AutomaticMargins = []float64{0.10, 0.15, 0.20, 0.25}

// ConvictingShare is the part of a chosen margin from which a gate convicts, and of its own margin at least: a
// machine that is too noisy to certify +10 % still shows which of two versions is +20 %, and the farther it
// is from certifying, the farther from 0 the estimates of small slowdowns scatter.
const ConvictingShare = 0.5

// LikelyToPass is the chance of equal versions to pass that a chosen margin must give.
const LikelyToPass = 0.9

// ChooseMargin returns the smallest of AutomaticMargins at which equal versions pass with
// LikelyToPass, and the chance that it gives. No gate gets less than its own Margin, which
// is the profile's. Where none of them is wide enough it is the widest.
func (p Profile) ChooseMargin(gates []Scatter) (margin, chance float64) {
	for _, margin = range AutomaticMargins {
		widened := make([]Scatter, len(gates))
		for i, s := range gates {
			widened[i] = s
			widened[i].Margin = max(margin, s.Margin)
		}
		if chance = p.PassProbability(widened); chance >= LikelyToPass {
			return margin, chance
		}
	}
	return margin, chance
}
