package host

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// readSockets reads the sockets of this machine, as far as this user may look at them.
func readSockets() sockets {
	s := sockets{byInode: map[uint64]tcpSocket{}, holders: map[uint64][]int{}, held: map[int][]uint64{}}
	const established, listening = 1, 10 // states of tcp(7), as the kernel numbers them
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		for line := range strings.Lines(readFile(file)) {
			t, state, ok := parseTCP(line)
			switch {
			case ok && state == listening:
				s.listening = append(s.listening, t)
			case ok && state == established:
				s.byInode[t.inode] = t
			}
		}
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // The pattern is well formed.
	for _, link := range links {
		target, err := os.Readlink(link)
		number, isSocket := strings.CutPrefix(target, "socket:[")
		if err != nil || !isSocket {
			continue
		}
		inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64)
		pid, failed := strconv.Atoi(strings.Split(link, "/")[2])
		if err == nil && failed == nil {
			s.holders[inode] = append(s.holders[inode], pid)
			s.held[pid] = append(s.held[pid], inode)
		}
	}
	s.peers = unixPeers()
	addresses, _ := net.InterfaceAddrs() // Without them nothing is taken for this machine's.
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLoopback() {
			s.own = append(s.own, p.Masked())
		}
	}
	return s
}

// parseTCP reads a line of /proc/net/tcp or tcp6 (proc(5)).
func parseTCP(line string) (t tcpSocket, state uint64, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 10 {
		return t, 0, false
	}
	var err1, err2, err3, err4 error
	t.local, err1 = parseAddress(fields[1])
	t.remote, err2 = parseAddress(fields[2])
	state, err3 = strconv.ParseUint(fields[3], 16, 8)
	t.inode, err4 = strconv.ParseUint(fields[9], 10, 64)
	return t, state, err1 == nil && err2 == nil && err3 == nil && err4 == nil
}

// parseAddress reads "0100007F:1F90": words of four bytes in the machine's order.
func parseAddress(text string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	if err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("address %q", text)
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	number, err := strconv.ParseUint(port, 16, 16)
	a, ok := netip.AddrFromSlice(raw)
	if err != nil || !ok {
		return netip.AddrPort{}, fmt.Errorf("address %q", text)
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(number)), nil
}

// unixPeers are the other ends of the unix sockets that connected to a named one, by inode
// (sock_diag(7)); empty where the kernel does not tell.
func unixPeers() map[uint64]uint64 {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}) // It answers at once.
	const showName, showPeer = 1, 4
	request := make([]byte, unix.SizeofNlMsghdr+24)
	binary.NativeEndian.PutUint32(request[0:], uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	body := request[unix.SizeofNlMsghdr:]
	body[0] = unix.AF_UNIX
	binary.NativeEndian.PutUint32(body[4:], 1<<1) // the state of sockets that are connected
	binary.NativeEndian.PutUint32(body[12:], showName|showPeer)
	if unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil {
		return nil
	}
	named, peers := map[uint64]bool{}, map[uint64]uint64{}
	buffer := make([]byte, 1<<16)
	for began := time.Now(); time.Since(began) < time.Second; {
		n, _, err := unix.Recvfrom(fd, buffer, 0)
		if err != nil {
			break
		}
		messages, err := syscall.ParseNetlinkMessage(buffer[:n])
		if err != nil || len(messages) == 0 || !addPeers(messages, named, peers) {
			break
		}
	}
	for inode, peer := range peers {
		if named[inode] || !named[peer] {
			delete(peers, inode)
		}
	}
	return peers
}

// addPeers takes what messages say of sockets; more is false after the last one.
func addPeers(messages []syscall.NetlinkMessage, named map[uint64]bool, peers map[uint64]uint64) (more bool) {
	const nameAttribute, peerAttribute, head = 0, 2, 16
	for _, m := range messages {
		if m.Header.Type != unix.SOCK_DIAG_BY_FAMILY || len(m.Data) < head {
			return false
		}
		inode := uint64(binary.NativeEndian.Uint32(m.Data[4:]))
		for rest := m.Data[head:]; len(rest) >= 4; {
			length := int(binary.NativeEndian.Uint16(rest))
			if length < 4 || length > len(rest) {
				break
			}
			switch kind := binary.NativeEndian.Uint16(rest[2:]); {
			case kind == nameAttribute && length > 4:
				named[inode] = true
			case kind == peerAttribute && length >= 8:
				peers[inode] = uint64(binary.NativeEndian.Uint32(rest[4:]))
			}
			rest = rest[min(len(rest), (length+3)/4*4):]
		}
	}
	return true
}

// processes reads all processes that can be seen.
func processes() map[int]process {
	all := map[int]process{}
	paths, _ := filepath.Glob("/proc/[0-9]*") // The pattern is well formed.
	for _, path := range paths {
		pid, err := strconv.Atoi(filepath.Base(path))
		text := readFile(path + "/stat")
		ticks, ok := cpuTicks(text)
		if err != nil || !ok {
			continue
		}
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
		const parent, userOfChildren, systemOfChildren = 1, 13, 14 // fields 4, 16 and 17 of proc(5)
		if len(fields) <= systemOfChildren {
			continue
		}
		p := process{own: time.Duration(ticks) * clockTick}
		if exact, ok := cpuClock(pid); ok {
			p.own = exact
		}
		p.parent, _ = strconv.Atoi(fields[parent])
		user, _ := strconv.ParseInt(fields[userOfChildren], 10, 64) // They are numbers, by cpuTicks.
		system, _ := strconv.ParseInt(fields[systemOfChildren], 10, 64)
		p.reaped = time.Duration(user+system) * clockTick
		all[pid] = p
	}
	return all
}
