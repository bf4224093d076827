package verdict

import (
	"math"
	"math/rand/v2"
	"time"
)

// noise is a trial-level model of a machine: standard deviations of the
// logarithm of a trial's quantile. Its figures are fitted to the request-level
// simulations behind the documented operating characteristics.
type noise struct {
	name    string
	trial   float64 // each trial by itself
	start   float64 // each fresh start of a version
	drift   float64 // step of the machine's random walk from trial to trial, both versions
	burst   float64 // probability that a trial meets a busy neighbour
	howMuch float64 // mean slowdown (log) then

	slowStart, slowBy float64 // probability of a slow start, of either version; its log
}

var (
	quiet99   = noise{name: "quiet P99", trial: 0.128, start: 0.01, drift: 0.01, burst: 0, howMuch: 0}
	quiet95   = noise{name: "quiet P95", trial: 0.045, start: 0.01, drift: 0.01, burst: 0, howMuch: 0}
	ci99      = noise{name: "ci P99", trial: 0.140, start: 0.01, drift: 0.05, burst: 0.10, howMuch: 0.35}
	ci95      = noise{name: "ci P95", trial: 0.050, start: 0.01, drift: 0.03, burst: 0.06, howMuch: 0.10}
	hostile99 = noise{name: "hostile P99", trial: 0.31, start: 0.05, drift: 0.15, burst: 0.22, howMuch: 0.90}
)

// epochs draws n epochs of two ABBA/BAAB blocks for one operation and
// quantile; the candidate is slower by the factor effect.
func (m noise) epochs(r *rand.Rand, n int, quantile, effect float64) []Pair {
	var pairs []Pair
	machine := 0.0
	for e := range n {
		starts := map[Side]float64{Baseline: m.start * r.NormFloat64(),
			Candidate: m.start*r.NormFloat64() + math.Log(effect)}
		for _, side := range []Side{Baseline, Candidate} {
			if m.slowStart > 0 && r.Float64() < m.slowStart {
				starts[side] += m.slowBy
			}
		}
		for b := range 2 {
			first := r.IntN(2) == 1
			for p := range 2 {
				pair := Pair{Epoch: e, Block: b, CandidateFirst: first != (p == 1)}
				order := []Side{Baseline, Candidate}
				if pair.CandidateFirst {
					order = []Side{Candidate, Baseline}
				}
				for _, side := range order {
					machine = 0.9*machine + m.drift*r.NormFloat64()
					x := starts[side] + machine + m.trial*r.NormFloat64()
					if r.Float64() < m.burst {
						x += m.howMuch * r.ExpFloat64()
					}
					t := trial("token", quantile, x, 1000)
					if side == Baseline {
						pair.Baseline = t
					} else {
						pair.Candidate = t
					}
				}
				pairs = append(pairs, pair)
			}
		}
	}
	return pairs
}

// trial makes a trial of one operation, ln(response time / 10 ms) given.
func trial(operation string, quantile, x float64, arrivals int) Trial {
	return Trial{Operations: []Observation{{
		Operation: operation,
		Quantiles: []Quantile{{quantile, time.Duration(1e7 * math.Exp(x))}},
		Counts:    Counts{Arrivals: arrivals, OK: arrivals},
	}}}
}

// quickPairs draws pairs of three operations at P50 and P95, in blocks of two,
// 200 requests a trial; shift is the candidate's log slowdown.
func quickPairs(r *rand.Rand, n int, shift float64) []Pair {
	var pairs []Pair
	first := false
	for i := range n {
		if i%2 == 0 {
			first = r.IntN(2) == 1
		}
		p := Pair{Block: i / 2, CandidateFirst: first != (i%2 == 1)}
		machine := .03 * r.NormFloat64()
		for _, side := range []Side{Baseline, Candidate} {
			var t Trial
			for _, op := range []string{"token", "introspect", "revoke"} {
				x := machine
				if side == Candidate {
					x += shift
				}
				own := r.NormFloat64() // P50 and P95 of one trial go together
				t.Operations = append(t.Operations, Observation{
					Operation: op,
					Quantiles: []Quantile{
						{.5, milliseconds(5 * math.Exp(x+.015*own+.01*r.NormFloat64()))},
						{.95, milliseconds(12 * math.Exp(x+.04*own+.04*r.NormFloat64()))},
					},
					Counts: Counts{Arrivals: 200, OK: 200},
				})
			}
			if side == Baseline {
				p.Baseline = t
			} else {
				p.Candidate = t
			}
		}
		pairs = append(pairs, p)
	}
	return pairs
}

func milliseconds(x float64) time.Duration { return time.Duration(x * float64(time.Millisecond)) }

// sixPairs is a profile that is small enough to compute by hand: six pairs with fresh
// servers, P50 and P95 as gates, one look.
func sixPairs() Profile {
	return Profile{
		Name: "quick", Unit: UnitPair, Looks: []int{6}, Alpha: 0.05, PairsPerEpoch: 1,
		FreshPairs: true, BeyondMargin: true, Floors: []Floor{{0.5, 20}, {0.95, 100}},
	}
}
