package loop

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench/http1"
)

const (
	// patience is how long an answer may lie unread: its time is the kernel's.
	patience = time.Millisecond
	// large is how many bytes an answer may have that lies unread: beyond, the server may wait for room.
	large = 32 << 10
	// fresh is how long ago one must have looked which lines still live, when one is used.
	fresh = 100 * time.Microsecond
	// few is up to how many lines are tried, where asking which of them have something would cost more; and it is
	// asked that often all the same, for the idle ones.
	few   = 4
	often = 50 * time.Millisecond
	// mostUnjudged is how many ended exchanges may wait for the feed while requests are due.
	mostUnjudged = 1000
	// forever is longer than any run waits without an event.
	forever = time.Hour
)

// Loop does exchanges on one thread. Its connections are kept from one run to the next.
type Loop struct {
	transport *http1.Transport // It makes connections, does what the loop does not, and has the bounds.

	running sync.Mutex
	opened  bool // The system is.
	system  system
	lines   lines
	out     http1.Outgoing
}

// Feed is what a run sends, and takes what came back. Its methods are called from the loop's thread alone, and
// must not wait.
type Feed interface {
	// Due is when the next request is due; ok is false when there is none left.
	Due() (at time.Time, ok bool)
	// Release is called once, when the next request is due, with how many exchanges are under way. False
	// means that it is not sent.
	Release(busy int) bool
	// Fill fills in the request that was released last, and its number.
	Fill(x *Exchange)
	// Done takes an exchange that has ended. It keeps neither x nor the header of its answer, which others share.
	Done(x *Exchange)
}

// Run is how a feed is sent.
type Run struct {
	Feed Feed
	Most int           // exchanges at once; while as many are under way, requests that are due wait
	Spin time.Duration // the last part of each wait, spent looking at the clock
	// Grain is the least time from one wake-up to the next: requests due meanwhile leave together.
	Grain time.Duration
	// MostBody is how many bytes of an answer's body are kept.
	MostBody int64
	// Own says that there is a processor for this thread alone (of GOMAXPROCS): it keeps it while it waits, which
	// costs less than to give it back and ask for it again.
	Own bool
	// Ahead does something else that takes less time than there is until a request is due, and tells whether it
	// did; nil for nothing.
	Ahead func(due time.Time) bool
}

// ErrBusy is a second run beside another one of the same loop.
var ErrBusy = errors.New("the loop is running")

// New returns a loop whose exchanges are the transport's.
func New(t *http1.Transport) *Loop { return &Loop{transport: t} }

// Run sends all that the feed has, and returns when all has ended, or soon after ctx is done: then exchanges
// under way are broken off, Done sees them with the context's cause, and that is the error. Any other error comes
// before anything was asked of the feed: ErrBusy, or what the system lacks.
func (l *Loop) Run(ctx context.Context, r Run) error {
	if !l.running.TryLock() {
		return ErrBusy
	}
	defer l.running.Unlock()
	if !l.opened {
		if err := l.system.open(); err != nil {
			return err
		}
		l.opened = true
	}
	l.system.keep = r.Own
	stay()
	defer leave()
	defer l.ringWith(ctx)()
	u := &underWay{Run: r, ctx: ctx, transport: l.transport, system: &l.system, lines: &l.lines, out: &l.out,
		mostIdle: cmp.Or(l.transport.MaxIdle, http1.DefaultMaxIdle)}
	u.poll(0) // Lines may have died since the last run.
	for ctx.Err() == nil {
		u.giveUp()
		u.release()
		u.judge()
		if !u.left && !u.held && u.busy == 0 && len(u.ended) == 0 {
			u.errands.wait.Wait() // Connections may come late to exchanges that were given up.
			u.collect()
			return nil
		}
		u.await()
	}
	u.breakOff()
	return context.Cause(ctx)
}

// ringWith rings when ctx is done, until the function that it returns is called.
func (l *Loop) ringWith(ctx context.Context) (end func()) {
	rung := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(rung)
		l.system.ring()
	})
	return func() {
		if !stop() {
			<-rung
		}
	}
}

// CloseIdle closes all connections, which are idle when it does not run. It waits while it runs.
func (l *Loop) CloseIdle() {
	l.running.Lock()
	defer l.running.Unlock()
	l.lines.closeAll()
	if l.opened {
		_ = l.system.close() // There is nothing to be lost.
		l.opened = false
	}
}

// underWay is one run of a loop.
type underWay struct {
	Run
	ctx       context.Context
	transport *http1.Transport
	system    *system
	lines     *lines
	out       *http1.Outgoing
	mostIdle  int // lines of a place

	due  time.Time // when the next request is due
	left bool      // There is one.
	held bool      // One was released and waits for a place.
	busy int       // exchanges under way
	slow int       // of them, those that are sending or partial

	stamped bool // The last answer had a stamp.
	clock   clock
	large   bool      // An answer was so large that it must not lie unread.
	polled  time.Time // when events were last taken
	looked  time.Time // when answers were last looked for
	woken   time.Time // when the last wait for a request ended
	yielded time.Time // when the turn under way began

	flying  deadlines
	ended   []*Exchange // The feed is to be told of them, from judged on.
	judged  int
	unused  spares
	errands errands
}

// judge hands exchanges that have ended to the feed, until a request is due.
func (u *underWay) judge() {
	for len(u.ended) > u.judged {
		if u.left && !u.held && len(u.ended)-u.judged < mostUnjudged && time.Until(u.due) <= 0 {
			break
		}
		x := u.ended[u.judged]
		u.ended[u.judged] = nil
		u.judged++
		u.Feed.Done(x)
		u.unused.put(x)
	}
	if n := len(u.ended) - u.judged; n == 0 || u.judged > mostUnjudged {
		copy(u.ended, u.ended[u.judged:])
		clear(u.ended[n:])
		u.ended, u.judged = u.ended[:n], 0
	}
}

// breakOff ends all that is under way, and closes all connections.
func (u *underWay) breakOff() {
	for x := u.flying.oldest; x != nil; x = u.flying.oldest {
		x.Err = context.Cause(u.ctx)
		u.end(x, time.Now())
	}
	u.lines.closeAll()
	u.errands.wait.Wait()
	u.collect()
	u.held, u.left = false, false
	u.judge()
}
