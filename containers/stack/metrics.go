package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/oauthbench/oauthbench/bench"
)

// maxMetrics bounds a metrics page, in bytes.
const maxMetrics = 16 << 20

// Metrics are what a server tells of itself. Pools is nil when it does not tell of its pools of
// database connections.
type Metrics struct {
	Runtime bench.Runtime
	Pools   []bench.Pool
	// Allocated is how many bytes of heap were allocated since the start, 0 when not told.
	Allocated int64
	// Paused is how long garbage was collected since the start with all else standing still.
	Paused time.Duration
}

// ReadMetrics reads a page in Prometheus' text format, and has of make sense of it. That
// costs the server a few milliseconds: do it between trials, or seldom.
func ReadMetrics(ctx context.Context, c *http.Client, url string, of func(Families) (Metrics, error)) (Metrics, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Metrics{}, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return Metrics{}, fmt.Errorf("metrics: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Metrics{}, fmt.Errorf("metrics: %s answered %s", url, resp.Status)
	}
	m, err := parseMetrics(io.LimitReader(resp.Body, maxMetrics), of)
	if err != nil {
		return Metrics{}, fmt.Errorf("metrics of %s: %w", url, err)
	}
	return m, nil
}

// Families are what a page tells, by name.
type Families map[string]*dto.MetricFamily

func parseMetrics(r io.Reader, of func(Families) (Metrics, error)) (Metrics, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return Metrics{}, err
	}
	return of(families)
}

// GoMetrics are those of client_golang's collectors.
func GoMetrics(families Families) (Metrics, error) {
	heap, ok1 := gauge(families, "go_memstats_heap_alloc_bytes")
	if !ok1 {
		heap, ok1 = gauge(families, "go_memstats_alloc_bytes") // the same number, the older name
	}
	goroutines, ok2 := gauge(families, "go_goroutines")
	if !ok1 || !ok2 {
		return Metrics{}, errors.New("no go_memstats_heap_alloc_bytes and go_goroutines among the metrics: not a " +
			"Go program's")
	}
	rss, _ := gauge(families, "process_resident_memory_bytes") // only where there is /proc
	return Metrics{
		Runtime:   bench.Runtime{Heap: heap, Goroutines: goroutines, RSS: rss},
		Pools:     pools(families),
		Allocated: counted(families, "go_memstats_alloc_bytes_total"),
	}, nil
}

// JVMMetrics are those of Micrometer for a JVM: its heap, its pauses, and the waits of Agroal's
// pools, which do not tell how many they were. Threads are not goroutines, and are left out; so
// are the bytes allocated, which move only when garbage is collected, too coarsely for a trial
// of seconds.
func JVMMetrics(families Families) (Metrics, error) {
	heap := 0.0
	for _, m := range families["jvm_memory_used_bytes"].GetMetric() {
		if labelOf(m, "area") == "heap" {
			heap += m.GetGauge().GetValue()
		}
	}
	if heap == 0 {
		return Metrics{}, errors.New("no jvm_memory_used_bytes of the heap among the metrics: not a JVM's")
	}
	all := Metrics{Runtime: bench.Runtime{Heap: int64(heap)}}
	pauses := 0.0
	for _, m := range families["jvm_gc_pause_seconds"].GetMetric() {
		pauses += m.GetSummary().GetSampleSum() + m.GetHistogram().GetSampleSum()
	}
	all.Paused = time.Duration(pauses * float64(time.Second))
	for _, m := range families["agroal_blocking_time_total_milliseconds"].GetMetric() {
		waited := m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue() // It has one.
		all.Pools = append(all.Pools, bench.Pool{Name: labelOf(m, "datasource"),
			Waited: time.Duration(waited * float64(time.Millisecond))})
	}
	return all, nil
}

// counted is a counter that has no labels; 0 when it is not told.
func counted(families Families, name string) int64 {
	for _, m := range families[name].GetMetric() {
		return int64(m.GetCounter().GetValue())
	}
	return 0
}

// pools reads what database/sql tells of each pool (sql.DBStats), in the server's order.
func pools(families Families) []bench.Pool {
	of := func(family, pool string) float64 {
		for _, m := range families[family].GetMetric() {
			if poolName(m) == pool {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue() // it has one of them
			}
		}
		return 0
	}
	var all []bench.Pool
	for _, m := range families["go_sql_wait_count_total"].GetMetric() {
		name := poolName(m)
		all = append(all, bench.Pool{
			Name:   name,
			Limit:  int64(of("go_sql_max_open_connections", name)),
			Waits:  int64(m.GetCounter().GetValue()),
			Waited: time.Duration(of("go_sql_wait_duration_seconds_total", name) * float64(time.Second)),
		})
	}
	return all
}

func poolName(m *dto.Metric) string { return labelOf(m, "db_name") }

// labelOf is the value of a metric's label, "" without it.
func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

func gauge(families Families, name string) (int64, bool) {
	for _, m := range families[name].GetMetric() {
		if g := m.GetGauge(); g != nil {
			return int64(g.GetValue()), true
		}
	}
	return 0, false
}
