//go:build !linux

package generator

import (
	"errors"
	"time"
)

// alarm is only there where the kernel has timers that a poller can wait for.
type alarm struct{}

const canAlarm = false

func newAlarm() (*alarm, error)          { return nil, errors.ErrUnsupported }
func (*alarm) sleep(time.Duration) error { return errors.ErrUnsupported }
func (*alarm) interrupt()                {}
func (*alarm) close() error              { return nil }
