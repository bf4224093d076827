package generator

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// This is the hot path where package loop does not apply: what happens to a request between the pacer, which releases
// it, and the recorder.
//
// The budget of a request at 2,000/s, in shares of its CPU (docs/performance.md has the figures):
//
//	37 %  the kernel wakes this process up, for the arrival and for its answer, and lets it sleep again
//	20 %  the kernel carries the request over TCP, and tells of the answer (epoll)
//	12 %  the kernel's entry for 1 write, 2 reads (one looks whether the connection lives), 2.8 waits, 1 timer
//	12 %  Go's scheduler and poller
//	 4 %  7 allocations and their collection
//	15 %  all that is ours and the libraries': 3 % http1, 5 % schedule, recorder and histograms, 1 % the clock
//
// team are the workers of an attack, each of which sends one request at a time on its own
// goroutine: as many as are needed at once, and not for long more. The one that became idle last
// is next, so that after a stall the others have nothing to do, and go.
//
// Note: vegeta's Attacker was here. It starts workers as it needs them and lets none of them go, hands
// each result to another goroutine, and makes a net/http request of each target: 16 of 21 allocations,
// and two of four hand-overs between goroutines. Its Pacer, Target and Result stayed.
type team struct {
	hit  func(seq uint64, arrival int, t *vegeta.Target) // sends, and takes the result
	most int                                             // workers

	counters *Counters
	all      sync.WaitGroup
	mu       sync.Mutex
	idle     []*worker // The one that became idle last comes last.
	count    int       // of workers
	wanted   bool      // The next idle worker is to be given.
	given    chan *worker
	over     bool
}

// worker sends one request after another.
type worker struct {
	task  chan task
	since time.Time // It has been idle since then.
}

// task is one request to send: which send it is, and of which arrival.
type task struct {
	seq     uint64
	arrival int
}

// idleFor is how long a worker may have nothing to do before it goes.
const idleFor = 5 * time.Second

func newTeam(most int, c *Counters, hit func(uint64, int, *vegeta.Target)) *team {
	return &team{hit: hit, most: most, counters: c, given: make(chan *worker, 1)}
}

// send has a worker send an arrival. While all that may be are busy it waits for one; false means that
// the context ended before. It is called from one goroutine.
func (t *team) send(ctx context.Context, next task) bool {
	w := t.take(ctx)
	if w == nil {
		return false
	}
	w.task <- next
	return true
}

func (t *team) take(ctx context.Context) *worker {
	t.mu.Lock()
	if n := len(t.idle); n > 0 {
		w := t.idle[n-1]
		t.idle[n-1] = nil
		t.idle = t.idle[:n-1]
		t.letGo(w.since)
		t.mu.Unlock()
		return w
	}
	if t.count < t.most {
		w := &worker{task: make(chan task, 1)}
		t.count++
		t.counters.workers.Store(int64(t.count))
		t.mu.Unlock()
		t.all.Go(func() { t.work(w) })
		return w
	}
	t.wanted = true
	t.mu.Unlock()
	select {
	case w := <-t.given:
		return w
	case <-ctx.Done():
		return nil
	}
}

// letGo lets the worker go that has been idle longest, when that was long before now.
func (t *team) letGo(now time.Time) {
	if len(t.idle) == 0 || now.Sub(t.idle[0].since) < idleFor {
		return
	}
	close(t.idle[0].task)
	t.idle[0] = nil
	t.idle = t.idle[1:]
	t.count--
	t.counters.workers.Store(int64(t.count))
}

// work is the life of a worker.
func (t *team) work(w *worker) {
	var target vegeta.Target
	for next := range w.task {
		target = vegeta.Target{}
		t.hit(next.seq, next.arrival, &target)
		w.since = time.Now()
		t.mu.Lock()
		switch {
		case t.over:
			close(w.task)
		case t.wanted:
			t.wanted = false
			t.given <- w
		default:
			t.idle = append(t.idle, w)
		}
		t.mu.Unlock()
	}
}

// end waits until all requests have ended, and the workers with them.
func (t *team) end() {
	t.mu.Lock()
	t.over = true
	for _, w := range t.idle {
		close(w.task)
	}
	t.idle = nil
	select {
	case w := <-t.given: // Nobody came for it.
		close(w.task)
	default:
	}
	t.mu.Unlock()
	t.all.Wait()
	t.counters.workers.Store(0)
}

// send sends a request, and reads its answer into r: with our own transport nothing of net/http is
// in between.
func (c *Client) send(t *vegeta.Target, r *vegeta.Result) {
	var answer http1.Answer
	var err error
	if c.own != nil {
		answer, err = c.own.Exchange(http1.Request{Method: t.Method, URL: t.URL, Header: t.Header, Body: t.Body},
			MaxBody)
	} else {
		answer, err = c.do(t)
	}
	fillIn(r, len(t.Body), answer, err)
}

// fillIn fills in how a request ended whose body had so many bytes.
func fillIn(r *vegeta.Result, out int, answer http1.Answer, err error) {
	r.Body, r.BytesIn = answer.Body, uint64(len(answer.Body))
	if err != nil {
		r.Error = err.Error()
		return
	}
	r.BytesOut, r.Code, r.Headers = uint64(out), uint16(answer.Code), answer.Header
	if answer.Code >= http.StatusBadRequest {
		r.Error = answer.Status
	}
}

// do sends a request by net/http.
func (c *Client) do(t *vegeta.Target) (http1.Answer, error) {
	req, err := t.Request()
	if err != nil {
		return http1.Answer{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return http1.Answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody))
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
	}
	return http1.Answer{Code: resp.StatusCode, Status: resp.Status, Header: resp.Header, Body: body}, err
}
