package capacity

import (
	"cmp"
	"math"
	"slices"
)

// weighted is a value of ln rate with its weight in the posterior, not normalised.
type weighted struct{ value, weight float64 }

// summary is the median and the 90 % interval of weighted logarithms, as rates. It
// orders values in place.
func summary(values []weighted) Interval {
	slices.SortFunc(values, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
	total := 0.0
	for _, v := range values {
		total += v.weight
	}
	at := func(quantile float64) float64 {
		sum := 0.0
		for _, v := range values {
			if sum += v.weight; sum >= quantile*total {
				return math.Exp(v.value)
			}
		}
		return math.Exp(values[len(values)-1].value)
	}
	return Interval{Low: at(0.05), Estimate: at(0.5), High: at(0.95)}
}
