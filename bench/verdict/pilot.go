package verdict

import (
	"fmt"
	"math"
	"slices"

	"oauthbench/bench/stats"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

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
			tooNoisy = append(tooNoisy, fmt.Sprintf("environment too noisy: %s after all %s could detect only %+.0f %%, the margin is %.3g %%; use a quieter machine, longer trials or a wider margin",
				c.Name(), plural(planned, string(in.Profile.Unit)), 100*detectable, 100*c.Margin))
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
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}
	return math.Expm1(se * (t.Quantile(1-bound95) + t.Quantile(power)))
}

// standardError is what the exact interval implies: its half width over the t
// quantile of its level. NaN when there is no interval.
func standardError(w stats.Walsh) float64 {
	low, high := w.Lower(bound95).Value, w.Upper(bound95).Value
	if math.IsInf(high, 0) || w.N() < 2 {
		return math.NaN()
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(w.N() - 1)}
	return (high - low) / (2 * t.Quantile(1-bound95))
}
