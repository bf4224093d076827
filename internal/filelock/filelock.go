// Package filelock tells whether a program that writes a file still runs: it holds a lock
// on it, which the system takes away with the program, however that ended.
package filelock

import (
	"errors"
	"os"
)

// ErrHeld says that another holder of a lock, here or in another program, has the file.
var ErrHeld = errors.New("locked by another program")

// ErrUnknown says that the system, or the file system, has no such locks.
var ErrUnknown = errors.ErrUnsupported

// LiesAt tells whether an open file is the one that lies at a path, itself and no link. Who
// has got a lock must ask: the one who had it before may have removed the file.
func LiesAt(path string, f *os.File) bool {
	there, err1 := os.Lstat(path)
	open, err2 := f.Stat()
	return err1 == nil && err2 == nil && os.SameFile(there, open)
}
