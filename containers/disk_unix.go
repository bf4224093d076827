//go:build linux || darwin

package containers

import "syscall"

// freeDisk is what an unprivileged program may still write there, in bytes.
func freeDisk(path string) (int64, bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(path, &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
