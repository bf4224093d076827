package bench

import (
	"context"
	"time"
)

// pacer releases the arrivals of a schedule to vegeta when they are due, by a clock
// of its own: vegeta's attack keeps its beginning to itself, and the recorder needs
// it to know each intended start. It is called from vegeta's one pacing goroutine.
//
// Note: it waits here instead of telling vegeta how long to sleep, because vegeta's
// sleep cannot be interrupted: ^C would hang for a whole gap of a slow schedule.
type pacer struct {
	ctx      context.Context
	anchor   time.Time // the trial's start: when offset 0 of the schedule is due
	schedule Schedule
	counters *Counters
	timer    *time.Timer
	// precise is the last part of each wait, which is slept in the kernel; 0 under a
	// clock that only timers know (testing/synctest).
	precise time.Duration
}

// precisely is a little more than the runtime's timers are late on a busy machine.
const precisely = 3 * time.Millisecond

func newPacer(ctx context.Context, anchor time.Time, s Schedule, c *Counters, precise time.Duration) *pacer {
	timer := time.NewTimer(0)
	if !timer.Stop() {
		<-timer.C
	}
	return &pacer{ctx: ctx, anchor: anchor, schedule: s, counters: c, timer: timer, precise: precise}
}

// Pace implements vegeta.Pacer: it returns when arrival number hits is due, or at
// once with stop when there is none or the context ended.
func (p *pacer) Pace(_ time.Duration, hits uint64) (wait time.Duration, stop bool) {
	if hits >= uint64(len(p.schedule.Arrivals)) || p.ctx.Err() != nil {
		return 0, true
	}
	due := p.anchor.Add(p.schedule.Arrivals[hits])
	if d := time.Until(due) - p.precise; d > 0 {
		p.timer.Reset(d)
		select {
		case <-p.timer.C:
		case <-p.ctx.Done():
			p.timer.Stop()
			return 0, true
		}
	}
	for d := time.Until(due); d > 0; d = time.Until(due) {
		sleepShortly(d)
	}
	p.counters.released.Add(1)
	return 0, false
}

// Rate implements vegeta.Pacer; vegeta shows it, nothing depends on it.
func (p *pacer) Rate(time.Duration) float64 { return p.schedule.Rate }
