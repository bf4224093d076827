package process

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// local refuses what a page of another site could make a browser on this machine ask
// the admin interface: by a name that was made to resolve to it (DNS rebinding), or from
// elsewhere. Where the server is reached under an issuer of its own, its network is its
// own too, and any name is right.
func local(anyHost bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		foreign := site != "" && site != "same-origin" && site != "none"
		if foreign || r.Header.Get("Origin") != "" || !anyHost && !loopback(r.Host) {
			http.Error(w, "only for programs on this machine", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopback tells whether a host, with its port or without, names the loopback interface
// and nothing else.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}
