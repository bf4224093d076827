//go:build unix

package owner

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Gone tells whether nobody has the process number (ESRCH of kill(2)).
func Gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// ownedByUs tells whether a file is this user's.
func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
