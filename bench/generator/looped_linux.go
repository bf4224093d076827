package generator

import (
	"runtime"
	"strings"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench/generator/loop"
	"github.com/oauthbench/oauthbench/bench/http1"
)

// eventLoop sends plain HTTP/1.1 on a thread of its own; nil does not.
type eventLoop struct{ loop *loop.Loop }

func newEventLoop(t *http1.Transport) *eventLoop { return &eventLoop{loop.New(t)} }

func (e *eventLoop) close() {
	if e != nil {
		e.loop.CloseIdle()
	}
}

// loops tells whether this attack is one for the loop: the first arrival's request says whether the server is
// asked by plain HTTP. In a load that asks by both, the loop has others do what it cannot.
func (c *collector) loops() bool {
	a := c.attack
	if a.Client.loop == nil || !a.precise() || a.Schedule.Count == 0 {
		return false
	}
	c.first = &vegeta.Target{}
	a.Workload.Request(0, c.first)
	return strings.HasPrefix(c.first.URL, "http://")
}

// loop sends the attack by the client's loop. False means that it could not run, and nothing was sent.
func (c *collector) loop(p *pacer) bool {
	f := &looped{collector: c, pacer: p}
	run := loop.Run{Feed: f, Most: int(p.workers), Spin: p.spin, Grain: p.grain, MostBody: MaxBody, Own: true}
	if p.ahead != nil {
		run.Ahead = p.makeAhead
	}
	defer ownProcessor()()
	return c.attack.Client.loop.loop.Run(c.ctx, run) == nil || c.ctx.Err() != nil
}

// raised is held while GOMAXPROCS is raised or lowered.
var raised sync.Mutex

// ownProcessor has one processor more while a loop runs, and returns what takes that back. Each of several loops at
// once has its own, in whatever order they end.
func ownProcessor() (giveBack func()) {
	by := func(n int) {
		raised.Lock()
		defer raised.Unlock()
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
	}
	by(1)
	return func() { by(-1) }
}

// looped is an attack as the loop's feed. It implements loop.Feed.
type looped struct {
	*collector
	pacer  *pacer
	target vegeta.Target
	result vegeta.Result
	seq    uint64
}

// Due implements loop.Feed.
func (f *looped) Due() (time.Time, bool) { return f.pacer.due() }

// Release implements loop.Feed.
func (f *looped) Release(busy int) bool { return f.pacer.release(int64(busy)) }

// Fill implements loop.Feed.
func (f *looped) Fill(x *loop.Exchange) {
	f.target = vegeta.Target{}
	f.request(f.pacer.arrival, &f.target)
	t := &f.target
	x.Number = f.pacer.arrival
	x.Request = http1.Request{Method: t.Method, URL: t.URL, Header: t.Header, Body: t.Body}
}

// Done implements loop.Feed.
func (f *looped) Done(x *loop.Exchange) {
	r := &f.result
	*r = vegeta.Result{Seq: f.seq, Timestamp: x.Began, Latency: x.Ended.Sub(x.Began), Method: x.Request.Method,
		URL: x.Request.URL}
	f.seq++
	fillIn(r, len(x.Request.Body), x.Answer, x.Err)
	f.take(x.Number, r, x.Read)
}
