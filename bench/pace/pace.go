// Package pace tells from how a trial's arrivals waited for each other how many requests a second the
// server seems to do. It knows what clients saw, and nothing of the server.
package pace

import (
	"math"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/stats"
)

// Pace is the rate at which answers come while requests wait.
type Pace struct {
	Gap time.Duration // from one answer to the next, on average
	// OneAtATime says that they come no faster when more wait, from the first on. Else that
	// holds from Waiting on: the server works on several at once, and no more than that.
	OneAtATime bool
	Waiting    int64
	Answers    int64 // seen
}

// Rate is how many requests per second such a server does.
func (p Pace) Rate() float64 { return 1 / max(p.Gap.Seconds(), 1e-9) }

// What it takes to say that answers come no faster when more wait. Of a server that works on
// all requests at once the gap is inverse to how many there are, so that its logarithm falls
// by 1 with that of their number; of one at its end it does not fall.
const (
	fewestAnswers = 40  // in all classes together
	fewestAtEnds  = 8   // in each class that is looked at
	leastSpread   = 1.5 // between the numbers at work in the lowest and the highest class
	steepest      = -0.4
	leastScatter  = 0.05 // of gaps, relative: the clock and the network have some
	sooner        = 4    // where the first gap is above the mean by more than a quarter, more are at work later
)

// Of finds the rate; ok is false where the answers do not show any: too few waited, or the
// more waited the faster they were answered.
func Of(q bench.Queue) (p Pace, ok bool) {
	for from, lowest := range q.Behind {
		if lowest.Answers < fewestAtEnds {
			continue
		}
		var answers int64
		var gap time.Duration
		var x, y, weights []float64 // ln of how many are at work, ln of the gap, certainty
		for _, b := range q.Behind[from:] {
			if b.Answers < fewestAtEnds || b.Gap <= 0 {
				continue
			}
			n := float64(b.Answers)
			mean := b.Gap.Seconds() / n
			scatter := math.Sqrt(max(b.GapSquared/n-mean*mean, 0)) / mean
			x, y = append(x, math.Log(float64(b.Left)/n+1)), append(y, math.Log(mean))
			weights = append(weights, n/math.Pow(max(scatter, leastScatter), 2))
			answers, gap = answers+b.Answers, gap+b.Gap
		}
		if answers < fewestAnswers || len(x) < 2 || x[len(x)-1]-x[0] < math.Log(leastSpread) {
			return Pace{}, false // The classes from further on have still less.
		}
		mean := gap / time.Duration(answers)
		first := lowest.Gap / time.Duration(lowest.Answers)
		if slope, deviation := stats.Slope(x, y, weights); slope-2*deviation > steepest && first <= mean+mean/sooner {
			return Pace{Gap: mean, OneAtATime: from == 0, Answers: answers,
				Waiting: lowest.Left / lowest.Answers}, true
		}
	}
	return Pace{}, false
}
