package faults

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the CPU time that this thread has spent.
func threadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0 // No kernel that Go supports is without this clock.
	}
	return time.Duration(t.Nano())
}
