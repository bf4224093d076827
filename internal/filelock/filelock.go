// Package filelock tells whether a program that writes a file still runs: it holds a lock
// on it, which the system takes away with the program, however that ended.
package filelock

import "errors"

// ErrHeld says that another holder of a lock, here or in another program, has the file.
var ErrHeld = errors.New("locked by another program")

// ErrUnknown says that the system, or the file system, has no such locks.
var ErrUnknown = errors.ErrUnsupported
