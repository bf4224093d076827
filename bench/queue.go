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
