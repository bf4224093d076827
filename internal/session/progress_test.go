package session

import (
	"testing"
	"testing/synctest"
	"time"
)

// The line of a preparation counts its own steps only, and is empty when there are none.
func TestPreparationSaysHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done, total := int64(100), int64(100) // of an earlier preparation
		a := preparing(func() (int64, int64) { return done, total })
		if got := a.Line(); got != "" {
			t.Errorf("says %q, though nothing is to be done", got)
		}
		done, total = 1100, 4100
		time.Sleep(61 * time.Second)
		if got, want := a.Line(), "preparing, 1000 of 4000 steps  1:01"; got != want {
			t.Errorf("says %q; want %q", got, want)
		}
	})
}
