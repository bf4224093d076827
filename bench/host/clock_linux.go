package host

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuClock reads the clock of all CPU time of a process, its ended threads included
// (clock_getcpuclockid(3)). exact is false where it cannot be read.
func cpuClock(pid int) (spent time.Duration, exact bool) {
	// The number of that clock is made of the process's, as glibc makes it: the complement
	// in the upper bits, and 2 for the scheduler's account.
	const schedulers = 2
	var t unix.Timespec
	if pid <= 0 || unix.ClockGettime(int32(^pid<<3|schedulers), &t) != nil {
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
