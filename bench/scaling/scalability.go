package scaling

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// Point is the capacity of some instances together, found once.
type Point struct {
	Instances int     `json:"instances"`
	Capacity  float64 `json:"capacity"` // requests per second under the limits
}

// Law is a fitted Universal Scalability Law.
type Law struct {
	PerInstance float64 `json:"per_instance"` // g: requests per second of one instance
	Contention  Range   `json:"contention"`   // a
	Coherency   Range   `json:"coherency"`    // b
	Points      int     `json:"points"`
	Largest     int     `json:"largest"` // number of instances that was measured
	fit         stats.Linear
}

// Range is an estimate with its 95 % interval.
type Range struct {
	Low      float64 `json:"low"`
	Estimate float64 `json:"estimate"`
	High     float64 `json:"high"`
}

// MarshalJSON writes a range as JSON can have it: a bound that is none becomes one that no law has.
func (r Range) MarshalJSON() ([]byte, error) {
	type plain Range
	r.High = min(r.High, 1e9)
	return json.Marshal(plain(r))
}

// leastNumbers is how many different numbers of instances a fit needs.
const leastNumbers = 4

// alpha is on each side of an interval.
const alpha = 0.025

// Fit fits the law to capacities at four different numbers of instances or more.
func Fit(points []Point) (Law, error) {
	l := Law{Points: len(points)}
	different := map[int]bool{}
	for _, p := range points {
		if p.Instances < 1 || !(p.Capacity > 0) || math.IsInf(p.Capacity, 0) {
			return Law{}, fmt.Errorf("capacity %v of %s: want both more than 0", p.Capacity,
				digits.Count(p.Instances, "instance"))
		}
		different[p.Instances] = true
		l.Largest = max(l.Largest, p.Instances)
	}
	if len(different) < leastNumbers {
		return Law{}, fmt.Errorf("capacities certified at %s of instances carry no scaling law: measure "+
			"at least %d", digits.Count(len(different), "number"), leastNumbers)
	}
	var rows [][]float64
	var y, weights []float64
	for _, p := range points {
		rows = append(rows, row(p.Instances))
		y = append(y, float64(p.Instances)/p.Capacity)
		each := p.Capacity / float64(p.Instances)
		weights = append(weights, each*each)
	}
	c, err := stats.NonNegative(rows, y, weights)
	if err != nil {
		return Law{}, err
	}
	if c[0] == 0 {
		return Law{}, fmt.Errorf("capacity grows faster than instances: these figures are not of one server")
	}
	if l.fit, err = stats.FitLinear(rows, y, weights); err != nil {
		return Law{}, err
	}
	l.PerInstance = 1 / c[0]
	l.Contention, l.Coherency = l.interval(c, 1), l.interval(c, 2)
	return l, nil
}

// row is what the coefficients are multiplied with at n instances.
func row(n int) []float64 {
	x := float64(n)
	return []float64{1, x - 1, x * (x - 1)}
}

// interval is coefficient number k over the first, with its interval.
func (l Law) interval(c []float64, k int) Range {
	r := Range{Estimate: c[k] / c[0], High: math.Inf(1)}
	of := make([]float64, len(c))
	of[k] = 1
	if low, high, ok := l.fit.Ratio(of, row(1), alpha); ok {
		r.Low, r.High = max(low, 0), max(high, 0)
	}
	r.Low, r.High = min(r.Low, r.Estimate), max(r.High, r.Estimate)
	return r
}

// At is the capacity of n instances by the estimates.
func (l Law) At(n int) float64 {
	x := float64(n)
	return l.PerInstance * x / (1 + l.Contention.Estimate*(x-1) + l.Coherency.Estimate*x*(x-1))
}

// Peak tells at how many instances the capacity is largest; false when the data do not
// show that there is such a number, because the interval of the coefficient holds 0.
func (l Law) Peak() (instances int, identified bool) {
	if l.Coherency.Low <= 0 || l.Contention.Estimate >= 1 {
		return 0, false
	}
	return max(int(math.Round(math.Sqrt((1-l.Contention.Estimate)/l.Coherency.Estimate))), 1), true
}

// Lower is what n instances carry at the least: the lower bound of the 95 % interval of one
// more measurement. It is false beyond twice the largest number that was measured, and where
// the data allow that they carry nothing.
func (l Law) Lower(n int) (float64, bool) {
	if n < 1 || n > 2*l.Largest {
		return 0, false
	}
	each := l.At(n) / float64(n)
	_, _, most := l.fit.Interval(row(n), alpha, l.fit.Variance()/(each*each))
	if !(most > 0) {
		return 0, false
	}
	return float64(n) / most, true
}
