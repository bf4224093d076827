//go:build unix

package engine

import (
	"errors"
	"syscall"
)

// gone tells whether nobody has the process number (ESRCH of kill(2)).
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
