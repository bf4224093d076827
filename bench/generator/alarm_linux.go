package generator

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// alarm lets one goroutine sleep to within what a wake-up takes, some 25 µs. The
// runtime's own timers wait in epoll, whose time-outs are whole milliseconds: they are
// late by half of one on average, which would be on every response time.
//
// Note: it is a timer of the kernel (timerfd_create(2)) that the runtime's poller waits
// for like for a connection. A sleep in the kernel (nanosleep) is late by the thread's
// timer slack, 50 µs, costs more than twice the CPU, and with GOMAXPROCS 1 keeps the only
// processor to itself until the runtime takes it back, up to 10 ms later: answers would
// wait for it.
type alarm struct {
	file *os.File
	conn syscall.RawConn
}

const canAlarm = true

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("timerfd: %w", err)
	}
	file := os.NewFile(uintptr(fd), "timerfd")
	conn, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("timerfd: %w", err)
	}
	return &alarm{file, conn}, nil
}

// sleep waits for d, which is more than 0. It may return a little early, and does so at
// once with an error after interrupt.
func (a *alarm) sleep(d time.Duration) error {
	armed := false
	var failed syscall.Errno
	next := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	err := a.conn.Read(func(fd uintptr) bool {
		if armed {
			return true // the poller says that the time has come; setting it again takes the event away
		}
		armed = true
		// Not announced to the scheduler: see directConn.
		_, _, failed = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&next)), 0, 0, 0)
		return failed != 0
	})
	if failed != 0 {
		return fmt.Errorf("timerfd: %w", failed)
	}
	return err
}

// interrupt ends the sleep under way and all later ones. Safe for concurrent use.
func (a *alarm) interrupt() { _ = a.file.SetReadDeadline(time.Unix(1, 0)) } // fails only when closed

func (a *alarm) close() error { return a.file.Close() }
