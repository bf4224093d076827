//go:build unix

package http1

import (
	"io"
	"syscall"
)

const canReadNow = true

// writeNow writes what the system takes.
func writeNow(fd uintptr, p []byte) (int, error) {
	for {
		n, err := write(fd, p)
		switch err {
		case nil:
			return n, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, err
		}
	}
}

// readNow reads what is there: errSilent when there is nothing, io.EOF at the end. The
// runtime's sockets never block.
func readNow(fd uintptr, p []byte) (int, error) {
	for {
		n, err := read(fd, p)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return 0, errSilent
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}
