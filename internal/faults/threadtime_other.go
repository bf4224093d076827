//go:build !linux

package faults

import "time"

var began = time.Now()

// threadTime is the time that passes: where a thread's own is not told, who waits counts as
// busy.
func threadTime() time.Duration { return time.Since(began) }
