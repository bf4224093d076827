package experiment

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/oauthbench/oauthbench/bench/generator"
)

// ownLimits are the limits of this machine that requests can run into: as arrivals that did
// not leave it name them, and as errors of the system.
var ownLimits = []struct {
	name, why string
	errors    []error
}{
	{generator.NoDescriptor, "the generator ran out of file descriptors (ulimit -n)",
		[]error{syscall.EMFILE, syscall.ENFILE}},
	{generator.NoPort, "this machine ran out of ports for new connections (net.ipv4.ip_local_port_range)",
		[]error{syscall.EADDRNOTAVAIL}},
	{generator.NoMemory, "this machine ran out of memory for new connections",
		[]error{syscall.ENOBUFS, syscall.ENOMEM}},
}

// OwnLimitError is a limit of this machine that requests ran into where there was no trial that could
// be excluded for it. They did not leave the machine, so that they tell nothing of the server.
type OwnLimitError struct {
	Limit string // in words
	Err   error
}

func (e *OwnLimitError) Error() string {
	return e.Limit + ", which is no fault of the server: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *OwnLimitError) Unwrap() error { return e.Err }

// OwnLimit is an OwnLimitError where an error is of that kind, else the error as it is.
func OwnLimit(err error) error {
	for _, limit := range ownLimits {
		if slices.ContainsFunc(limit.errors, func(own error) bool { return errors.Is(err, own) }) {
			return &OwnLimitError{limit.why, err}
		}
	}
	return err
}

// unable is the OwnLimitError of a load of which some requests did not leave this machine, nil when all did.
func unable(n, of int64, cases map[string]int64) error {
	if n == 0 {
		return nil
	}
	why := "this machine could not send all requests"
	for _, limit := range ownLimits {
		if cases[limit.name] > 0 {
			why = limit.why
		}
	}
	return &OwnLimitError{why, fmt.Errorf("%d of %d requests could not leave this machine", n, of)}
}
