package bench

import (
	"testing"
	"time"
)

func TestBest(t *testing.T) {
	us := time.Microsecond
	for want, all := range map[Pacing][]Wakeups{
		Precise: {{PreciseP50: 25 * us, RelaxedP50: 540 * us}, {PreciseP50: 70 * us, RelaxedP50: 150 * us}},
		Relaxed: {{RelaxedP50: 540 * us}, {PreciseP50: 500 * us, RelaxedP50: 540 * us}, {}},
	} {
		for _, w := range all {
			if got := w.Best(); got != want {
				t.Errorf("%+v: %s; want %s", w, got, want)
			}
		}
	}
}
