package generator

import (
	"testing"
	"time"
)

// Only what neither running nor waiting for a processor explains is a standstill.
func TestStandstill(t *testing.T) {
	const ms = time.Millisecond
	type beat struct{ after, ran, waited time.Duration }
	steady := beat{after: beatEvery}
	for name, c := range map[string]struct {
		beats []beat
		want  time.Duration
	}{
		"steady":               {[]beat{steady, steady, steady}, 0},
		"a little late, often": {[]beat{{150 * ms, 0, 0}, {150 * ms, 0, 0}, {150 * ms, 0, 0}}, 0},
		"stopped for 3 s": {[]beat{steady, {3*time.Second + beatEvery, 0, 0}, steady},
			3 * time.Second},
		"stopped twice": {[]beat{{time.Second + beatEvery, 0, 0}, steady,
			{2*time.Second + beatEvery, 0, 0}}, 3 * time.Second},
		"others had the processors":          {[]beat{steady, {time.Second, 0, 950 * ms}, steady}, 0},
		"it was busy itself":                 {[]beat{steady, {time.Second, 900 * ms, 0}, steady}, 0},
		"stopped while others were busy too": {[]beat{steady, {3*time.Second + beatEvery, 0, 500 * ms}}, 2500 * ms},
		"it had waited long before": {[]beat{{beatEvery, 0, time.Second}, steady, steady, steady, steady,
			{time.Second + beatEvery, 0, 0}}, time.Second},
		"threads that had waited are gone": {[]beat{{beatEvery, 0, time.Second}, steady, steady, steady, steady,
			{time.Second + beatEvery, 0, -time.Second}}, time.Second},
		"ready for longer than it took to go": {[]beat{{time.Second, 0, 5 * time.Second}}, 0},
	} {
		now, waited := clocks{wall: time.Unix(0, 0)}, time.Duration(0)
		s := standstill{last: now, waiting: func() time.Duration { return waited }}
		for _, b := range c.beats {
			now.wall, now.ran, waited = now.wall.Add(b.after), now.ran+b.ran, waited+b.waited
			s.beat(now)
		}
		if s.total != c.want {
			t.Errorf("%s: stood still for %v; want %v", name, s.total, c.want)
		}
	}
}
