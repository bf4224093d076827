package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oauthbench/oauthbench/reports"
)

// mostWatchers bounds how many browsers are served at once.
const mostWatchers = 8

// Server serves a view on a loopback address until it is closed.
type Server struct {
	View *View
	http *http.Server
	addr string
	gone chan error
}

// Listen serves a new view on an address, whose host must be of the loopback interface:
// 127.0.0.1:0 takes any free port.
func Listen(address string) (*Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || !loopback(host) {
		return nil, fmt.Errorf("live view on %q: want a loopback address such as 127.0.0.1:8081", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("live view: %w", err)
	}
	if got := listener.Addr().String(); !loopback(hostOf(got)) {
		return nil, errors.Join(fmt.Errorf("live view on %q: that is %s, not of the loopback interface", address, got),
			listener.Close())
	}
	view := New()
	handler, err := view.Handler()
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &Server{
		View: view, addr: listener.Addr().String(), gone: make(chan error, 1),
		http: &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10},
	}
	go func() { s.gone <- s.http.Serve(listener) }()
	return s, nil
}

// URL is where a browser on this machine finds the view.
func (s *Server) URL() string { return "http://" + s.addr + "/" }

// Close tells the browsers that the run has ended and stops serving.
func (s *Server) Close() error {
	s.View.change(func(sh *shown) { sh.ended = encode(s.View.conclusion) })
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil { // a browser that does not read is not waited for
		err = s.http.Close()
	}
	if served := <-s.gone; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Handler serves the page at / and its events at /events, to requests by a loopback
// name only. Nothing can be changed through it.
func (v *View) Handler() (http.Handler, error) {
	var page bytes.Buffer
	if err := reports.WriteLivePage(&page); err != nil {
		return nil, fmt.Errorf("live view: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src "+
			"'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'")
		_, _ = w.Write(page.Bytes()) // the browser may be gone
	})
	var watchers atomic.Int64
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		if watchers.Add(1) > mostWatchers {
			watchers.Add(-1)
			http.Error(w, "too many browsers are looking", http.StatusServiceUnavailable)
			return
		}
		defer watchers.Add(-1)
		v.stream(w, r)
	})
	return guard(mux), nil
}

// guard refuses what a page of another site could make a browser ask: a name that was
// made to resolve to this machine (DNS rebinding), and requests from elsewhere.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		if !loopback(hostOf(r.Host)) || site != "" && site != "same-origin" && site != "none" {
			http.Error(w, "only for browsers on this machine", http.StatusForbidden)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// hostOf is an address without its port, if it has one.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// loopback tells whether a host names the loopback interface and nothing else.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// stream sends what is shown as server-sent events, the newest of each kind: a browser
// that reads slowly skips, and nothing queues up for it.
func (v *View) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	var seen shown
	for {
		now, changed := v.now()
		var err error
		send := func(event string, data []byte) {
			if err == nil {
				_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data)
			}
		}
		if now.drawings != seen.drawings {
			send("charts", now.charts)
		}
		if now.statusCount != seen.statusCount {
			send("status", now.status)
		}
		if now.ended != nil {
			send("ended", now.ended)
		}
		if flushed := out.Flush(); err != nil || flushed != nil || now.ended != nil {
			return
		}
		seen = now
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
