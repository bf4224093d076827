//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// detach gives the child a process group of its own, so that ^C at the terminal
// reaches only the parent, which ends the child in its own time.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
