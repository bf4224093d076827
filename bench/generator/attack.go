package generator

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
)

// MaxBody bounds what is kept of one answer, in bytes: far more than any answer of
// an authorization server, far less than a stream that never ends.
const MaxBody = 1 << 20

// Attack sends one schedule of a workload once.
type Attack struct {
	Client   *Client
	Schedule bench.Schedule
	Workload Workload
	// MaxWorkers is how many requests may be in flight; 0 is DefaultMaxWorkers. When
	// all are busy, arrivals wait, and their response time counts the wait.
	MaxWorkers int
	// CatchUp says what becomes of arrivals due while all workers are busy; "" is Burst.
	CatchUp bench.CatchUp
	// Pacing, Spin and Grain are as in Tuning; the zero values are Precise and none.
	Pacing bench.Pacing
	Spin   time.Duration
	Grain  time.Duration
	// Counters may be watched while the attack runs; nil is allowed.
	Counters *Counters
}

// Run sends every arrival when it is due and hands each result to the recorder. It
// returns when all have ended, or soon after ctx is done: then nothing more is sent,
// requests in flight are broken off, and the error is the context's cause.
func (a Attack) Run(ctx context.Context, rec *Recorder) error {
	still := a.Client.WatchStandstill()
	defer func() { rec.stoodStill = still() }()
	anchor := time.Now()
	rec.begin(anchor)
	err := a.Send(ctx, anchor, func(arrival int, r *vegeta.Result, answer bench.Answer, read time.Time) {
		if r == nil {
			rec.drop(arrival, a.Workload.Operation(arrival))
			return
		}
		rec.add(arrival, a.Workload.Operation(arrival), r, answer, read)
	})
	rec.end(time.Now())
	return err
}

// Done takes what became of an arrival; r is nil if it was dropped. read is when the generator had the answer, by a
// clock that the times of r need not come from, and zero without r.
type Done func(arrival int, r *vegeta.Result, answer bench.Answer, read time.Time)

// Send sends every arrival when it is due, counted from anchor, and ends as Run does. done
// is called once for each arrival, never concurrently.
func (a Attack) Send(ctx context.Context, anchor time.Time, done Done) error {
	counters := a.Counters
	if counters == nil {
		counters = &Counters{}
	}
	defer a.Client.abortWith(ctx)()
	pacer := a.pacer(ctx, anchor, counters)
	c := &collector{attack: a, ctx: ctx, counters: counters, backlog: pacer.backlog, done: done}
	if c.loops() && c.loop(pacer) {
		return c.end()
	}
	closeAlarm, err := a.arm(pacer)
	if err != nil {
		return err
	}
	defer closeAlarm()
	team := newTeam(int(pacer.workers), counters, c.hit)
	for seq := uint64(0); ; seq++ {
		if _, stop := pacer.Pace(time.Since(anchor), seq); stop || !team.send(ctx, task{seq, pacer.arrival}) {
			break
		}
	}
	team.end()
	return c.end()
}

// pacer returns the attack's pacer, without a timer of the kernel.
func (a Attack) pacer(ctx context.Context, anchor time.Time, counters *Counters) *pacer {
	p := newPacer(ctx, anchor, a.Schedule, counters)
	p.workers, p.spin, p.grain = int64(cmp.Or(a.MaxWorkers, bench.DefaultMaxWorkers)), a.Spin, a.Grain
	if a.CatchUp == bench.Drop {
		p.backlog = &backlog{}
	}
	if m, ok := a.Workload.(Maker); ok {
		p.ahead = m.Make
	}
	return p
}

// precise tells whether the attack waits by timers of the kernel, where it has them.
func (a Attack) precise() bool { return a.Client.real && a.Pacing != bench.Relaxed }

// arm gives a pacer its timer, and returns what gives it back.
func (a Attack) arm(p *pacer) (closeAlarm func(), err error) {
	if !a.precise() {
		return func() {}, nil
	}
	alarm, err := newAlarm()
	if errors.Is(err, errors.ErrUnsupported) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	p.alarm = alarm
	release := context.AfterFunc(p.ctx, alarm.interrupt)
	return func() {
		release()
		_ = alarm.close() // it is only a timer
	}, nil
}

// collector takes the results of an attack, one at a time.
type collector struct {
	attack   Attack
	ctx      context.Context
	counters *Counters
	backlog  *backlog
	mu       sync.Mutex // held while done is called
	done     Done
	first    *vegeta.Target // what the first arrival asks, when it was looked at before
}

// request fills in an arrival's request. Each is asked for once.
func (c *collector) request(arrival int, t *vegeta.Target) {
	if arrival == 0 && c.first != nil {
		*t = *c.first
		return
	}
	c.attack.Workload.Request(arrival, t)
}

// hit sends an arrival's request, and takes its result.
func (c *collector) hit(seq uint64, arrival int, t *vegeta.Target) {
	r := &vegeta.Result{Seq: seq, Timestamp: time.Now()}
	c.request(arrival, t)
	r.Method, r.URL = t.Method, t.URL
	c.attack.Client.send(t, r)
	r.Latency = time.Since(r.Timestamp)
	c.take(arrival, r, time.Now())
}

// take hands on the result of an arrival that was read then, after what was dropped before it.
func (c *collector) take(arrival int, r *vegeta.Result, read time.Time) {
	c.counters.ended.Add(1) // its worker is free
	if c.ctx.Err() != nil {
		return // the request was broken off by us, so it says nothing of the server
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.takeDropped()
	answer := c.attack.judge(arrival, r)
	if answer.Outcome != bench.OK {
		c.counters.failed.Add(1)
	}
	c.done(arrival, r, answer, read)
}

// end is called when all that was sent has ended. The error is why not all was sent.
func (c *collector) end() error {
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	c.takeDropped()
	return nil
}

// takeDropped hands on the arrivals that were dropped since it was last called.
func (c *collector) takeDropped() {
	for _, arrival := range c.backlog.take() {
		c.counters.failed.Add(1)
		c.done(arrival, nil, notSent, time.Time{})
	}
}
