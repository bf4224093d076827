//go:build !unix

package http1

import "errors"

// canReadNow is false where sockets cannot be read without waiting: a kept connection
// that the server has closed is then found out by its first write or read.
const canReadNow = false

func readNow(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }

func writeNow(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
