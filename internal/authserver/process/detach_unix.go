//go:build unix

package process

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// detach gives the child a process group of its own, so that ^C at the terminal
// reaches only the parent, which ends the child in its own time.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// processGone tells whether no process has the id; in doubt it says false.
func processGone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// ownedByUs tells whether a file is this user's.
func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
