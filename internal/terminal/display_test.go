package terminal

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// While there is something to say a terminal shows it, and nothing is left of it.
func TestWhatGoesOnIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w strings.Builder
		var line atomic.Value
		line.Store("")
		d := &Display{w: &w, terminal: true, width: func() int { return 80 }}
		stop := d.Follow(func() string { return line.Load().(string) })
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if w.Len() > 0 {
			t.Errorf("shown %q, though there is nothing to say", w.String())
		}
		line.Store("trial 1 of 12")
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		if got, want := w.String(), "trial 1 of 12"; !strings.Contains(got, want) ||
			!strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("shown %q; want %q, and erased", got[max(0, len(got)-200):], want)
		}
	})
}
