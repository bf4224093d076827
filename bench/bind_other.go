//go:build !linux

package bench

import "errors"

var errNoBinding = errors.New("binding the generator to CPUs is only possible on Linux")

// CheckCPUs tells whether this process could be bound to the CPUs.
func CheckCPUs(CPUList) error { return errNoBinding }

func bindCPUs(CPUList) (unbind func() error, err error) { return nil, errNoBinding }
