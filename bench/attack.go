package bench

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench/http1"
)

// maxBody bounds what is kept of one answer, in bytes: far more than any answer of
// an authorization server, far less than a stream that never ends.
const maxBody = 1 << 20

// Attack sends one schedule of a workload once.
type Attack struct {
	Client   *Client
	Schedule Schedule
	Workload Workload
	// MaxWorkers is how many requests may be in flight; 0 is DefaultMaxWorkers. When
	// all are busy, arrivals wait, and their response time counts the wait.
	MaxWorkers int
	// Counters may be watched while the attack runs; nil is allowed.
	Counters *Counters
}

// DefaultMaxWorkers bounds goroutines and connections when a server hangs.
const DefaultMaxWorkers = 2048

// Counters tell how far an attack is. Safe for concurrent use.
type Counters struct {
	released, ended, failed atomic.Int64
}

// Released is how many arrivals have become due and been given to a worker.
func (c *Counters) Released() int64 { return c.released.Load() }

// Ended is how many arrivals have ended, in whatever outcome.
func (c *Counters) Ended() int64 { return c.ended.Load() }

// Failed is how many arrivals have ended in anything but OK.
func (c *Counters) Failed() int64 { return c.failed.Load() }

// Run sends every arrival when it is due and hands each result to the recorder. It
// returns when all have ended, or soon after ctx is done: then nothing more is sent,
// requests in flight are broken off, and the error is the context's cause.
func (a Attack) Run(ctx context.Context, rec *Recorder) error {
	anchor := time.Now()
	rec.begin(anchor)
	err := a.send(ctx, anchor, func(r *vegeta.Result, answer Answer) {
		rec.add(int(r.Seq), a.operation(r), r, answer)
	})
	rec.end(time.Now())
	return err
}

// send is the attack itself. took is called for one result after another.
//
// Note: every call makes a new vegeta.Attacker; a used one silently sends nothing.
func (a Attack) send(ctx context.Context, anchor time.Time, took func(*vegeta.Result, Answer)) error {
	workers := a.MaxWorkers
	if workers == 0 {
		workers = DefaultMaxWorkers
	}
	counters := a.Counters
	if counters == nil {
		counters = &Counters{}
	}
	attacker := vegeta.NewAttacker(
		vegeta.Client(a.Client.HTTP()),
		vegeta.Workers(uint64(min(workers, 10))),
		vegeta.MaxWorkers(uint64(workers)),
		vegeta.MaxBody(maxBody),
	)
	aborted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(aborted)
		attacker.Stop()
		a.Client.abort()
	})
	defer func() {
		if !stop() { // it runs, or has run
			<-aborted
			a.Client.resume()
		}
	}()
	pacer := newPacer(ctx, anchor, a.Schedule, counters)
	if a.Client.real {
		alarm, err := newAlarm()
		if err != nil {
			return err
		}
		defer alarm.close()
		defer context.AfterFunc(ctx, alarm.interrupt)()
		pacer.alarm = alarm
	}
	for r := range attacker.Attack(a.targeter(), pacer, 0, "") {
		if ctx.Err() != nil {
			continue // broken off by us: says nothing of the server
		}
		answer := a.judge(r)
		took(r, answer)
		counters.ended.Add(1)
		if answer.Outcome != OK {
			counters.failed.Add(1)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// targeter numbers the requests. The number travels in the URL's fragment, which is
// never sent to the server but comes back in Result.URL, so that the answer can be
// checked against what was asked.
func (a Attack) targeter() vegeta.Targeter {
	var next atomic.Int64
	n := int64(len(a.Schedule.Arrivals))
	return func(t *vegeta.Target) error {
		i := next.Add(1) - 1
		if i >= n {
			return errors.New("more hits than arrivals")
		}
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
func (a Attack) judge(r *vegeta.Result) Answer {
	if r.Code != 0 {
		return a.Workload.Check(arrival(r), r)
	}
	for _, b := range brokenOff {
		if strings.Contains(r.Error, b.text) {
			return b.Answer
		}
	}
	return Answer{Unreachable, "connection broken"}
}

// brokenOff are the ends of an exchange that brought no whole answer, by what their
// error's text contains: the first that fits counts.
var brokenOff = []struct {
	text string
	Answer
}{
	{http1.ConnectTimeout.String(), Answer{Timeout, "not connected in time"}},
	{"Client.Timeout", Answer{Timeout, "no answer in time"}},
	{"deadline exceeded", Answer{Timeout, "no answer in time"}},
	{"i/o timeout", Answer{Timeout, "no answer in time"}},
	{http1.Timeout.String(), Answer{Timeout, "no answer in time"}},
	{"connection refused", Answer{Unreachable, "connection refused"}},
	{http1.NoConnection.String(), Answer{Unreachable, "no connection"}},
	// The server closed an idle connection as a request came. Whether it acted on the
	// request is not known, so it was not sent again.
	{http1.BrokenKept.String(), Answer{Unreachable, "kept connection broken after the request was sent"}},
	{http1.BrokenNew.String(), Answer{Unreachable, "new connection broken after the request was sent"}},
	{http1.BrokenAnswer.String(), Answer{Unreachable, "connection broken within the answer"}},
	{"malformed HTTP", Answer{Unreachable, "not HTTP"}},
}
