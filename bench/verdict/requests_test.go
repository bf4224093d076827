package verdict

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"

	"gonum.org/v1/gonum/stat/distuv"
)

// server is the request-level model of a quiet machine: Poisson arrivals, two
// workers (M/G/2), a log-normal body, a slow path for one request in fifty,
// and a stall of 25 ms about every second that holds both workers.
type server struct {
	r    *rand.Rand
	free [2]float64 // when each worker is free, seconds
	now  float64
	next float64 // next stall
}

// responses returns the response times of n requests in seconds.
func (s *server) responses(n int) []float64 {
	const rate, body, sigma, slow, stallEvery, stall = 160, .005, .35, 4, 1, .025
	out := make([]float64, n)
	for i := range out {
		s.now += s.r.ExpFloat64() / rate
		for s.next < s.now {
			for w := range s.free {
				s.free[w] = max(s.free[w], s.next) + stall
			}
			s.next += s.r.ExpFloat64() * stallEvery
		}
		service := body * math.Exp(sigma*s.r.NormFloat64())
		if s.r.Float64() < .02 {
			service *= slow
		}
		w := 0
		if s.free[1] < s.free[0] {
			w = 1
		}
		s.free[w] = max(s.free[w], s.now) + service
		out[i] = s.free[w] - s.now
	}
	return out
}

// quietMethods applies three methods to one A/A run of interleaved trials and
// returns which of them call the candidate slower at P99.
func quietMethods(r *rand.Rand, trials, requests int) (naive, pooled, signedRank bool) {
	var all [2][]float64
	var ratios []float64
	for t := range trials {
		var q [2]float64
		for side := range q {
			s := server{r: r}
			x := s.responses(requests)
			all[side] = append(all[side], x...)
			slices.Sort(x)
			q[side] = stats.Quantile(x, .99)
		}
		if t == 0 {
			naive = q[1] > 1.05*q[0]
		}
		ratios = append(ratios, math.Log(q[1]/q[0]))
	}
	return naive, mannWhitney(all[0], all[1]) <= .05, stats.NewWalsh(ratios).PAbove(0) <= .05
}

// mannWhitney is the one-sided normal-approximation p value against "b is not
// larger than a".
func mannWhitney(a, b []float64) float64 {
	type value struct {
		x float64
		b bool
	}
	var all []value
	for _, x := range a {
		all = append(all, value{x, false})
	}
	for _, x := range b {
		all = append(all, value{x, true})
	}
	slices.SortFunc(all, func(x, y value) int {
		if x.x < y.x {
			return -1
		}
		return 1
	})
	ranks := 0.0
	for i, v := range all {
		if v.b {
			ranks += float64(i + 1)
		}
	}
	m, n := float64(len(a)), float64(len(b))
	u := ranks - n*(n+1)/2
	return distuv.UnitNormal.Survival((u - m*n/2) / math.Sqrt(m*n*(m+n+1)/12))
}
