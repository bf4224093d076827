//go:build !linux

package generator

import (
	"errors"
	"net"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/http1"
)

// What only Linux has, as it is elsewhere.

// alarm is only there where the kernel has timers that a poller can wait for.
type alarm struct{}

const canAlarm = false

func newAlarm() (*alarm, error)          { return nil, errors.ErrUnsupported }
func (*alarm) sleep(time.Duration) error { return errors.ErrUnsupported }
func (*alarm) interrupt()                {}
func (*alarm) close() error              { return nil }

// eventLoop is only there where one thread can wait for its connections exactly.
type eventLoop struct{}

func newEventLoop(*http1.Transport) *eventLoop { return nil }
func (*eventLoop) close()                      {}
func (*collector) loops() bool                 { return false }
func (*collector) loop(*pacer) bool            { return false }

var errNoBinding = errors.New("binding the generator to CPUs is only possible on Linux")

// CheckCPUs tells whether this process could be bound to the CPUs.
func CheckCPUs(bench.CPUList) error { return errNoBinding }

func bindCPUs(bench.CPUList) (unbind func() error, err error) { return nil, errNoBinding }

func direct(conn net.Conn) net.Conn { return conn }

// What this process ran and waited for is not read here: a beat that is late is then taken
// for a standstill.

func processTime() time.Duration   { return 0 }
func processorWait() time.Duration { return 0 }
