package loop

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// What is not on the way of most requests.

// ready does what an event of a line asks for.
func (u *underWay) ready(ln *line, events uint32) {
	const over = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	const said = unix.EPOLLIN | over
	x := ln.x
	if x == nil {
		if events&said != 0 { // Of an idle line anything but silence is its end.
			u.lines.closeIdle(ln)
		}
		return
	}
	if events&unix.EPOLLOUT != 0 && x.sent < len(x.out) && ln.spoilt == nil {
		u.push(ln)
	}
	if events&said != 0 && ln.x == x && x.phase != ended {
		u.pull(ln)
	}
	if events&over != 0 && ln.x == nil && u.lines.of(ln.slot, ln.generation) == ln { // Its end came with the answer.
		u.lines.closeIdle(ln)
	}
}

// wait has the rest of a line's request sent when the system takes more.
func (u *underWay) wait(ln *line) {
	u.slow += ln.x.become(sending)
	if ln.writes {
		return
	}
	if err := u.system.watchLine(ln, unix.EPOLL_CTL_MOD, unix.EPOLLOUT); err != nil {
		u.fail(ln, ln.cause(err))
		return
	}
	ln.writes = true
}

// spoil takes that no more of a line's request can be sent: the server may have answered early, and closed.
func (u *underWay) spoil(ln *line, errno syscall.Errno) {
	if ln.x.sent == 0 {
		u.broken(ln, errno)
		return
	}
	ln.spoilt = errno
	u.pull(ln)
}

// broken takes the end of a line that has an exchange; errno is 0 when the server ended it.
func (u *underWay) broken(ln *line, errno syscall.Errno) {
	x, why := ln.x, error(errno)
	if errno == 0 {
		why = io.EOF
	}
	if x.sent == 0 && ln.kept { // Not a byte has left: the next line, at last a new one.
		u.lines.close(ln)
		u.slow += x.become(made)
		ln.x, x.line = nil, nil
		u.start(x)
		return
	}
	whole, err := ln.in.End(why)
	if whole {
		u.answered(ln, reading{})
		return
	}
	u.fail(ln, ln.cause(err))
}

// cause is what an error of a line means for its exchange.
func (ln *line) cause(err error) error {
	if e := (*http1.Error)(nil); errors.As(err, &e) {
		return e
	}
	kind := http1.BrokenNew
	switch {
	case errors.Is(err, unix.ETIMEDOUT):
		kind = http1.Timeout
	case ln.in.Began():
		kind = http1.BrokenAnswer
	case ln.x.sent == 0:
		kind = http1.NoConnection
	case ln.kept:
		kind = http1.BrokenKept
	}
	if ln.spoilt != nil && !ln.in.Began() {
		err = ln.spoilt
	}
	return &http1.Error{Kind: kind, Err: err}
}

// fail ends a line and its exchange.
func (u *underWay) fail(ln *line, err error) {
	ln.x.Err = err
	u.end(ln.x, time.Now())
	ln.x = nil
	u.lines.close(ln)
}

// giveUp ends exchanges that are too late. Answers that came in time have been read.
func (u *underWay) giveUp() {
	for x := u.flying.oldest; x != nil && !x.deadline.IsZero() && !x.deadline.After(u.looked); x = u.flying.oldest {
		if x.line != nil {
			u.fail(x.line, &http1.Error{Kind: http1.Timeout, Err: os.ErrDeadlineExceeded})
			continue
		}
		x.Err = &http1.Error{Kind: http1.ConnectTimeout, Err: os.ErrDeadlineExceeded}
		u.end(x, time.Now())
	}
}
