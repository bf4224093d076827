package bench

import (
	"syscall"
	"time"
)

// sleepShortly sleeps for d, at most a few milliseconds, in the kernel. The runtime's
// timers wait in epoll, whose time-outs are whole milliseconds: they are late by half
// of one on average, which would be half a millisecond on every response time.
func sleepShortly(d time.Duration) {
	left := syscall.NsecToTimespec(int64(d))
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
}
