// Package trend finds where a series of releases changed: one figure for each release in,
// the releases at which it changed out. It knows no runs and no files.
package trend

import (
	"math"
	"time"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// trendLevel is the share of histories without a change in which one is found, for
// each series.
const trendLevel = 0.05

// Change is a place in a history at which one quantile changed.
type Change struct {
	At     int           // index of the first release of the new level
	P      float64       // of the permutation test
	Before time.Duration // centre (Hodges-Lehmann) of the releases since the change before
	After  time.Duration // the same of the releases up to the next change
}

// Changes finds the releases at which a quantile changed, by E-divisive on its
// logarithm: steps and slow creep alike, in either direction. Values are in order of
// release, one for each, all positive. Fewer than 8 have no change that could be told
// from chance. The same values have the same changes.
func Changes(values []time.Duration) []Change {
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(float64(v))
	}
	points := stats.ChangePoints(logs, trendLevel, uint64(len(values)))
	centre := func(from, to int) time.Duration {
		return time.Duration(math.Exp(stats.HodgesLehmann(logs[from:to])))
	}
	var changes []Change
	from := 0
	for i, p := range points {
		to := len(logs)
		if i+1 < len(points) {
			to = points[i+1].At
		}
		changes = append(changes, Change{At: p.At, P: p.P, Before: centre(from, p.At), After: centre(p.At, to)})
		from = p.At
	}
	return changes
}
