//go:build !linux

package generator

import (
	"errors"

	"oauthbench/bench"
)

var errNoBinding = errors.New("binding the generator to CPUs is only possible on Linux")

// CheckCPUs tells whether this process could be bound to the CPUs.
func CheckCPUs(bench.CPUList) error { return errNoBinding }

func bindCPUs(bench.CPUList) (unbind func() error, err error) { return nil, errNoBinding }
