package generator

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/bench/http1"
)

// maxBody bounds what is kept of one answer, in bytes: far more than any answer of
// an authorization server, far less than a stream that never ends.
const maxBody = 1 << 20

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

// Counters tell how far an attack is. Safe for concurrent use.
type Counters struct {
	released, ended, failed, dropped atomic.Int64
	peak, goroutines                 atomic.Int64
}

// Released is how many arrivals have become due and been given to a worker.
func (c *Counters) Released() int64 { return c.released.Load() }

// Ended is how many arrivals have ended, in whatever outcome.
func (c *Counters) Ended() int64 { return c.ended.Load() }

// Failed is how many arrivals have ended in anything but OK.
func (c *Counters) Failed() int64 { return c.failed.Load() }

// Dropped is how many arrivals were not sent because all workers were busy.
func (c *Counters) Dropped() int64 { return c.dropped.Load() }

// InFlight is how many arrivals were released and have not ended.
func (c *Counters) InFlight() int64 { return c.released.Load() - c.ended.Load() }

// Peak is how many arrivals were in flight at most, and how many goroutines there were
// then.
func (c *Counters) Peak() (inFlight, goroutines int64) { return c.peak.Load(), c.goroutines.Load() }

// release counts one more arrival, with which so many are in flight. It is called from
// one goroutine.
func (c *Counters) release(inFlight int64) {
	c.released.Add(1)
	if inFlight > c.peak.Load() {
		c.peak.Store(inFlight)
		c.goroutines.Store(int64(runtime.NumGoroutine()))
	}
}

// Run sends every arrival when it is due and hands each result to the recorder. It
// returns when all have ended, or soon after ctx is done: then nothing more is sent,
// requests in flight are broken off, and the error is the context's cause.
func (a Attack) Run(ctx context.Context, rec *Recorder) error {
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
//
// Note: every leg has a new vegeta.Attacker; a used one silently sends nothing.
func (a Attack) Send(
	ctx context.Context, anchor time.Time, done func(arrival int, r *vegeta.Result, answer bench.Answer),
) error {
	workers := a.MaxWorkers
	if workers == 0 {
		workers = bench.DefaultMaxWorkers
	}
	counters := a.Counters
	if counters == nil {
		counters = &Counters{}
	}
	aborted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(aborted)
		a.Client.abort()
	})
	defer func() {
		if !stop() { // it runs, or has run
			<-aborted
			a.Client.resume()
		}
	}()
	pacer := newPacer(ctx, anchor, a.Schedule, counters)
	pacer.workers, pacer.spin, pacer.grain = int64(workers), a.Spin, a.Grain
	if a.CatchUp == bench.Drop {
		pacer.backlog = newBacklog(len(a.Schedule.Arrivals))
	}
	if a.Client.real && a.Pacing != bench.Relaxed {
		alarm, err := newAlarm()
		switch {
		case err == nil:
			defer alarm.close()
			defer context.AfterFunc(ctx, alarm.interrupt)()
			pacer.alarm = alarm
		case !errors.Is(err, errors.ErrUnsupported):
			return err
		}
	}
	drop := func() {
		for _, arrival := range pacer.backlog.take() {
			counters.failed.Add(1)
			done(int(arrival), nil, notSent)
		}
	}
	var taking sync.WaitGroup
	var mu sync.Mutex // of two legs, the results of one are taken at a time
	take := func(send int, r *vegeta.Result) {
		counters.ended.Add(1) // its worker is free
		if ctx.Err() != nil {
			return // broken off by us: says nothing of the server
		}
		mu.Lock()
		defer mu.Unlock()
		drop()
		answer := a.judge(r)
		if answer.Outcome != bench.OK {
			counters.failed.Add(1)
		}
		done(pacer.backlog.arrival(send), r, answer)
	}
	targeter := a.targeter(pacer.backlog)
	for more := true; more; {
		leg := pacer.begin()
		attacker := vegeta.NewAttacker(
			vegeta.Client(a.Client.HTTP()),
			vegeta.Workers(uint64(min(leg.workers, firstWorkers))),
			vegeta.MaxWorkers(uint64(leg.workers)),
			vegeta.MaxBody(maxBody),
		)
		results := attacker.Attack(targeter, pacer, 0, "")
		taking.Go(func() {
			for r := range results {
				take(leg.first+int(r.Seq), r)
			}
		})
		select {
		case more = <-pacer.ended:
		case <-ctx.Done():
			more = false
			attacker.Stop() // it may be waiting for a worker
		}
	}
	taking.Wait()
	if ctx.Err() == nil {
		drop()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
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

// judge tells the outcome of a result. Without a complete answer there is nothing
// for the workload to check; vegeta leaves only the error's text to tell why.
func (a Attack) judge(r *vegeta.Result) bench.Answer {
	if r.Code != 0 {
		return a.Workload.Check(arrival(r), r)
	}
	for _, b := range brokenOff {
		if strings.Contains(r.Error, b.text) {
			return bench.Answer{Outcome: b.outcome, Case: b.what}
		}
	}
	return bench.Answer{Outcome: bench.Unreachable, Case: "connection broken"}
}

// brokenOff are the ends of an exchange that brought no whole answer, by what their
// error's text contains: the first that fits counts.
var brokenOff = []struct {
	text    string
	outcome bench.Outcome
	what    string
}{
	{http1.ConnectTimeout.String(), bench.Timeout, "not connected in time"},
	{"Client.Timeout", bench.Timeout, "no answer in time"},
	{"deadline exceeded", bench.Timeout, "no answer in time"},
	{"i/o timeout", bench.Timeout, "no answer in time"},
	{http1.Timeout.String(), bench.Timeout, "no answer in time"},
	{"connection refused", bench.Unreachable, "connection refused"},
	{http1.NoConnection.String(), bench.Unreachable, "no connection"},
	// The server closed an idle connection as a request came. Whether it acted on the
	// request is not known, so it was not sent again.
	{http1.BrokenKept.String(), bench.Unreachable, "kept connection broken after the request was sent"},
	{http1.BrokenNew.String(), bench.Unreachable, "new connection broken after the request was sent"},
	{http1.BrokenAnswer.String(), bench.Unreachable, "connection broken within the answer"},
	{"malformed HTTP", bench.Unreachable, "not HTTP"},
}
