package bench

import (
	"math"
	"time"
)

// Queue is how the arrivals of a trial waited for each other, as the client saw it. What a
// server does with several requests at once shows in when its answers come: one that works
// on a request at a time gives the next answer as long after the last however many wait; one
// that works on all of them gives it the sooner the more there are.
//
// Not seen: which part of the server they waited in, and whether they did where hardly any
// two were under way at once.
type Queue struct {
	// Observed is the time that was looked at, after the lead-in and until the schedule's end.
	Observed time.Duration `json:"observed_ns"`
	// Busy is how much of it at least one arrival was due and not answered, Waiting at least two.
	Busy    time.Duration `json:"busy_ns"`
	Waiting time.Duration `json:"waiting_ns"`
	// Behind are the times from an answer to the next, where others waited throughout, by how
	// many waited after the first of both: 1 to 4 apart, then in steps of a half.
	Behind []Behind `json:"behind,omitempty"`
}

// Behind sums up the times from an answer that left others waiting to the next answer.
type Behind struct {
	Answers int64 `json:"answers"`
	Left    int64 `json:"left"` // Left is the sum of those waiting.
	// Gap is the sum of the times, GapSquared that of their squares in seconds squared.
	Gap        time.Duration `json:"gap_ns"`
	GapSquared float64       `json:"gap_squared_s2"`
}

// behindClass is the index in Queue.Behind for so many waiting: 1, 2, 3, 4, 5 to 6, 7 to 9,
// 10 to 13 and so on.
func behindClass(left int64) int {
	if left <= 4 {
		return int(max(left, 1)) - 1
	}
	return 3 + int(math.Ceil(math.Log(float64(left)/4)/math.Log(1.5)))
}

// Add takes one more time from an answer, after which so many waited, to the next.
func (q *Queue) Add(left int64, gap time.Duration) {
	k := behindClass(left)
	for len(q.Behind) <= k {
		q.Behind = append(q.Behind, Behind{})
	}
	b := &q.Behind[k]
	b.Answers++
	b.Left += left
	b.Gap += gap
	b.GapSquared += gap.Seconds() * gap.Seconds()
}

// Merge adds what another trial saw.
func (q *Queue) Merge(o Queue) {
	q.Observed, q.Busy, q.Waiting = q.Observed+o.Observed, q.Busy+o.Busy, q.Waiting+o.Waiting
	for len(q.Behind) < len(o.Behind) {
		q.Behind = append(q.Behind, Behind{})
	}
	for k, b := range o.Behind {
		mine := &q.Behind[k]
		mine.Answers, mine.Left = mine.Answers+b.Answers, mine.Left+b.Left
		mine.Gap, mine.GapSquared = mine.Gap+b.Gap, mine.GapSquared+b.GapSquared
	}
}

// Share is a part of the time that was looked at, from 0 to 1.
func (q *Queue) Share(d time.Duration) float64 {
	return float64(d) / float64(max(q.Observed, 1))
}

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

// Pace finds the rate; ok is false where the answers do not show any: too few waited, or the
// more waited the faster they were answered.
func (q *Queue) Pace() (p Pace, ok bool) {
	for from, lowest := range q.Behind {
		if lowest.Answers < fewestAtEnds {
			continue
		}
		var answers int64
		var gap time.Duration
		var points []weighted
		for _, b := range q.Behind[from:] {
			if b.Answers < fewestAtEnds || b.Gap <= 0 {
				continue
			}
			n := float64(b.Answers)
			mean := b.Gap.Seconds() / n
			scatter := math.Sqrt(max(b.GapSquared/n-mean*mean, 0)) / mean
			points = append(points, weighted{
				x: math.Log(float64(b.Left)/n + 1), y: math.Log(mean),
				weight: n / math.Pow(max(scatter, leastScatter), 2),
			})
			answers, gap = answers+b.Answers, gap+b.Gap
		}
		if answers < fewestAnswers || len(points) < 2 ||
			points[len(points)-1].x-points[0].x < math.Log(leastSpread) {
			return Pace{}, false // The classes from further on have still less.
		}
		mean := gap / time.Duration(answers)
		first := lowest.Gap / time.Duration(lowest.Answers)
		if slope, deviation := lineThrough(points); slope-2*deviation > steepest && first <= mean+mean/sooner {
			return Pace{Gap: mean, OneAtATime: from == 0, Answers: answers,
				Waiting: lowest.Left / lowest.Answers}, true
		}
	}
	return Pace{}, false
}

type weighted struct{ x, y, weight float64 }

// lineThrough is the slope of the line of least squares, with its standard deviation where
// weights are the inverse of variances.
func lineThrough(points []weighted) (slope, deviation float64) {
	var w, x, y float64
	for _, p := range points {
		w, x, y = w+p.weight, x+p.weight*p.x, y+p.weight*p.y
	}
	x, y = x/w, y/w
	var xx, xy float64
	for _, p := range points {
		xx += p.weight * (p.x - x) * (p.x - x)
		xy += p.weight * (p.x - x) * (p.y - y)
	}
	return xy / xx, 1 / math.Sqrt(xx)
}
