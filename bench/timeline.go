package bench

import (
	"cmp"
	"slices"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Timeline sums a trial up by second of intended start, and counts answers by the
// second in which they came. Only the seconds that can still get results have a
// histogram; older ones are folded into their Second, so memory grows by one small
// struct a second. Not safe for concurrent use.
type Timeline struct {
	keep   time.Duration
	open   []openSecond // ascending by at
	closed []Second
	spare  []*hdr.Histogram
}

type openSecond struct {
	Second
	response *hdr.Histogram // ns, two digits: for a picture
}

// NewTimeline returns an empty timeline. keep is the longest that an arrival is normally
// under way: seconds older than that are folded.
func NewTimeline(keep time.Duration) *Timeline { return &Timeline{keep: keep} }

// Add counts an arrival in the second in which it was due.
func (t *Timeline) Add(intended, response time.Duration, o Outcome) {
	at := intended.Truncate(time.Second)
	for len(t.open) > 0 && t.open[0].At+t.keep+2*time.Second < at {
		t.fold()
	}
	if n := len(t.closed); n > 0 && at <= t.closed[n-1].At {
		s := t.late(at)
		s.Outcomes.Add(o, 1)
		s.Max = max(s.Max, response)
		return
	}
	s := t.second(at)
	s.Outcomes.Add(o, 1)
	s.Max = max(s.Max, response)
	// Clamped to the range, so it cannot fail; the exact figures are elsewhere.
	_ = s.response.RecordValue(min(max(int64(response), 0), histogramHighest))
}

// Answer counts an expected answer in the second in which its last byte came. vegeta
// delivers results soon after, so that the second is open or, at worst, just closed.
func (t *Timeline) Answer(at time.Duration) {
	at = at.Truncate(time.Second)
	if n := len(t.closed); n > 0 && at <= t.closed[n-1].At {
		t.late(at).Answered++
		return
	}
	t.second(at).Answered++
}

// late returns a second that was folded before this result came: its counts and
// maximum stay right, its quantiles are from before.
func (t *Timeline) late(at time.Duration) *Second {
	i, found := slices.BinarySearchFunc(t.closed, at, func(s Second, at time.Duration) int {
		return cmp.Compare(s.At, at)
	})
	if !found {
		t.closed = slices.Insert(t.closed, i, Second{At: at})
	}
	return &t.closed[i]
}

// second returns the open second that begins at at, opening it if need be.
func (t *Timeline) second(at time.Duration) *openSecond {
	i, found := slices.BinarySearchFunc(t.open, at, func(s openSecond, at time.Duration) int {
		return cmp.Compare(s.At, at)
	})
	if !found {
		t.open = slices.Insert(t.open, i, openSecond{Second: Second{At: at}, response: t.histogram()})
	}
	return &t.open[i]
}

func (t *Timeline) histogram() *hdr.Histogram {
	if n := len(t.spare); n > 0 {
		h := t.spare[n-1]
		t.spare = t.spare[:n-1]
		return h
	}
	return hdr.New(histogramLowest, histogramHighest, 2)
}

// fold closes the oldest open second.
func (t *Timeline) fold() {
	s := t.open[0]
	quantile := func(percent float64) time.Duration {
		return min(time.Duration(s.response.ValueAtQuantile(percent)), s.Max)
	}
	s.P50, s.P95, s.P99 = quantile(50), quantile(95), quantile(99)
	t.closed = append(t.closed, s.Second)
	s.response.Reset()
	t.spare = append(t.spare, s.response)
	t.open = t.open[1:]
}

// Finish returns all seconds in order. Nothing may be added afterwards.
func (t *Timeline) Finish() []Second {
	for len(t.open) > 0 {
		t.fold()
	}
	return t.closed
}
