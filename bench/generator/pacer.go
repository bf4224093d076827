package generator

import (
	"context"
	"time"

	"oauthbench/bench"
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
	schedule bench.Schedule
	counters *Counters
	timer    *time.Timer
	alarm    *alarm        // nil for relaxed pacing
	spin     time.Duration // the last part of each wait, spent looking at the clock
	grain    time.Duration // least time between two waits' ends
	woken    time.Time     // when the last wait ended
	next     int           // arrival
	sent     int           // arrivals released
	workers  int64         // that may be busy
	backlog  *backlog      // nil unless arrivals are dropped
	shift    shift         // that is under way
	ended    chan bool     // told when the shift is over: whether there is more to send
}

func newPacer(ctx context.Context, anchor time.Time, s bench.Schedule, c *Counters) *pacer {
	timer := time.NewTimer(0)
	if !timer.Stop() {
		<-timer.C
	}
	return &pacer{ctx: ctx, anchor: anchor, schedule: s, counters: c, timer: timer, ended: make(chan bool, 1)}
}

// begin starts the next shift, when none is under way.
func (p *pacer) begin() shift {
	p.counters.shifts.Add(1)
	p.shift = shift{first: p.sent, began: time.Now(), workers: p.workers - p.counters.InFlight()}
	return p.shift
}

// Pace implements vegeta.Pacer: it returns when the next arrival that is sent is due, or
// at once with stop when the shift is over, no arrival is left or the context ended.
func (p *pacer) Pace(time.Duration, uint64) (wait time.Duration, stop bool) {
	if p.next < len(p.schedule.Arrivals) && p.shift.over(p.counters.InFlight(), p.workers) {
		p.ended <- true
		return 0, true
	}
	for p.next < len(p.schedule.Arrivals) && p.waitUntil(p.anchor.Add(p.schedule.Arrivals[p.next])) {
		arrival := p.next
		p.next++
		inFlight := p.counters.InFlight()
		if p.backlog != nil {
			if inFlight >= p.shift.workers {
				p.backlog.drop(arrival)
				p.counters.dropped.Add(1)
				continue
			}
			p.backlog.send(p.sent, arrival)
		}
		p.sent++
		p.shift.peak = max(p.shift.peak, inFlight+1)
		p.counters.release(inFlight + 1)
		return 0, false
	}
	p.ended <- false
	return 0, true
}

// waitUntil returns when due has come, false when the context ended before.
func (p *pacer) waitUntil(due time.Time) bool {
	if p.ctx.Err() != nil {
		return false
	}
	if d := time.Until(due); d > 0 && p.grain > 0 {
		if later := p.woken.Add(p.grain); later.After(due) {
			due = later
		}
		defer func() { p.woken = time.Now() }()
	}
	for d := time.Until(due); d > p.spin; d = time.Until(due) {
		if p.alarm != nil {
			if p.alarm.sleep(d-p.spin) != nil && p.ctx.Err() == nil {
				p.alarm = nil // the kernel refuses: as exactly as the runtime can
			}
		} else {
			p.timer.Reset(d)
			select {
			case <-p.timer.C:
			case <-p.ctx.Done():
				p.timer.Stop()
			}
		}
		if p.ctx.Err() != nil {
			return false
		}
	}
	for time.Until(due) > 0 { // at most spin
	}
	return true
}

// Rate implements vegeta.Pacer; vegeta shows it, nothing depends on it.
func (p *pacer) Rate(time.Duration) float64 { return p.schedule.Rate }
