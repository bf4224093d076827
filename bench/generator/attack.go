package generator

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
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
	if a.Client.real {
		still := watchStandstill()
		defer func() { rec.stoodStill = still() }()
	}
	anchor := time.Now()
	rec.begin(anchor)
	err := a.Send(ctx, anchor, func(arrival int, r *vegeta.Result, answer bench.Answer) {
		if r == nil {
			rec.drop(arrival, a.Workload.Operation(arrival))
			return
		}
		rec.add(arrival, a.operation(r), r, answer)
	})
	rec.end(time.Now())
	return err
}

// Send sends every arrival when it is due, counted from anchor, and ends as Run does. done
// is called once for each arrival, never concurrently; r is nil if the arrival was dropped.
func (a Attack) Send(
	ctx context.Context, anchor time.Time, done func(arrival int, r *vegeta.Result, answer bench.Answer),
) error {
	counters := a.Counters
	if counters == nil {
		counters = &Counters{}
	}
	defer a.Client.abortWith(ctx)()
	pacer, closeAlarm, err := a.pacer(ctx, anchor, counters)
	if err != nil {
		return err
	}
	defer closeAlarm()
	c := &collector{attack: a, ctx: ctx, counters: counters, backlog: pacer.backlog, done: done}
	targeter := a.targeter(pacer.backlog)
	var shifts sync.WaitGroup
	for more := true; more; {
		s := pacer.begin()
		attacker := s.attacker(a.Client)
		results := attacker.Attack(targeter, pacer, 0, "")
		shifts.Go(func() {
			for r := range results {
				c.take(s.first+int(r.Seq), r)
			}
			counters.shiftsEnded.Add(1)
		})
		select {
		case more = <-pacer.ended:
		case <-ctx.Done():
			more = false
			attacker.Stop() // it may be waiting for a worker
		}
	}
	shifts.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.takeDropped()
	return nil
}

// pacer returns the attack's pacer and what gives back its timer.
func (a Attack) pacer(ctx context.Context, anchor time.Time, counters *Counters) (*pacer, func(), error) {
	p := newPacer(ctx, anchor, a.Schedule, counters)
	p.workers, p.spin, p.grain = int64(cmp.Or(a.MaxWorkers, bench.DefaultMaxWorkers)), a.Spin, a.Grain
	if a.CatchUp == bench.Drop {
		p.backlog = newBacklog(len(a.Schedule.Arrivals))
	}
	if !a.Client.real || a.Pacing == bench.Relaxed {
		return p, func() {}, nil
	}
	alarm, err := newAlarm()
	if errors.Is(err, errors.ErrUnsupported) {
		return p, func() {}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	p.alarm = alarm
	release := context.AfterFunc(ctx, alarm.interrupt)
	return p, func() {
		release()
		_ = alarm.close() // it is only a timer
	}, nil
}

// collector takes the results of an attack. Two shifts overlap briefly at a handover, so it
// puts their results in a row.
type collector struct {
	attack   Attack
	ctx      context.Context
	counters *Counters
	backlog  *backlog
	mu       sync.Mutex // held while done is called
	done     func(arrival int, r *vegeta.Result, answer bench.Answer)
}

// take hands on the result of the send of that number, after what was dropped before it.
func (c *collector) take(send int, r *vegeta.Result) {
	c.counters.ended.Add(1) // its worker is free
	if c.ctx.Err() != nil {
		return // the request was broken off by us, so it says nothing of the server
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.takeDropped()
	answer := c.attack.judge(r)
	if answer.Outcome != bench.OK {
		c.counters.failed.Add(1)
	}
	c.done(c.backlog.arrival(send), r, answer)
}

// takeDropped hands on the arrivals that were dropped since it was last called.
func (c *collector) takeDropped() {
	for _, arrival := range c.backlog.take() {
		c.counters.failed.Add(1)
		c.done(int(arrival), nil, notSent)
	}
}

// targeter numbers the requests. The number travels in the URL's fragment, which is
// never sent to the server but comes back in Result.URL, so that the answer can be
// checked against what was asked.
func (a Attack) targeter(b *backlog) vegeta.Targeter {
	var next atomic.Int64
	n := int64(len(a.Schedule.Arrivals))
	return func(t *vegeta.Target) error {
		i := next.Add(1) - 1
		if i >= n {
			return errors.New("more hits than arrivals")
		}
		i = int64(b.arrival(int(i)))
		a.Workload.Request(int(i), t)
		t.URL += "#" + strconv.FormatInt(i, 10)
		return nil
	}
}

// arrival is the number that the targeter gave the request of r.
func arrival(r *vegeta.Result) int {
	i, err := strconv.Atoi(r.URL[strings.LastIndexByte(r.URL, '#')+1:])
	if err != nil {
		return int(r.Seq)
	}
	return i
}

func (a Attack) operation(r *vegeta.Result) string { return a.Workload.Operation(arrival(r)) }
