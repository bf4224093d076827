//go:build unix

package process

import (
	"errors"
	"syscall"
)

// pipeCapacity is at least what a pipe holds that nobody reads.
const pipeCapacity = 64 << 10

// follow reads the pipe until its end, so that the child never waits for a reader.
func (l *childLog) follow() {
	_ = l.raw.Read(func(fd uintptr) (ended bool) {
		for {
			if n, err := l.take(fd); err != nil || n == 0 {
				return !errors.Is(err, syscall.EAGAIN)
			}
		}
	}) // An error says that the log was closed.
}

// catchUp takes what is in the pipe now, and does not wait for more.
func (l *childLog) catchUp() {
	_ = l.raw.Control(func(fd uintptr) {
		for taken := 0; taken < pipeCapacity; {
			n, err := l.take(fd)
			if err != nil || n == 0 {
				return
			}
			taken += n
		}
	}) // An error says that the log was closed, and then it has all.
}

// take reads once from the pipe, which never blocks.
func (l *childLog) take(fd uintptr) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	buffer := make([]byte, logBytes)
	for {
		if n, err = syscall.Read(int(fd), buffer); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if n > 0 {
		l.add(buffer[:n])
	}
	return n, err
}
