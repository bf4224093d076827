package generator

import (
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Waits that are measured, of each kind in turn: together about 150 ms.
const (
	wakeupWaits = 64
	wakeupWait  = 700 * time.Microsecond
)

// MeasureWakeups waits a while with both kinds of pacing.
func MeasureWakeups() bench.Wakeups {
	a, err := newAlarm()
	if err == nil {
		defer a.close()
	}
	var precise, relaxed []time.Duration
	for range wakeupWaits {
		if err == nil {
			began := time.Now()
			if err = a.sleep(wakeupWait); err == nil {
				precise = append(precise, max(0, time.Since(began)-wakeupWait))
			}
		}
		began := time.Now()
		time.Sleep(wakeupWait)
		relaxed = append(relaxed, time.Since(began)-wakeupWait)
	}
	slices.Sort(precise)
	slices.Sort(relaxed)
	w := bench.Wakeups{RelaxedP50: relaxed[wakeupWaits/2], RelaxedP99: relaxed[wakeupWaits*99/100]}
	if err == nil {
		w.PreciseP50, w.PreciseP99 = precise[wakeupWaits/2], precise[wakeupWaits*99/100]
	}
	return w
}
