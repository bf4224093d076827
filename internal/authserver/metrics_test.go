package authserver

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// A request that finds the only writing connection taken is counted as a wait, and its
// time with it.
func TestMetricsTellOfWaits(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	metrics := func() string {
		resp, err := f.http.Get(f.admin.URL + settings.MetricsPath)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s, %v", resp.Status, err)
		}
		return string(text)
	}
	for _, want := range []string{
		`go_sql_max_open_connections{db_name="write"} 1`, `go_sql_max_open_connections{db_name="read"} 8`,
		`go_sql_wait_count_total{db_name="write"} 0`, "go_goroutines ", "go_memstats_heap_alloc_bytes ",
	} {
		if text := metrics(); !strings.Contains(text, "\n"+want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	taken, err := f.server.database.Write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- f.server.database.Write.PingContext(t.Context()) }()
	for f.server.database.Write.Stats().WaitCount == 0 {
		runtime.Gosched() // it is counted before it waits
	}
	taken.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	text := metrics()
	if !strings.Contains(text, `go_sql_wait_count_total{db_name="write"} 1`) ||
		strings.Contains(text, `go_sql_wait_duration_seconds_total{db_name="write"} 0`+"\n") {
		t.Errorf("the wait is not told:\n%s", text)
	}
}
