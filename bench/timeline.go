package bench

import (
	"cmp"
	"slices"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// timeline sums a trial up by second of intended start, and counts answers by the
// second in which they came. Only the seconds that can
// still get results have a histogram; older ones are folded into their Second, so
// memory grows by one small struct a second.
type timeline struct {
	keep   time.Duration // the longest an arrival is normally under way
	open   []openSecond  // ascending by at
	closed []Second
	spare  []*hdr.Histogram
}

type openSecond struct {
	Second
	response *hdr.Histogram // ns, two digits: for a picture
}

func (t *timeline) add(intended, response time.Duration, o Outcome) {
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

// answer counts an expected answer in the second in which its last byte came. vegeta
// delivers results soon after, so that the second is open or, at worst, just closed.
func (t *timeline) answer(at time.Duration) {
	at = at.Truncate(time.Second)
	if n := len(t.closed); n > 0 && at <= t.closed[n-1].At {
		t.late(at).Answered++
		return
	}
	t.second(at).Answered++
}

// late returns a second that was folded before this result came: its counts and
// maximum stay right, its quantiles are from before.
func (t *timeline) late(at time.Duration) *Second {
	i, found := slices.BinarySearchFunc(t.closed, at, func(s Second, at time.Duration) int { return cmp.Compare(s.At, at) })
	if !found {
		t.closed = slices.Insert(t.closed, i, Second{At: at})
	}
	return &t.closed[i]
}

// second returns the open second that begins at at, opening it if need be.
func (t *timeline) second(at time.Duration) *openSecond {
	i, found := slices.BinarySearchFunc(t.open, at, func(s openSecond, at time.Duration) int { return cmp.Compare(s.At, at) })
	if !found {
		t.open = slices.Insert(t.open, i, openSecond{Second: Second{At: at}, response: t.histogram()})
	}
	return &t.open[i]
}

func (t *timeline) histogram() *hdr.Histogram {
	if n := len(t.spare); n > 0 {
		h := t.spare[n-1]
		t.spare = t.spare[:n-1]
		return h
	}
	return hdr.New(histogramLowest, histogramHighest, 2)
}

// fold closes the oldest open second.
func (t *timeline) fold() {
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

func (t *timeline) finish() []Second {
	for len(t.open) > 0 {
		t.fold()
	}
	return t.closed
}
