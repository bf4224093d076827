package firststart

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// start is a server that says that it is up at once, and serves after so many refusals; then the watch
// is over.
func start(t *testing.T, refusals int32, early bool) Seen {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var asked, served atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("/live", func(w http.ResponseWriter, _ *http.Request) {
		if !early && asked.Add(1) <= refusals {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Load() <= refusals {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("/realms/bench", func(w http.ResponseWriter, _ *http.Request) {
		if early && asked.Add(1) <= refusals {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if served.Add(1) == 2 { // The sign that waits has been looked at in between.
			stop()
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return Watch(ctx, map[string]string{"/live": server.URL + "/live", "/ready": server.URL + "/ready"},
		server.URL+"/realms/bench")
}

// A sign that says yes while the server refuses what it is for is named, with the one that waits; a
// start that says nothing before it serves is nothing to tell of.
func TestEarlySignsAreFound(t *testing.T) {
	found := start(t, 3, true).Findings()
	if len(found) != 1 || found[0].Wrong != 3 || found[0].Fault() ||
		!strings.Contains(found[0].Text, "/live after") || !strings.Contains(found[0].Text, "503") ||
		!strings.Contains(found[0].Cure, "/ready") || strings.Contains(found[0].Cure, "/live") {
		t.Errorf("%+v; want that /live said yes before the realms were served, and /ready did not", found)
	}
	if found := start(t, 3, false).Findings(); len(found) != 0 {
		t.Errorf("%+v; want nothing of a start that says nothing before it serves", found)
	}
}
