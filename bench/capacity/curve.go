package capacity

import "math"

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
// the logarithm of the width, from a fifth of a per cent to a fifth. Width is the
// distance in ln rate from half of trials holding to 73 % (one logit).
const (
	centreSteps = 160
	widthSteps  = 24
	leastWidth  = 0.002
	mostWidth   = 0.2
)

// FitCurve fits all trials but soaks, which are longer than the others, and those that
// went beyond the generator. It is false
// when trials of one kind are missing: without a failure there is no upper bound, and
// without one that held no lower.
func FitCurve(trials []Trial) (Curve, bool) {
	var rates []float64
	var held []bool
	low, high, both := math.Inf(1), math.Inf(-1), [2]bool{}
	for _, t := range trials {
		if t.Phase == Soak || t.Outcome == Beyond {
			continue
		}
		x, kept := math.Log(t.Rate), t.Outcome == Held
		rates, held = append(rates, x), append(held, kept)
		low, high = min(low, x), max(high, x)
		both[boolIndex(kept)] = true
	}
	if !both[0] || !both[1] {
		return Curve{}, false
	}
	const beyond = 0.25
	low, high = low-beyond, high+beyond
	step := (high - low) / (centreSteps - 1)
	var halves, nines []weighted
	for w := range widthSteps {
		width := math.Exp(math.Log(leastWidth) + float64(w)/(widthSteps-1)*math.Log(mostWidth/leastWidth))
		for c := range centreSteps {
			centre := low + float64(c)*step
			weight := likelihood(rates, held, centre, width)
			halves = append(halves, weighted{centre, weight})
			nines = append(nines, weighted{centre - math.Log(9)*width, weight})
		}
	}
	return Curve{Half: summary(halves), NineTenths: summary(nines), Trials: len(rates)}, true
}

// likelihood is the probability of the trials under one curve.
func likelihood(rates []float64, held []bool, centre, width float64) float64 {
	sum := 0.0
	for i, x := range rates {
		z := (x - centre) / width
		if held[i] {
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

func boolIndex(b bool) int {
	if b {
		return 1
	}
	return 0
}
