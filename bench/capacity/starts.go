package capacity

import "math"

// What starts are supposed to differ by when they do: the standard deviation of the logarithm of what each
// carries, and how far from their middle that of a start is looked for.
const (
	startsScatter = 0.15
	startsApart   = 0.4
)

// StartsDiffer is how many times likelier trials are if every start of the server has a rate of its own at which
// half of them hold than if all starts have the same one (a Bayes factor). It takes the trials of each start, and
// is 1 where they carry no curve.
func StartsDiffer(starts [][]Trial) float64 {
	var all answers
	var each []answers
	for _, trials := range starts {
		each = append(each, answersOf(trials))
		all = append(all, each[len(each)-1]...)
	}
	if !all.bothKinds() {
		return 1
	}
	centres := all.centres()
	weights := scattered(centres[1] - centres[0])
	same, apart := 0.0, 0.0
	for _, width := range widths() {
		likelihoods := make([][]float64, len(each)) // by start and centre
		for i, a := range each {
			for _, centre := range centres {
				likelihoods[i] = append(likelihoods[i], a.likelihood(centre, width))
			}
		}
		for c := range centres {
			one, own := 1.0, 1.0
			for _, l := range likelihoods {
				one *= l[c]
				own *= around(l, c, weights)
			}
			same, apart = same+one, apart+own
		}
	}
	if same == 0 {
		return 1
	}
	return apart / same
}

// scattered are the weights of centres about a middle one, which add up to 1.
func scattered(step float64) []float64 {
	reach := int(startsApart / step)
	var weights []float64
	total := 0.0
	for d := -reach; d <= reach; d++ {
		z := float64(d) * step / startsScatter
		weights = append(weights, math.Exp(-z*z/2))
		total += weights[len(weights)-1]
	}
	for i := range weights {
		weights[i] /= total
	}
	return weights
}

// around is the mean of values about index c; the first and the last stand for those beyond them.
func around(values []float64, c int, weights []float64) float64 {
	sum := 0.0
	for k, weight := range weights {
		sum += weight * values[min(max(c+k-len(weights)/2, 0), len(values)-1)]
	}
	return sum
}
