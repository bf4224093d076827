package loop

import "time"

// clock tells when something was that the kernel has stamped. Stamps are of the clock that somebody may set, times of
// exchanges must not be: one reading of both, which is taken just before stamps are asked for, leads from one to the
// other.
type clock struct {
	last time.Time
	set  bool // between the last two readings, within which the stamps are that are asked for
}

// slew is by how much a clock that nobody sets may gain or lose on the monotonic one: 20 µs, for two readings that are
// not of one moment, and a thousandth.
const slew = 20 * time.Microsecond

// read reads both clocks.
func (c *clock) read() time.Time {
	now := time.Now()
	c.take(now.Sub(c.last), time.Duration(now.UnixNano()-c.last.UnixNano()))
	c.last = now
	return now
}

// take takes what went by on either clock since the last reading.
func (c *clock) take(monotonic, wall time.Duration) {
	c.set = (wall - monotonic).Abs() > slew+monotonic/1000
}

// when is when something was that has a stamp, in nanoseconds since 1970, and that was after from; false when there is
// none, or it says nothing.
func (c *clock) when(stamp int64, from time.Time) (time.Time, bool) {
	if stamp == 0 || c.set {
		return time.Time{}, false
	}
	at := c.last.Add(time.Duration(stamp - c.last.UnixNano()))
	return at, at.After(from)
}
