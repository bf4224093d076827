package loop

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// errands are what goroutines do for a run: make connections, and exchanges that are not the loop's.
type errands struct {
	wait sync.WaitGroup
	out  int // that are under way, or not collected
	mu   sync.Mutex
	back []errand
}

// errand is one that is done.
type errand struct {
	x    *Exchange
	made bool // a connection, of this descriptor; else an exchange
	fd   int
	err  error
	at   time.Time
}

// run does an errand of an exchange on a goroutine, which rings when it is done.
func (r *errands) run(x *Exchange, ring func(), do func() errand) {
	r.out++
	x.away = true
	r.wait.Go(func() {
		e := do()
		e.x, e.at = x, time.Now()
		r.mu.Lock()
		r.back = append(r.back, e)
		r.mu.Unlock()
		ring()
	})
}

// take are the errands that are done, each once.
func (r *errands) take() []errand {
	r.mu.Lock()
	defer r.mu.Unlock()
	back := r.back
	r.back = nil
	r.out -= len(back)
	return back
}

// connect has a line made for an exchange.
func (u *underWay) connect(x *Exchange, to *place) {
	deadline := x.deadline
	u.errands.run(x, u.system.ring, func() errand {
		conn, err := u.transport.Connect(u.ctx, to.address, deadline)
		if err != nil {
			return errand{made: true, err: err}
		}
		fd, err := detach(conn)
		if err != nil {
			err = &http1.Error{Kind: http1.NoConnection, Err: err}
		}
		return errand{made: true, fd: fd, err: err}
	})
}

// elsewhere has an exchange done that is not the loop's.
func (u *underWay) elsewhere(x *Exchange) {
	u.errands.run(x, u.system.ring, func() errand {
		answer, err := u.transport.Exchange(x.Request, u.MostBody)
		x.Answer = answer
		return errand{err: err}
	})
}

// collect takes the errands that are done.
func (u *underWay) collect() {
	for _, e := range u.errands.take() {
		e.x.away = false
		switch {
		case e.made && e.err == nil:
			u.connected(e)
		case e.x.phase == ended: // It was given up meanwhile.
		default:
			e.x.Err = e.err
			u.end(e.x, e.at)
		}
	}
}

// connected takes a new line, for the exchange that it was made for, or for others when that has been given up.
func (u *underWay) connected(e errand) {
	if u.ctx.Err() != nil {
		_ = unix.Close(e.fd) // Nothing is to be lost.
		return
	}
	ln := u.lines.add(e.fd, u.lines.place(e.x.to.Address))
	ln.in = http1.NewIncoming(u.transport)
	if err := u.system.watchLine(ln, unix.EPOLL_CTL_ADD, 0); err != nil {
		u.lines.close(ln)
		if e.x.phase != ended {
			e.x.Err = &http1.Error{Kind: http1.NoConnection, Err: err}
			u.end(e.x, e.at)
		}
		return
	}
	if e.x.phase == ended {
		u.lines.put(ln, e.at, u.mostIdle)
		ln.kept = false
		return
	}
	u.begin(ln, e.x)
}
