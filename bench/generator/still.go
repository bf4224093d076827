package generator

import (
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

const (
	// A beat comes every beatEvery; 20 a second cost less than a thousandth of a core.
	beatEvery = 50 * time.Millisecond
	// The time that threads waited for a processor is read with every fifth beat.
	beatsPerReading = 5
)

// standstill adds up how long this process stood still, from beats of a goroutine that
// should come every beatEvery. A beat that is late is not enough: a server that takes the
// processors makes it late too, and must not be excused for it. So what the process ran
// meanwhile, and what it waited for a processor that others had, is taken off.
type standstill struct {
	last    clocks
	beats   int
	waited  time.Duration // for a processor, at the last reading
	waiting func() time.Duration
	total   time.Duration
}

// clocks are one reading of what passes: time, and CPU time of this process.
type clocks struct {
	wall time.Time
	ran  time.Duration
}

// beat takes a beat that came at now.
func (s *standstill) beat(now clocks) {
	late := now.wall.Sub(s.last.wall) - beatEvery - (now.ran - s.last.ran)
	s.last = now
	s.beats++
	if late < bench.MinStandstill && s.beats%beatsPerReading != 0 {
		return
	}
	waited := s.waiting()
	late -= max(0, waited-s.waited) // threads that ended take theirs with them
	s.waited = waited
	if late >= bench.MinStandstill {
		s.total += late
	}
}

// WatchStandstill watches this process until the function that it returns is called, which
// tells for how long it stood still; 0 where the client's time is not the real one.
func (c *Client) WatchStandstill() (end func() time.Duration) {
	if !c.real {
		return func() time.Duration { return 0 }
	}
	read := func() clocks { return clocks{wall: time.Now(), ran: processTime()} }
	s := standstill{last: read(), waited: processorWait(), waiting: processorWait}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		beats := time.NewTicker(beatEvery)
		defer beats.Stop()
		for {
			select {
			case <-beats.C:
				s.beat(read())
			case <-stop:
				s.beat(read()) // the last one may have been missed
				return
			}
		}
	}()
	return func() time.Duration {
		close(stop)
		<-ended
		return s.total
	}
}
