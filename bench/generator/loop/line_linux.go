package loop

import (
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oauthbench/oauthbench/bench/http1"
)

// line is one connection. It belongs to one exchange at a time, or is idle.
type line struct {
	fd         int
	slot       int32
	generation int32
	to         *place
	in         *http1.Incoming
	x          *Exchange // nil when it is idle
	kept       bool      // It has served before.
	spoilt     error     // why no more of the request can be sent on it
	idleSince  time.Time
	alive      time.Time // It was last seen to live then.
	writes     bool      // Events tell when more of a request can be sent.
}

// place is where lines lead to, with those that are idle, the one used last on top.
type place struct {
	address string
	idle    []*line
}

// last is the idle line that was used last; nil when there is none.
func (p *place) last() *line {
	if n := len(p.idle); n > 0 {
		return p.idle[n-1]
	}
	return nil
}

// lines are the connections of a loop. Each has a slot, and slots are used again: a line is known by its slot and
// generation.
type lines struct {
	all         []*line
	generations []int32
	free        []int32 // slots
	places      []*place
}

// place is that of an address.
func (l *lines) place(address string) *place {
	for _, p := range l.places {
		if p.address == address {
			return p
		}
	}
	p := &place{address: address}
	l.places = append(l.places, p)
	return p
}

// of is the line that an event is about; nil when it is gone.
func (l *lines) of(slot, generation int32) *line {
	if int(slot) >= len(l.all) || l.all[slot] == nil || l.generations[slot] != generation {
		return nil
	}
	return l.all[slot]
}

// add makes a line of a descriptor.
func (l *lines) add(fd int, to *place) *line {
	if len(l.free) == 0 {
		l.free = append(l.free, int32(len(l.all)))
		l.all, l.generations = append(l.all, nil), append(l.generations, 0)
	}
	slot := l.free[len(l.free)-1]
	l.free = l.free[:len(l.free)-1]
	ln := &line{fd: fd, slot: slot, generation: l.generations[slot], to: to}
	l.all[slot] = ln
	return ln
}

// close ends a line. If it is idle, it is the caller who takes it out of its place.
func (l *lines) close(ln *line) {
	_ = unix.Close(ln.fd) // whatever it says, we are done with it
	l.all[ln.slot] = nil
	l.generations[ln.slot]++
	l.free = append(l.free, ln.slot)
}

// closeIdle ends an idle line.
func (l *lines) closeIdle(ln *line) {
	idle := ln.to.idle
	for i := len(idle) - 1; i >= 0; i-- {
		if idle[i] == ln {
			copy(idle[i:], idle[i+1:])
			idle[len(idle)-1] = nil
			ln.to.idle = idle[:len(idle)-1]
			break
		}
	}
	l.close(ln)
}

// take is the idle line that was used last; nil when there is none that is young enough.
func (l *lines) take(p *place, now time.Time) *line {
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	ln := p.idle[n-1]
	if now.Sub(ln.idleSince) > http1.DefaultIdleTimeout { // and so are all below
		for n := range p.idle {
			l.close(p.idle[n])
			p.idle[n] = nil
		}
		p.idle = p.idle[:0]
		return nil
	}
	p.idle[n-1] = nil
	p.idle = p.idle[:n-1]
	return ln
}

// put keeps a line that may be used again. One that the load has not needed for long is ended.
func (l *lines) put(ln *line, now time.Time, most int) {
	p := ln.to
	ln.x, ln.kept, ln.idleSince = nil, true, now
	if len(p.idle) > 0 && now.Sub(p.idle[0].idleSince) > http1.DefaultIdleTimeout {
		l.closeIdle(p.idle[0])
	}
	if len(p.idle) >= most {
		l.close(ln)
		return
	}
	p.idle = append(p.idle, ln)
}

// closeAll ends all lines.
func (l *lines) closeAll() {
	for _, ln := range l.all {
		if ln != nil {
			_ = unix.Close(ln.fd)
		}
	}
	*l = lines{}
}

// watchLine has the events of a line told, and others beside the usual ones.
func (s *system) watchLine(ln *line, how int, others uint32) error {
	return s.watch(ln.fd, ln.slot, ln.generation, how, unix.EPOLLIN|unix.EPOLLRDHUP|others)
}

// detach takes the descriptor of a connection from the runtime, whose poller would wake up for it as well.
func detach(conn net.Conn) (fd int, err error) {
	defer conn.Close()
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return -1, errors.ErrUnsupported
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd = -1
	if controlled := raw.Control(func(from uintptr) {
		fd, err = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0)
	}); controlled != nil {
		return -1, controlled
	}
	if err != nil {
		return -1, err
	}
	// Without stamps the loop listens, and without being told that nothing follows it asks once more.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_INQ, 1)
	return fd, nil
}
