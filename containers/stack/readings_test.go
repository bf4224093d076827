package stack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
)

func TestParseMetrics(t *testing.T) {
	const page = `# HELP go_goroutines Number of goroutines that currently exist.
# TYPE go_goroutines gauge
go_goroutines 3076
# HELP go_memstats_heap_alloc_bytes Number of heap bytes allocated and still in use.
# TYPE go_memstats_heap_alloc_bytes gauge
go_memstats_heap_alloc_bytes 2.84164096e+08
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 8.00063488e+08
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{code="200",le="0.01"} 7
http_request_duration_seconds_bucket{code="200",le="+Inf"} 9
http_request_duration_seconds_sum{code="200"} 0.1
http_request_duration_seconds_count{code="200"} 9
`
	// What collectors.NewDBStatsCollector of client_golang 1.23 writes of two pools.
	const pools = `# TYPE go_sql_max_open_connections gauge
go_sql_max_open_connections{db_name="read"} 8
go_sql_max_open_connections{db_name="write"} 1
# TYPE go_sql_wait_count_total counter
go_sql_wait_count_total{db_name="read"} 0
go_sql_wait_count_total{db_name="write"} 1234
# TYPE go_sql_wait_duration_seconds_total counter
go_sql_wait_duration_seconds_total{db_name="read"} 0
go_sql_wait_duration_seconds_total{db_name="write"} 3.5
`
	want := Metrics{Runtime: bench.Runtime{Heap: 284164096, Goroutines: 3076, RSS: 800063488}}
	if got, err := parseMetrics(strings.NewReader(page), GoMetrics); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("parseMetrics = %+v, %v; want %+v", got, err, want)
	}
	want.Pools = []bench.Pool{{Name: "read", Limit: 8},
		{Name: "write", Limit: 1, Waits: 1234, Waited: 3500 * time.Millisecond}}
	if got, err := parseMetrics(strings.NewReader(page+pools), GoMetrics); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("parseMetrics with pools = %+v, %v; want %+v", got, err, want)
	}
	for name, page := range map[string]string{
		"a page of another language": "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1\n",
		"no metrics at all":          "<html></html>",
		"nothing":                    "",
	} {
		if got, err := parseMetrics(strings.NewReader(page), GoMetrics); err == nil {
			t.Errorf("parseMetrics(%s) = %+v; want an error", name, got)
		}
	}
}

// What Keycloak 26 writes, shortened: heap by pool, a summary for each cause of a pause, and the
// waits of its data source.
func TestParseMetricsOfJVM(t *testing.T) {
	const page = `# TYPE jvm_memory_used_bytes gauge
jvm_memory_used_bytes{area="heap",id="G1 Eden Space"} 1.048576E7
jvm_memory_used_bytes{area="heap",id="G1 Old Gen"} 2.097152E7
jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 9.9E7
# TYPE jvm_gc_pause_seconds summary
jvm_gc_pause_seconds_count{action="end of minor GC",cause="G1 Evacuation Pause",gc="G1 Young Generation"} 3.0
jvm_gc_pause_seconds_sum{action="end of minor GC",cause="G1 Evacuation Pause",gc="G1 Young Generation"} 0.012
jvm_gc_pause_seconds_count{action="end of minor GC",cause="Metadata GC Threshold",gc="G1 Young Generation"} 1.0
jvm_gc_pause_seconds_sum{action="end of minor GC",cause="Metadata GC Threshold",gc="G1 Young Generation"} 0.003
# TYPE agroal_blocking_time_total_milliseconds gauge
agroal_blocking_time_total_milliseconds{datasource="default"} 41.0
`
	want := Metrics{Runtime: bench.Runtime{Heap: 31457280}, Paused: 15 * time.Millisecond,
		Pools: []bench.Pool{{Name: "default", Waited: 41 * time.Millisecond}}}
	if got, err := parseMetrics(strings.NewReader(page), JVMMetrics); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("parseMetrics = %+v, %v; want %+v", got, err, want)
	}
	if got, err := parseMetrics(strings.NewReader("# TYPE up gauge\nup 1\n"), JVMMetrics); err == nil {
		t.Errorf("a page without a heap gave %+v; want an error", got)
	}
}

func TestControlGroupFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if got, ok := readCPU(write("cpuacct.usage", "1234567890\n")); !ok || got != 1234567890 {
		t.Errorf("version 1: %v, %v; want 1.23456789s", got, ok)
	}
	if got, ok := readCPU(write("cpu.stat", "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n")); !ok ||
		got != 2500*time.Millisecond {
		t.Errorf("version 2: %v, %v; want 2.5s", got, ok)
	}
	if got := readHeld(write("memory.stat", "cache 9\nrss 1\ntotal_rss 100\ntotal_shmem 23\n")); got != 123 {
		t.Errorf("version 1: held %d; want 123", got)
	}
	if got := readHeld(write("memory.stat", "anon 100\nfile 999\nshmem 24\n")); got != 124 {
		t.Errorf("version 2: held %d; want 124", got)
	}
	if _, ok := readCPU(filepath.Join(dir, "absent")); ok {
		t.Error("a file that is not there was read")
	}
}

func TestCure(t *testing.T) {
	tests := []struct{ text, says string }{
		{"Error starting userland proxy: listen tcp4 127.0.0.1:1: bind: address already in use", "port"},
		{"Bind for 127.0.0.1:4444 failed: port is already allocated", "port"},
		{"could not write: no space left on device", "oauthbench clean"},
		{"standard_init_linux.go: exec format error", "processor"},
		{`FATAL: unrecognized configuration parameter "shared_bufers"`, "db.NAME"},
		{"something nobody has seen", ""},
	}
	for _, tt := range tests {
		got := cure(tt.text)
		if tt.says == "" && got != "" || !strings.Contains(got, tt.says) {
			t.Errorf("cure(%q) = %q; want something about %q", tt.text, got, tt.says)
		}
	}
}

// Of a server that a script started the server is looked at, not the script.
func TestHeaviestProcess(t *testing.T) {
	small := exec.Command("sleep", "60")
	if err := small.Start(); err != nil {
		t.Skip(err)
	}
	defer small.Wait()
	defer small.Process.Kill()
	list := filepath.Join(t.TempDir(), "cgroup.procs")
	if err := os.WriteFile(list, fmt.Appendf(nil, "%d\n%d\n", small.Process.Pid, os.Getpid()), 0o600); err != nil {
		t.Fatal(err)
	}
	if host.ProcessUsage(os.Getpid()).PeakRSS == 0 {
		t.Skip("this system does not tell what a process holds")
	}
	if got := heaviest(small.Process.Pid, list); got != os.Getpid() {
		t.Errorf("heaviest = %d; want this process, %d, not sleep's %d", got, os.Getpid(), small.Process.Pid)
	}
	if got := heaviest(7, list+".absent"); got != 7 {
		t.Errorf("without a list: %d; want the first process", got)
	}
}
