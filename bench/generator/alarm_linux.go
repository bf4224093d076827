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

	// Of the sleep under way. They are kept because new ones for each sleep would be garbage.
	step   func(fd uintptr) bool
	next   unix.ItimerSpec
	armed  bool
	failed syscall.Errno
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
	a := &alarm{file: file, conn: conn}
	a.step = a.arm
	return a, nil
}

// sleep waits for d, which is more than 0. It may return a little early, and does so at
// once with an error after interrupt.
func (a *alarm) sleep(d time.Duration) error {
	a.armed, a.failed = false, 0
	a.next = unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	err := a.conn.Read(a.step)
	if a.failed != 0 {
		return fmt.Errorf("timerfd: %w", a.failed)
	}
	return err
}

// arm sets the timer when a sleep begins, and is called again when the time has come.
func (a *alarm) arm(fd uintptr) bool {
	if a.armed {
		return true // setting it again takes the event away
	}
	a.armed = true
	// Not announced to the scheduler: see directConn.
	_, _, a.failed = unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&a.next)), 0, 0, 0)
	return a.failed != 0
}

// interrupt ends the sleep under way and all later ones. Safe for concurrent use.
func (a *alarm) interrupt() { _ = a.file.SetReadDeadline(time.Unix(1, 0)) } // fails only when closed

func (a *alarm) close() error { return a.file.Close() }
