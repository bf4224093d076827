package cli

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// While something is prepared a terminal shows how far it is, and nothing is left of it.
func TestPreparationIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w strings.Builder
		var done, total atomic.Int64
		done.Store(100) // of an earlier preparation
		total.Store(100)
		d := &display{w: &w, terminal: true, width: func() int { return 80 }}
		stop := d.follow(preparing(func() (int64, int64) { return done.Load(), total.Load() }))
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if w.Len() > 0 {
			t.Errorf("shown %q, though nothing is to be done", w.String())
		}
		total.Store(4100)
		done.Store(1100)
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		if got, want := w.String(), "preparing, 1000 of 4000 steps  1:01"; !strings.Contains(got, want) || !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("shown %q; want %q, and erased", got[max(0, len(got)-200):], want)
		}
	})
}
