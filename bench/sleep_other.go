//go:build !linux

package bench

import "time"

// sleepShortly sleeps for d, as exactly as the runtime's timers do.
func sleepShortly(d time.Duration) { time.Sleep(d) }
