package main

import (
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// spread is one figure over the rounds of a run.
type spread []float64

// median is the middle one.
func (s spread) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

// interval holds the median of all rounds that there could be, but for a chance of 2.5 % at each end,
// by ranks; all that were seen where there are too few for that.
func (s spread) interval() (low, high float64) {
	sorted := slices.Sorted(slices.Values(s))
	from, to := stats.QuantileRanks(len(sorted), .5, .025)
	return sorted[max(from, 1)-1], sorted[min(to, len(sorted))-1]
}

// text is the median with its interval.
func (s spread) text(format string) string {
	low, high := s.interval()
	return fmt.Sprintf(format+" ["+format+", "+format+"]", s.median(), low, high)
}

// cell is the column of a spread: its median as a value, its interval beside it in words.
func (s spread) cell(key, heading, format string) column {
	return column{key, heading, s.median(), s.text(format)}
}
