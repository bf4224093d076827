//go:build unix && !linux

package http1

import "syscall"

// read is read(2).
func read(fd uintptr, p []byte) (int, error) { return syscall.Read(int(fd), p) }
