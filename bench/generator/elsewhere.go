//go:build !linux

package generator

import (
	"errors"
	"net"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// What only Linux has, as it is elsewhere.

// alarm is only there where the kernel has timers that a poller can wait for.
type alarm struct{}

const canAlarm = false

func newAlarm() (*alarm, error)          { return nil, errors.ErrUnsupported }
func (*alarm) sleep(time.Duration) error { return errors.ErrUnsupported }
func (*alarm) interrupt()                {}
func (*alarm) close() error              { return nil }

var errNoBinding = errors.New("binding the generator to CPUs is only possible on Linux")

// CheckCPUs tells whether this process could be bound to the CPUs.
func CheckCPUs(bench.CPUList) error { return errNoBinding }

func bindCPUs(bench.CPUList) (unbind func() error, err error) { return nil, errNoBinding }

func direct(conn net.Conn) net.Conn { return conn }

// What this process ran and waited for is not read here: a beat that is late is then taken
// for a standstill.

func processTime() time.Duration   { return 0 }
func processorWait() time.Duration { return 0 }
