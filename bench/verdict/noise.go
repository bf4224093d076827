package verdict

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Noise is how much the pairs of one comparison scatter.
type Noise struct {
	Operation string
	Quantile  float64
	Pairs     int
	// Deviation is the standard deviation of ln(candidate/baseline) over the pairs.
	Deviation float64
	Margin    float64 // of this comparison, as a fraction
	Requests  float64 // per trial, on average
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
			Operation: s.operation, Quantile: s.quantile, Pairs: len(ratios), Deviation: stat.StdDev(ratios, nil),
			Margin: in.margin(s.operation, s.quantile, s.baselines()), Requests: s.requestsPerTrial(),
		})
	}
	return all
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
