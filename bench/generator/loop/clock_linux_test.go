package loop

import (
	"testing"
	"time"
)

// A stamp leads to the moment that it is of, unless somebody set the clock meanwhile.
func TestClocksThatAreSet(t *testing.T) {
	c := &clock{}
	began := c.read()
	for name, s := range map[string]struct {
		monotonic, wall time.Duration
		set             bool
	}{
		"both go on alike":              {time.Second, time.Second, false},
		"two readings of two moments":   {time.Millisecond, time.Millisecond + 15*time.Microsecond, false},
		"a clock that is slewed":        {time.Second, time.Second + 500*time.Microsecond, false},
		"set forward":                   {time.Millisecond, time.Millisecond + time.Second, true},
		"set forward by little":         {time.Millisecond, time.Millisecond + 100*time.Microsecond, true},
		"set back":                      {time.Second, 900 * time.Millisecond, true},
		"set back, and nothing else is": {0, -time.Second, true},
	} {
		c.last = began.Add(time.Second)
		c.take(s.monotonic, s.wall)
		at, ok := c.when(c.last.UnixNano()-int64(time.Millisecond), began)
		if ok == s.set {
			t.Errorf("%s: a stamp counts: %v; want %v", name, ok, !s.set)
		}
		if want := c.last.Add(-time.Millisecond); ok && at != want {
			t.Errorf("%s: it is of %v; want %v", name, at, want)
		}
	}
	c.take(time.Second, time.Second)
	if at, ok := c.when(0, began); ok {
		t.Errorf("no stamp is of %v", at)
	}
	if at, ok := c.when(began.Add(-time.Second).UnixNano(), began); ok {
		t.Errorf("what came before the exchange began is of %v", at)
	}
}
