//go:build !linux

package bench

// CheckCPUs tells whether this process could be bound to the CPUs.
func CheckCPUs(CPUList) error { return errNoBinding }

func bindCPUs(CPUList) (unbind func() error, err error) { return nil, errNoBinding }
