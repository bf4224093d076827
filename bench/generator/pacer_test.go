package generator

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Arrivals that share wake-ups are never early and late by at most the grain; those
// that are further apart than the grain are on time.
func TestGrain(t *testing.T) {
	const grain = 600 * time.Microsecond
	synctest.Test(t, func(t *testing.T) {
		schedule, err := bench.Draw("poisson", bench.Constant(5000, time.Second), 1)
		if err != nil {
			t.Fatal(err)
		}
		anchor := time.Now()
		p := newPacer(t.Context(), anchor, schedule, &Counters{})
		p.grain = grain
		wakeups, last, lastDue := 0, time.Duration(-1), -grain
		for i := range schedule.Count {
			due := schedule.At(i).Due
			if _, stop := p.Pace(0, uint64(i)); stop {
				t.Fatalf("stopped before arrival %d", i)
			}
			at := time.Since(anchor)
			if at < due || at > due+grain {
				t.Fatalf("arrival %d is due at %v and left at %v", i, due, at)
			}
			if due-lastDue > 2*grain && at != due {
				t.Errorf("arrival %d came alone at %v and left at %v", i, due, at)
			}
			if at != last {
				wakeups++
			}
			last, lastDue = at, due
		}
		if most := int(time.Second/grain) + 1; wakeups > most {
			t.Errorf("%d wake-ups; want at most %d", wakeups, most)
		}
	})
}
