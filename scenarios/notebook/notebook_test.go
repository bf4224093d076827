package notebook

import (
	"testing"
	"time"
)

// What Date headers leave open is no skew, and each answer leaves less of it open.
func TestClockOfDateHeaders(t *testing.T) {
	sent := time.Date(2026, 1, 1, 12, 0, 0, 900e6, time.UTC)
	const form = "Mon, 02 Jan 2006 15:04:05 GMT"
	for name, c := range map[string]struct {
		ahead, want, within time.Duration
	}{
		"equal": {0, 0, 0}, "half a second": {400 * time.Millisecond, 0, time.Second},
		"behind": {-5 * time.Minute, -5 * time.Minute, time.Second},
		"ahead":  {3 * time.Second, 3 * time.Second, time.Second},
	} {
		var k clock
		for i := range 10 {
			at := sent.Add(time.Duration(i) * 1100 * time.Millisecond)
			k.tell(at.Add(c.ahead).Format(form), at.Add(-20*time.Millisecond), at.Add(30*time.Millisecond))
		}
		if got := k.skew(); (got - c.want).Abs() > c.within {
			t.Errorf("%s: %v; want %v", name, got, c.want)
		}
	}
	var k clock
	k.tell("yesterday", sent, sent)
	if k.skew() != 0 {
		t.Error("a Date that is none was taken for one")
	}
}
