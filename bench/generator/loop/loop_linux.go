package loop

import (
	"time"

	"golang.org/x/sys/unix"
)

// This is the hot path: what happens to a request from when it is due until its answer is handed on.
//
// The budget of a request at 2,000/s, in shares of the process's CPU (docs/performance.md has the figures):
//
//	36 %  push: 1 sendto, in which the kernel carries the request over TCP up to the server, and wakes it (16 %)
//	20 %  await: 1 clock_nanosleep until the next one is due, and the only wake-up
//	 8 %  pull: 1 recvmsg, with the answer, the time at which it came, and whether anything follows it
//	 8 %  entry and return of the three
//	 8 %  Go's scheduler takes the processor back 50 times a second; its monitor does nothing else
//	 4 %  the feed: three histograms and a time-line
//	16 %  all the rest: 3 allocations, the request copied, head compared, body copied, schedule, the clock (2 %)
//
// epoll is asked only in some moments: it is cheaper to try the few lines that wait for an answer.

// release sends what is due.
func (u *underWay) release() {
	for {
		if !u.held {
			if u.due, u.left = u.Feed.Due(); !u.left || time.Until(u.due) > 0 {
				return
			}
			if !u.Feed.Release(u.busy) {
				continue
			}
		}
		if u.held = u.busy >= u.Most; u.held {
			return
		}
		u.send()
	}
}

// send sends the request that was released last.
func (u *underWay) send() {
	x := u.unused.take()
	x.Began = time.Now()
	u.Feed.Fill(x)
	u.busy++
	if x.out, x.to, x.Err = u.out.Append(x.out[:0], x.Request); x.Err != nil {
		u.end(x, time.Now())
		return
	}
	if !x.to.Plain {
		u.elsewhere(x)
		return
	}
	if t := u.transport.Timeout; t > 0 {
		x.deadline = x.Began.Add(t)
	}
	u.flying.add(x)
	u.start(x)
}

// start sends a request on an idle line, or has one made.
func (u *underWay) start(x *Exchange) {
	to := u.lines.place(x.to.Address)
	if ln := to.last(); ln != nil && x.Began.Sub(ln.alive) > fresh && x.Began.Sub(u.polled) > fresh {
		u.poll(0)
	}
	if ln := u.lines.take(to, x.Began); ln != nil {
		u.begin(ln, x)
		return
	}
	u.connect(x, to)
}

// begin sends a request on a line.
func (u *underWay) begin(ln *line, x *Exchange) {
	ln.x, x.line = x, ln
	ln.in.Begin(x.Request.Method, u.MostBody)
	u.push(ln)
}

// push writes what the system takes of the rest of a line's request.
func (u *underWay) push(ln *line) {
	x := ln.x
	for x.sent < len(x.out) {
		n, errno := u.system.write(ln.fd, x.out[x.sent:])
		x.sent += n
		switch errno {
		case 0, unix.EINTR:
		case unix.EAGAIN:
			u.wait(ln)
			return
		default:
			u.spoil(ln, errno)
			return
		}
	}
	if x.phase == sending {
		u.slow += x.become(partial) // or nothing has come yet, which does not matter
	}
}

// pull reads what is there of a line's answer.
func (u *underWay) pull(ln *line) {
	for {
		r, errno := u.system.read(ln.fd)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			return
		case errno != 0, len(r.data) == 0:
			u.broken(ln, errno)
			return
		}
		whole, err := ln.in.Bring(r.data)
		switch {
		case err != nil:
			u.fail(ln, err)
			return
		case whole:
			u.answered(ln, r)
			return
		case ln.x.phase == made:
			u.slow += ln.x.become(partial)
		}
	}
}

// answered takes an answer, of which r is the last reading, and keeps the line if it can be used again.
func (u *underWay) answered(ln *line, r reading) {
	x, ended := ln.x, time.Time{}
	if ended, u.stamped = u.clock.when(r.at, x.Began); !u.stamped {
		ended = time.Now()
	}
	x.Answer = ln.in.Answer()
	u.large = u.large || len(x.Answer.Body) > large
	again := x.sent == len(x.out) && ln.spoilt == nil && !x.to.Last && ln.in.Reusable()
	u.end(x, ended)
	x.Read = u.looked
	if r.drained {
		ln.alive = u.looked
	}
	if again {
		u.lines.put(ln, u.looked, u.mostIdle)
	} else {
		u.lines.close(ln)
	}
}

// end ends an exchange. Its place is free; the feed is told when nothing is due.
func (u *underWay) end(x *Exchange, at time.Time) {
	u.slow += x.become(ended)
	if x.listed {
		u.flying.remove(x)
	}
	x.Ended, x.Read, x.line = at, at, nil
	u.busy--
	u.ended = append(u.ended, x)
}

// await waits until a request is due, or something else is to be done. It does not listen for answers where they
// may lie unread until then.
func (u *underWay) await() {
	if u.looked.Sub(u.yielded) > turn {
		yield()
		u.yielded = u.looked
	}
	sends := u.left && !u.held
	if len(u.ended) > 0 || sends && u.Ahead != nil && u.Ahead(u.due) {
		u.poll(0)
		return
	}
	now := time.Now()
	until := now.Add(forever)
	if sends {
		if until = u.due; u.Grain > 0 && u.woken.Add(u.Grain).After(until) {
			until = u.woken.Add(u.Grain)
		}
	}
	if x := u.flying.oldest; x != nil && !x.deadline.IsZero() && x.deadline.Before(until) {
		until, sends = x.deadline, false
	}
	d := until.Sub(now)
	if sends {
		d -= u.Spin
	}
	if quiet := u.stamped && !u.large && u.slow == 0 && u.errands.out == 0; sends && d <= patience && quiet {
		if d > 0 {
			u.system.sleep(d)
		}
		if u.busy <= few && u.looked.Sub(u.polled) < often {
			u.look()
		} else {
			u.poll(0)
		}
	} else {
		u.poll(d)
	}
	if sends {
		for left := time.Until(until); left > 0 && left <= u.Spin; left = time.Until(until) {
		}
		if u.Grain > 0 && time.Until(until) <= 0 {
			u.woken = time.Now()
		}
	}
}

// look reads the answers that have come, by trying each line that waits for one.
func (u *underWay) look() {
	u.looked = u.clock.read()
	for x := u.flying.oldest; x != nil; {
		next := x.younger
		if x.line != nil {
			u.pull(x.line)
		}
		x = next
	}
}

// poll takes all events, and waits for the first at most for d.
func (u *underWay) poll(d time.Duration) {
	s, rung := u.system, false
	n, _ := s.await(d)
	u.polled = u.clock.read()
	u.looked = u.polled
	for n > 0 {
		for _, e := range s.events[:n] {
			if e.Fd == bellSlot {
				rung = true
			} else if ln := u.lines.of(e.Fd, e.Pad); ln != nil {
				u.ready(ln, e.Events)
			}
		}
		if n < len(s.events) {
			break
		}
		n, _ = s.await(0)
	}
	if rung {
		u.collect()
	}
}
