package bench

import (
	"testing"
	"time"
)

func TestTimelineKeepsLateResults(t *testing.T) {
	tl := NewTimeline(time.Second)
	tl.Add(500*time.Millisecond, time.Millisecond, OK)
	for s := range 20 {
		if s == 7 {
			continue // nothing in this second until much later
		}
		tl.Add(time.Duration(s)*time.Second, time.Millisecond, OK)
	}
	tl.Add(0, 30*time.Second, Timeout)
	tl.Add(7*time.Second, 30*time.Second, Timeout)
	seconds := tl.Finish()
	if len(seconds) != 20 {
		t.Fatalf("%d seconds; want 20", len(seconds))
	}
	var n int64
	for i, s := range seconds {
		n += s.Outcomes.Total()
		if s.At != time.Duration(i)*time.Second {
			t.Errorf("second %d begins at %v", i, s.At)
		}
	}
	if n != 22 || seconds[0].Max != 30*time.Second || seconds[7].Outcomes.Timeout != 1 {
		t.Errorf("%d arrivals, max %v, second 7 %+v; want 22, 30s and its timeout", n, seconds[0].Max,
			seconds[7].Outcomes)
	}
}

// Only the seconds that can still get results have a histogram, however long the trial.
func TestTimelineKeepsFewHistograms(t *testing.T) {
	const timeout = 10 * time.Second
	tl := NewTimeline(timeout)
	for s := range time.Duration(600) {
		tl.Add(s*time.Second, time.Millisecond, OK)
		tl.Answer(s*time.Second + timeout)
		if most := int(timeout/time.Second)*2 + 3; len(tl.open)+len(tl.spare) > most {
			t.Fatalf("second %d: %d histograms; want at most %d", s, len(tl.open)+len(tl.spare), most)
		}
	}
	if n := len(tl.Finish()); n != 610 {
		t.Errorf("%d seconds; want 610", n)
	}
}
