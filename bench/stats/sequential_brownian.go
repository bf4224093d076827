package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// brownianCriticals is exactCriticals for plans too large to enumerate: the
// standardised signed-rank statistics at successive looks behave like a
// Brownian motion at times n/N. The density of the paths that have not crossed
// is carried from look to look on a grid (Armitage, McPherson & Rowe 1969).
func brownianCriticals(looks []int, budgets []float64) []int {
	const low, step, cells = -6.0, 0.01, 1200 // in units of the final standard deviation
	at := func(i int) float64 { return low + (float64(i)+0.5)*step }
	density := make([]float64, cells)
	var critical []int
	crossed, before := 0.0, 0.0
	for k, n := range looks {
		time := float64(n) / float64(looks[len(looks)-1])
		increment := distuv.Normal{Mu: 0, Sigma: math.Sqrt(time - before)}
		beyond := func(x float64) float64 { // P(not crossed before, now above x)
			if k == 0 {
				return increment.Survival(x)
			}
			p := 0.0
			for i, d := range density {
				if d > 0 {
					p += d * step * increment.Survival(x-at(i))
				}
			}
			return p
		}
		// The largest attainable level whose boundary keeps the budget.
		boundary := func(w int) float64 {
			return math.Sqrt(time) * distuv.UnitNormal.Quantile(1-SignedRankAtMost(n, w))
		}
		w, reject := largestWithin(n, budgets[k]), 0.0
		for ; w >= 0; w-- {
			if reject = beyond(boundary(w)); crossed+reject <= budgets[k] {
				break
			}
		}
		critical = append(critical, w)
		edge := math.Inf(1)
		if w >= 0 {
			edge = boundary(w)
			crossed += reject
		}
		density = evolve(density, increment, at, step, edge, k == 0)
		before = time
	}
	return critical
}

// evolve carries the density of uncrossed paths to the next look and cuts it
// at the boundary; the cell that contains the boundary keeps its share.
func evolve(density []float64, increment distuv.Normal, at func(int) float64, step, edge float64,
	first bool) []float64 {
	next := make([]float64, len(density))
	kernel := make([]float64, 2*len(density)-1)
	for i := range kernel {
		kernel[i] = increment.Prob(float64(i-len(density)+1)*step) * step
	}
	for i := range next {
		x := at(i)
		if first {
			next[i] = increment.Prob(x)
		} else {
			for j, d := range density {
				if d > 0 {
					next[i] += d * kernel[i-j+len(density)-1]
				}
			}
		}
		next[i] *= min(1, max(0, (edge-(x-step/2))/step))
	}
	return next
}
