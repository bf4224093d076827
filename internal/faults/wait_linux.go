package faults

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waitExactly waits for d to some 50 µs, or until ctx ends. The runtime's timers wait in
// epoll, whose time-outs are whole milliseconds; this is a timer of the kernel
// (timerfd_create(2)) in the runtime's poller.
func waitExactly(ctx context.Context, d time.Duration) {
	if d <= 0 || ctx.Err() != nil {
		return
	}
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil { // out of descriptors
		pause(ctx, d)
		return
	}
	timer := os.NewFile(uintptr(fd), "timerfd")
	defer timer.Close()
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil); err != nil {
		pause(ctx, d)
		return
	}
	defer context.AfterFunc(ctx, func() { timer.Close() })() // which ends Read
	var expirations [8]byte
	timer.Read(expirations[:])
}
