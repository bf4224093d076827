package loop

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// system is what the loop asks of the kernel. Its calls are not announced to the scheduler, for an announced one of
// a process that is idle in between costs as much as the request itself. They do not block; waits do, and are
// not announced only as long as they are short and the thread may keep its processor meanwhile.
type system struct {
	keep   bool
	epoll  int
	bell   int // an eventfd, which others ring
	events [64]unix.EpollEvent
	span   struct{ seconds, nanoseconds int64 } // of the wait under way
	nap    unix.Timespec
	buffer [64 << 10]byte
	header unix.Msghdr
	part   unix.Iovec
	said   [8]uint64 // room for the two control messages of a read
}

// rawMost is the longest wait that is not announced.
const rawMost = 2 * time.Millisecond

// bellSlot is the slot of the bell's events.
const bellSlot = -1

// open fails with errors.ErrUnsupported where the kernel is older than 5.11, or does not tell.
func (s *system) open() error {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	bell, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return errors.Join(fmt.Errorf("eventfd: %w", err), unix.Close(epoll))
	}
	s.epoll, s.bell = epoll, bell
	s.part.Base = &s.buffer[0]
	s.part.SetLen(len(s.buffer))
	s.header.Iov = &s.part
	s.header.SetIovlen(1)
	s.header.Control = (*byte)(unsafe.Pointer(&s.said[0]))
	if _, errno := s.await(0); errno != 0 {
		err = fmt.Errorf("epoll_pwait2: %w: %w", errors.ErrUnsupported, errno)
	} else {
		err = s.watch(bell, bellSlot, 0, unix.EPOLL_CTL_ADD, unix.EPOLLIN)
	}
	if err != nil {
		return errors.Join(err, s.close())
	}
	return nil
}

func (s *system) close() error { return errors.Join(unix.Close(s.epoll), unix.Close(s.bell)) }

// ring makes the wait under way return, or the next one. Safe for concurrent use.
func (s *system) ring() {
	one := [8]byte{1}
	_, _ = unix.Write(s.bell, one[:]) // It is full only when it rings already.
}

// watch has events of a descriptor told, each once, under a slot and a generation.
func (s *system) watch(fd int, slot, generation int32, how int, events uint32) error {
	e := unix.EpollEvent{Fd: slot, Pad: generation, Events: events | unix.EPOLLET&0xffffffff}
	if err := unix.EpollCtl(s.epoll, how, fd, &e); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// await waits for events, at most for d, or less when a signal comes.
func (s *system) await(d time.Duration) (events int, errno syscall.Errno) {
	if d <= 0 || s.keep {
		n, errno := s.pwait(unix.RawSyscall6, min(d, rawMost))
		if n > 0 || errno != 0 || d <= rawMost {
			return n, errno
		}
		d -= rawMost
	}
	return s.pwait(unix.Syscall6, d)
}

type call = func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

func (s *system) pwait(by call, d time.Duration) (events int, errno syscall.Errno) {
	s.span.seconds, s.span.nanoseconds = 0, 0
	if d > 0 {
		s.span.seconds, s.span.nanoseconds = int64(d/time.Second), int64(d%time.Second)
	}
	n, _, errno := by(unix.SYS_EPOLL_PWAIT2, uintptr(s.epoll), uintptr(unsafe.Pointer(&s.events[0])),
		uintptr(len(s.events)), uintptr(unsafe.Pointer(&s.span)), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// sleep waits for d, which is no longer than rawMost, or less when a signal comes.
func (s *system) sleep(d time.Duration) {
	s.nap = unix.NsecToTimespec(int64(d))
	by := unix.Syscall6
	if s.keep {
		by = unix.RawSyscall6
	}
	by(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, 0, uintptr(unsafe.Pointer(&s.nap)), 0, 0, 0)
}

// write writes what the system takes.
func (s *system) write(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		uintptr(len(p)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// reading is what a read found.
type reading struct {
	data []byte // valid until the next read; none is the end
	// at is when the last byte of data came, by the kernel's clock, in nanoseconds since 1970; 0 where it does not
	// tell.
	at int64
	// drained says that nothing has come after data, not even the end.
	drained bool
}

// read reads what is there.
func (s *system) read(fd int) (r reading, errno syscall.Errno) {
	s.header.SetControllen(int(unsafe.Sizeof(s.said)))
	n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&s.header)),
		unix.MSG_DONTWAIT)
	if errno != 0 {
		return reading{}, errno
	}
	r.data = s.buffer[:n]
	first, left := unsafe.Pointer(&s.said[0]), int(s.header.Controllen)
	for at := 0; at+unix.CmsgLen(4) <= left; {
		said, value := (*unix.Cmsghdr)(unsafe.Add(first, at)), unsafe.Add(first, at+unix.CmsgLen(0))
		switch {
		case said.Level == unix.SOL_SOCKET && said.Type == unix.SO_TIMESTAMPNS:
			r.at = (*unix.Timespec)(value).Nano()
		case said.Level == unix.SOL_TCP && said.Type == unix.TCP_CM_INQ:
			r.drained = *(*int32)(value) == 0
		}
		at += unix.CmsgSpace(int(said.Len) - unix.CmsgLen(0))
	}
	return r, 0
}

// stay keeps the calling goroutine on its thread, whose timers are exact, until it calls leave. The kernel may end
// others up to 50 µs late, to save wake-ups.
func stay() {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // else it is late by as much, and sends late
}

// leave gives the thread back as it was.
func leave() {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0)
	runtime.UnlockOSThread()
}

// turn is how long a goroutine may run before Go's monitor takes the processor from it, with some time to spare.
const turn = 8 * time.Millisecond

// yield begins a new turn. Where the monitor ends one, a goroutine that stays on its thread is handed over to another
// thread and back: three wake-ups, some 100 µs of CPU, and it is late by as much.
func yield() {
	leave()
	runtime.Gosched()
	stay()
}
