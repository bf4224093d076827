package stats

import (
	"fmt"
	"math"
)

// Level is what one planned look at the data may spend.
type Level struct {
	// Units is the number of observations at this look.
	Units int `json:"units"`
	// Nominal is the largest one-sided signed-rank p value that decides at this
	// look, for a single comparison.
	Nominal float64 `json:"nominal"`
	// Spent is this look's share of alpha. Testing each look at its share needs
	// no knowledge of how looks or comparisons depend on each other, so that it
	// is the level for Holm-adjusted p values. The shares add up to alpha.
	Spent float64 `json:"spent"`
}

// grace is the part of a look's cumulative spending by which the first look
// may exceed it and later ones must stay below it. The signed-rank law of 8
// observations has the level 5/256 = 0.01953 where 0.01947 is wanted; the next
// smaller one, 0.0117, would waste two fifths of it.
const grace = 0.005

// exactStates is the size up to which levels are computed exactly; it takes
// about a second. Beyond it the Brownian approximation is as good.
const exactStates = 40_000_000

// SequentialLevels returns the levels at which a signed-rank test may be
// looked at after looks[0] < looks[1] < ... observations, so that the
// probability of deciding wrongly at any of them stays below alpha, in
// (0, 0.5). By the n-th of N observations alpha (n/N)^1.5 has been spent.
// A single look gets all of alpha.
//
// The joint null law of the signed-rank statistics at all looks is computed
// exactly when the plan is small (20 observations in three looks, 24 in
// three), else approximated by Brownian motion; the levels are then rounded
// down to ones that the signed-rank law attains. A level of 0 means that the
// look cannot decide. An exact computation may take a second: keep the result.
//
// Source: Lan & DeMets, Biometrika 70 (1983); the power family of Kim &
// DeMets, Biometrika 74 (1987); Armitage, McPherson & Rowe, JRSS A 132 (1969)
// for the recursive integration.
func SequentialLevels(looks []int, alpha float64) ([]Level, error) {
	if len(looks) == 0 {
		return nil, fmt.Errorf("sequential levels: no looks")
	}
	for i, n := range looks {
		if n < 1 || i > 0 && n <= looks[i-1] {
			return nil, fmt.Errorf("sequential levels: looks %v; want positive and ascending", looks)
		}
	}
	if !(alpha > 0 && alpha < 0.5) {
		return nil, fmt.Errorf("sequential levels: alpha %v; want more than 0 and less than 0.5", alpha)
	}
	if len(looks) == 1 {
		return []Level{{Units: looks[0], Nominal: alpha, Spent: alpha}}, nil
	}
	budgets := make([]float64, len(looks)) // cumulative
	levels := make([]Level, len(looks))
	for k, n := range looks {
		cumulative := alpha * math.Pow(float64(n)/float64(looks[len(looks)-1]), 1.5)
		levels[k] = Level{Units: n, Spent: cumulative}
		if k > 0 {
			levels[k].Spent -= alpha * math.Pow(float64(looks[k-1])/float64(looks[len(looks)-1]), 1.5)
		}
		budgets[k] = cumulative * (1 - grace)
	}
	budgets[0] = levels[0].Spent * (1 + grace)
	critical := exactCriticals
	if jointStates(looks, budgets) > exactStates {
		critical = brownianCriticals
	}
	for k, w := range critical(looks, budgets) {
		levels[k].Nominal = SignedRankAtMost(looks[k], w)
	}
	return levels, nil
}

// largestWithin returns the largest w with P(T <= w) <= level, or -1.
func largestWithin(n int, level float64) int {
	cumulated := 0.0
	for w, p := range signedRankLaw(n) {
		if cumulated += p; cumulated > level {
			return w - 1
		}
	}
	return n * (n + 1) / 2
}
