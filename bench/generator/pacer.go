package generator

import (
	"context"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// pacer releases the arrivals of a schedule when they are due. It is called from one goroutine.
//
// Note: it waits by itself instead of telling how long to sleep, as vegeta.Pacer may: a sleep
// would be as late as the runtime's timers are.
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
	arrival  int           // the last one that was released
	next     int           // arrival
	workers  int64         // that may be busy
	backlog  *backlog      // nil unless arrivals are dropped
	ahead    func() bool   // a Maker's Make; nil for none
	making   time.Duration // The last Make took about so long.
}

func newPacer(ctx context.Context, anchor time.Time, s bench.Schedule, c *Counters) *pacer {
	timer := time.NewTimer(0)
	if !timer.Stop() {
		<-timer.C
	}
	return &pacer{ctx: ctx, anchor: anchor, schedule: s, counters: c, timer: timer}
}

// Pace implements vegeta.Pacer: it returns when the next arrival that is sent is due, or
// at once with stop when no arrival is left or the context ended.
func (p *pacer) Pace(time.Duration, uint64) (wait time.Duration, stop bool) {
	for {
		due, left := p.due()
		if !left || !p.waitUntil(due) {
			return 0, true
		}
		if p.release(p.counters.InFlight()) {
			return 0, false
		}
	}
}

// due is when the next arrival is due; false when none is left.
func (p *pacer) due() (time.Time, bool) {
	if p.next >= p.schedule.Count {
		return time.Time{}, false
	}
	return p.anchor.Add(p.schedule.At(p.next).Due), true
}

// release takes the next arrival, beside so many in flight. False means that it is dropped.
func (p *pacer) release(inFlight int64) bool {
	arrival := p.next
	p.next++
	if p.backlog != nil && inFlight >= p.workers {
		p.backlog.drop(arrival)
		p.counters.dropped.Add(1)
		return false
	}
	p.arrival = arrival
	p.counters.release(inFlight + 1)
	return true
}

// idle is the least time before an arrival that something else is done in.
const idle = 100 * time.Microsecond

// waitUntil returns when due has come, false when the context ended before.
func (p *pacer) waitUntil(due time.Time) bool {
	if p.ctx.Err() != nil {
		return false
	}
	for p.makeAhead(due) {
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

// makeAhead has the workload make a request if there is time for it until due, and tells whether it did.
func (p *pacer) makeAhead(due time.Time) bool {
	if p.ahead == nil || time.Until(due) <= idle+2*p.making {
		return false
	}
	began := time.Now()
	if !p.ahead() {
		return false
	}
	p.making = max(time.Since(began), p.making/2)
	return true
}

// Rate implements vegeta.Pacer.
func (p *pacer) Rate(time.Duration) float64 { return p.schedule.Rate }

// Pause waits for d, or until ctx is done: then it returns the context's cause.
func Pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
