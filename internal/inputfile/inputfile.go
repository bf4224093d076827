// Package inputfile opens files that a user names. A pipe or a device would keep a
// command waiting, or feed it without end, so only regular files are read.
package inputfile

import (
	"fmt"
	"io"
	"os"
)

// Open opens a regular file for reading. The error names the path, and says what lies
// there when it is something else.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s, not a file", path, kind(info.Mode()))
	}
	return os.Open(path)
}

// Read reads a regular file of at most mostBytes bytes.
func Read(path string, mostBytes int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > mostBytes {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, mostBytes)
	}
	return data, nil
}

func kind(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&os.ModeNamedPipe != 0:
		return "a pipe"
	case mode&os.ModeSocket != 0:
		return "a socket"
	default:
		return "a device"
	}
}
