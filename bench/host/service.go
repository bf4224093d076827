package host

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Service is a server that runs on this machine already and that somebody else started: the
// processes that listen at its address, their descendants, and those that they have
// connected to by loopback or by a socket of a file, such as the server behind a proxy and
// the database behind the server.
//
// Not seen: processes of other users, where this one may not look at them, and work that is
// handed on in other ways. Where a process of the service talks to another network of this
// machine, such as that of containers, what the service spends is not known.
type Service struct {
	addresses []netip.AddrPort // where it listens
	given     []int            // processes that were named instead

	mu     sync.Mutex
	spent  time.Duration // until the last look
	last   map[int]process
	hidden bool // a part of it was seen to be where this program cannot look
}

// process is one reading of a process.
type process struct {
	parent int
	own    time.Duration // its CPU time
	reaped time.Duration // that of its children that have ended
}

// ListeningAt is the service at an address of this machine; nil where none can be seen.
func ListeningAt(addresses ...netip.AddrPort) *Service {
	return found(&Service{addresses: addresses})
}

// ServiceOf is the service of these processes; nil where one of them cannot be seen.
func ServiceOf(pids ...int) *Service { return found(&Service{given: pids}) }

func found(s *Service) *Service {
	if !s.Usage().Known {
		return nil
	}
	return s
}

// Usage reads what the service has spent since it was found. Known is false while nothing
// listens there, and when a part of it cannot be looked at. Its peak memory is not told: it
// would be that of its whole life. Safe for concurrent use.
func (s *Service) Usage() bench.Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := processes()
	members, whole := s.members(now, readSockets())
	s.hidden = s.hidden || !whole
	if len(members) == 0 || s.hidden {
		return bench.Usage{}
	}
	if s.last != nil {
		s.spent += spentSince(s.last, now, members)
	}
	s.last = now
	return bench.Usage{CPU: s.spent, Known: true}
}

// String names the processes that listen.
func (s *Service) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var words []string
	for _, pid := range s.roots(processes(), readSockets()) {
		words = append(words, fmt.Sprintf("%s (process %d)", processName(pid), pid))
	}
	const most = 3
	if len(words) > most {
		words = append(words[:most], fmt.Sprintf("%d more", len(words)-most))
	}
	return strings.Join(words, ", ")
}

// spentSince is what the members have spent between two readings. A child that has ended
// handed what it had spent to its parent, of which a part was counted before.
func spentSince(before, now map[int]process, members map[int]bool) time.Duration {
	var sum time.Duration
	ended := map[int]time.Duration{} // by parent
	for pid, p := range before {
		if _, lives := now[pid]; !lives {
			ended[p.parent] += p.own + p.reaped
		}
	}
	for pid := range members {
		p, was := now[pid], before[pid]
		sum += max(p.own-was.own, 0) // A number that was given anew began at 0.
		sum += max(p.reaped-was.reaped-ended[pid], 0)
	}
	return sum
}

// roots are the processes that listen, or that were given. Process 1 and systemd hold sockets
// for others.
func (s *Service) roots(all map[int]process, sockets sockets) []int {
	pids := slices.Clone(s.given)
	for _, l := range sockets.listening {
		if slices.ContainsFunc(s.addresses, l.hears) {
			pids = append(pids, sockets.holders[l.inode]...)
		}
	}
	pids = slices.DeleteFunc(pids, func(pid int) bool {
		_, lives := all[pid]
		return !lives || pid == 1 || processName(pid) == "systemd"
	})
	slices.Sort(pids)
	return slices.Compact(pids)
}

// members are the processes of the service; whole is false when one of them talks to
// something on this machine that cannot be looked at.
func (s *Service) members(all map[int]process, sockets sockets) (members map[int]bool, whole bool) {
	members, whole = map[int]bool{}, true
	children := map[int][]int{}
	for pid, p := range all {
		children[p.parent] = append(children[p.parent], pid)
	}
	ours := map[int]bool{1: true}
	for pid := os.Getpid(); pid > 1; pid = all[pid].parent {
		ours[pid] = true
	}
	add := s.roots(all, sockets)
	for len(add) > 0 {
		pid := add[0]
		add = add[1:]
		if members[pid] || ours[pid] {
			continue
		}
		members[pid] = true
		add = append(add, children[pid]...)
		for _, inode := range sockets.held[pid] {
			partners, seen := sockets.served(inode)
			whole = whole && seen
			add = append(add, partners...)
		}
	}
	return members, whole
}

// tcpSocket is a line of /proc/net/tcp.
type tcpSocket struct {
	local, remote netip.AddrPort
	inode         uint64
}

// hears tells whether a listening socket takes connections to an address.
func (t tcpSocket) hears(a netip.AddrPort) bool {
	local := t.local.Addr()
	return t.local.Port() == a.Port() && (local.IsUnspecified() || local == a.Addr())
}

// sockets are those of this machine, and who holds them.
type sockets struct {
	listening []tcpSocket
	byInode   map[uint64]tcpSocket // connected
	peers     map[uint64]uint64    // unix sockets: of who connected, the other end
	holders   map[uint64][]int
	held      map[int][]uint64
	own       []netip.Prefix // networks that this machine is in
}

// served are the processes at the other end of a socket, if its holder connected to them;
// seen is false when the other end may be on this machine and cannot be looked at.
func (s sockets) served(inode uint64) (pids []int, seen bool) {
	if peer, ok := s.peers[inode]; ok {
		return s.holders[peer], true
	}
	c, ok := s.byInode[inode]
	if !ok {
		return nil, true
	}
	mine := slices.ContainsFunc(s.listening, func(l tcpSocket) bool { return l.hears(c.local) })
	if mine { // It was connected to.
		return nil, true
	}
	for _, l := range s.listening {
		if l.hears(c.remote) {
			pids = append(pids, s.holders[l.inode]...)
		}
	}
	there := func(p netip.Prefix) bool { return p.Contains(c.remote.Addr()) }
	local := c.remote.Addr().IsLoopback() || slices.ContainsFunc(s.own, there)
	return pids, len(pids) > 0 || !local
}
