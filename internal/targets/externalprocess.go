package targets

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench/host"
)

// processes finds the processes of a server that runs on this machine: those that its settings
// name, or those that listen at its addresses. The service is nil where there are none that
// can be looked at; then the note says that what the server spends is not known.
func (s *externalServer) processes(
	ctx context.Context, connect map[string]string, elsewhere string,
) (service *host.Service, note string, err error) {
	if given := s.settings["pid"]; given != "" {
		var pids []int
		for _, text := range strings.Split(given, ",") {
			pid, err := strconv.Atoi(text)
			if err != nil {
				return nil, "", fmt.Errorf("pid %q: %w", text, err)
			}
			pids = append(pids, pid)
		}
		if service = host.ServiceOf(pids...); service == nil {
			return nil, "", fmt.Errorf("pid %s: no such process on this machine, or none that can be looked at", given)
		}
	} else if addresses := s.localAddresses(ctx, connect, elsewhere); len(addresses) > 0 {
		service = host.ListeningAt(addresses...)
	}
	const lasting = "it is not restarted between epochs"
	if service == nil {
		return nil, "the server runs already, and what it spends is not known, so that other programs cannot be told " +
			"from it (pid=NUMBER names its processes on this machine); " + lasting, nil
	}
	return service, fmt.Sprintf("the server runs already: what it spends is read of %v and of what that has started "+
		"or connected to on this machine, and all else is another program (pid=NUMBER names other processes); %s",
		service, lasting), nil
}

// localAddresses are the addresses that requests go to, none unless all are on this machine.
func (s *externalServer) localAddresses(
	ctx context.Context, connect map[string]string, elsewhere string,
) []netip.AddrPort {
	own := ownAddresses()
	var all []netip.AddrPort
	e := s.endpoints
	for _, endpoint := range unique([]string{e.Token, e.Introspection, e.Revocation, elsewhere}) {
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" {
			continue
		}
		address := net.JoinHostPort(u.Hostname(),
			cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]))
		name, port, err := net.SplitHostPort(cmp.Or(connect[address], address))
		if err != nil {
			return nil
		}
		number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
		if err != nil {
			return nil
		}
		ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		if err != nil {
			return nil
		}
		for _, ip := range ips {
			if ip = ip.Unmap(); !ip.IsLoopback() && !own[ip] {
				return nil
			}
			all = append(all, netip.AddrPortFrom(ip, uint16(number)))
		}
	}
	return all
}

// ownAddresses are those of this machine's networks.
func ownAddresses() map[netip.Addr]bool {
	own := map[netip.Addr]bool{}
	addresses, _ := net.InterfaceAddrs() // Without them only loopback is this machine.
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own[p.Addr().Unmap()] = true
		}
	}
	return own
}
