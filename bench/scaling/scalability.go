package sizing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Point is the capacity of some instances together.
type Point struct {
	Instances int     `json:"instances"`
	Capacity  float64 `json:"capacity"` // requests per second under the limits
}

// Scalability is a fitted Universal Scalability Law.
type Scalability struct {
	PerInstance float64 `json:"per_instance"` // g: requests per second of one instance
	Contention  Range   `json:"contention"`   // a
	Coherency   Range   `json:"coherency"`    // b
	largest     int
	draws       []law
}

// Range is an estimate with its 95 % interval.
type Range struct {
	Low      float64 `json:"low"`
	Estimate float64 `json:"estimate"`
	High     float64 `json:"high"`
}

// law is one set of coefficients.
type law struct{ g, a, b float64 }

func (l law) at(n int) float64 {
	x := float64(n)
	return l.g * x / (1 + l.a*(x-1) + l.b*x*(x-1))
}

// leastPoints is how many different numbers of instances a fit needs.
const leastPoints = 4

// bootstrapDraws is how many times residuals are drawn for the intervals.
const bootstrapDraws = 1000

// FitScalability fits the law to capacities at four different numbers of instances or
// more. The same seed draws the same intervals.
func FitScalability(points []Point, seed uint64) (Scalability, error) {
	different := map[int]bool{}
	largest := 0
	for _, p := range points {
		if p.Instances < 1 || !(p.Capacity > 0) {
			return Scalability{}, fmt.Errorf("capacity %v of %d instances: want both more than 0", p.Capacity,
				p.Instances)
		}
		different[p.Instances] = true
		largest = max(largest, p.Instances)
	}
	if len(different) < leastPoints {
		return Scalability{}, fmt.Errorf(
			"capacities at %d numbers of instances carry no scaling law: measure at least %d", len(different),
			leastPoints)
	}
	fitted, err := fitLaw(points)
	if err != nil {
		return Scalability{}, err
	}
	s := Scalability{PerInstance: fitted.g, largest: largest}
	sum := 0.0
	for _, p := range points {
		r := math.Log(p.Capacity / fitted.at(p.Instances))
		sum += r * r
	}
	freedom := max(len(points)-3, 1)
	rng := rand.New(rand.NewPCG(seed, 0x751))
	var as, bs []float64
	for range bootstrapDraws {
		// How far residuals scatter is itself only known from these points, so it is drawn
		// as well: sum / chi-square.
		chi := 0.0
		for range freedom {
			z := rng.NormFloat64()
			chi += z * z
		}
		deviation := math.Sqrt(sum / chi)
		drawn := slices.Clone(points)
		for i := range drawn {
			drawn[i].Capacity = fitted.at(drawn[i].Instances) * math.Exp(deviation*rng.NormFloat64())
		}
		l, err := fitLaw(drawn)
		if err != nil {
			return Scalability{}, err
		}
		s.draws = append(s.draws, l)
		as, bs = append(as, l.a), append(bs, l.b)
	}
	s.Contention, s.Coherency = rangeOf(as, fitted.a), rangeOf(bs, fitted.b)
	return s, nil
}

// fitLaw solves N/X = c0 + c1(N-1) + c2 N(N-1) for coefficients that are not negative.
func fitLaw(points []Point) (law, error) {
	var rows [][]float64
	var y, weights []float64
	for _, p := range points {
		n := float64(p.Instances)
		rows = append(rows, []float64{1, n - 1, n * (n - 1)})
		y = append(y, n/p.Capacity)
		weights = append(weights, (p.Capacity/n)*(p.Capacity/n))
	}
	c, err := nonNegative(rows, y, weights)
	if err != nil {
		return law{}, err
	}
	if c[0] == 0 {
		return law{}, fmt.Errorf("capacity grows faster than instances: these figures are not of one server")
	}
	return law{1 / c[0], c[1] / c[0], c[2] / c[0]}, nil
}

// Peak tells at how many instances the capacity is largest; false when the data do not
// show that there is such a number, because the interval of the coefficient holds 0.
func (s Scalability) Peak() (instances int, identified bool) {
	if s.Coherency.Low <= 0 || s.Contention.Estimate >= 1 {
		return 0, false
	}
	return int(math.Sqrt((1 - s.Contention.Estimate) / s.Coherency.Estimate)), true
}

// Lower is the lower bound of the 95 % interval of the capacity of n instances. It is
// false beyond twice the largest number that was measured.
func (s Scalability) Lower(n int) (float64, bool) {
	if n > 2*s.largest {
		return 0, false
	}
	var capacities []float64
	for _, l := range s.draws {
		capacities = append(capacities, l.at(n))
	}
	return rangeOf(capacities, 0).Low, true
}

// rangeOf is the percentile interval of drawn values. It orders them in place.
func rangeOf(drawn []float64, estimate float64) Range {
	slices.Sort(drawn)
	at := func(q float64) float64 { return drawn[int(q*float64(len(drawn)-1))] }
	return Range{Low: at(0.025), Estimate: estimate, High: at(0.975)}
}
