package capacity

import (
	"cmp"
	"math"
	"slices"
)

// Interval is an estimate with the bounds of its 90 % interval.
type Interval struct {
	Low      float64 `json:"low"`
	Estimate float64 `json:"estimate"`
	High     float64 `json:"high"`
}

// Curve is what all trials together say: at which rates half and nine tenths of trials
// hold. Rates are in requests per second.
type Curve struct {
	Half       Interval `json:"half"`
	NineTenths Interval `json:"nine_tenths"`
	Trials     int      `json:"trials"`
}

// The grid of the fit: the logarithm of the half rate, by the range of the trials, and
// the logarithm of the width, from a fifth of a per cent to a half. Width is the
// distance in ln rate from half of trials holding to 73 % (one logit).
const (
	centreSteps = 160
	widthSteps  = 28
	leastWidth  = 0.002
	mostWidth   = 0.5
)

// FitCurve fits all trials but soaks, which are longer than the others, and those that
// went beyond the generator. It is false
// when trials of one kind are missing: without a failure there is no upper bound, and
// without one that held no lower.
func FitCurve(trials []Trial) (Curve, bool) {
	a := answersOf(trials)
	if !a.bothKinds() {
		return Curve{}, false
	}
	var halves, nines []weighted
	for _, width := range widths() {
		for _, centre := range a.centres() {
			weight := a.likelihood(centre, width)
			halves = append(halves, weighted{centre, weight})
			nines = append(nines, weighted{centre - math.Log(9)*width, weight})
		}
	}
	return Curve{Half: summary(halves), NineTenths: summary(nines), Trials: len(a)}, true
}

// lapses are the shares of trials that may fail at any rate, for what comes seldom, as a stall each half minute.
var lapses = []float64{0, 0.05, 0.1, 0.2, 0.3}

// surelyBelow is a rate below the one at which half of those trials hold that do not fail at any rate, with 95 %; false
// without trials of both kinds.
func surelyBelow(trials []Trial) (float64, bool) {
	a := answersOf(trials)
	if !a.bothKinds() {
		return 0, false
	}
	var halves []weighted
	for _, width := range widths() {
		for _, centre := range a.centres() {
			weight := 0.0
			for _, share := range lapses {
				weight += a.lapsing(centre, width, share)
			}
			halves = append(halves, weighted{centre, weight})
		}
	}
	return summary(halves).Low, true
}

// lapsing is the probability of the answers under one curve of which a share fails besides.
func (a answers) lapsing(centre, width, share float64) float64 {
	product := 1.0
	for _, x := range a {
		held := (1 - share) / (1 + math.Exp((x.rate-centre)/width))
		if x.held {
			product *= held
		} else {
			product *= 1 - held
		}
	}
	return product
}

// answer is what a trial said of its rate.
type answer struct {
	rate float64 // rate is the logarithm of requests per second.
	held bool
}

// answers are what a curve is fitted to.
type answers []answer

func answersOf(trials []Trial) (a answers) {
	for _, t := range trials {
		if t.Phase != Soak && t.Outcome != Beyond {
			a = append(a, answer{math.Log(t.Rate), t.Outcome == Held})
		}
	}
	return a
}

func (a answers) bothKinds() bool {
	held := func(x answer) bool { return x.held }
	failed := func(x answer) bool { return !x.held }
	return slices.ContainsFunc(a, held) && slices.ContainsFunc(a, failed)
}

// centres are where the half rate is looked for, evenly spaced.
func (a answers) centres() []float64 {
	const beyond = 0.25
	byRate := func(x, y answer) int { return cmp.Compare(x.rate, y.rate) }
	low, high := slices.MinFunc(a, byRate).rate-beyond, slices.MaxFunc(a, byRate).rate+beyond
	centres := make([]float64, centreSteps)
	for i := range centres {
		centres[i] = low + float64(i)*(high-low)/(centreSteps-1)
	}
	return centres
}

// widths are those that are tried.
func widths() []float64 {
	all := make([]float64, widthSteps)
	for i := range all {
		all[i] = leastWidth * math.Pow(mostWidth/leastWidth, float64(i)/(widthSteps-1))
	}
	return all
}

// likelihood is the probability of the answers under one curve.
func (a answers) likelihood(centre, width float64) float64 {
	sum := 0.0
	for _, x := range a {
		z := (x.rate - centre) / width
		if x.held {
			z = -z
		}
		sum += logisticLog(z)
	}
	return math.Exp(sum)
}

// logisticLog is ln(1/(1+e^-z)) without overflow.
func logisticLog(z float64) float64 {
	if z > 0 {
		return -math.Log1p(math.Exp(-z))
	}
	return z - math.Log1p(math.Exp(z))
}
