package containers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"oauthbench/bench"
)

// maxMetrics bounds a metrics page, in bytes.
const maxMetrics = 16 << 20

// Runtime asks the server's Prometheus endpoint. The error wraps
// errors.ErrUnsupported when the server has none. A reading costs the server a few
// milliseconds: take it between trials, or seldom.
func (s *Stack) Runtime(ctx context.Context) (bench.Runtime, error) {
	if s.program.metrics == "" {
		return bench.Runtime{}, fmt.Errorf("metrics of %s: it offers none: %w", s.spec, errors.ErrUnsupported)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.site.admin+s.program.metrics, nil)
	if err != nil {
		return bench.Runtime{}, err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return bench.Runtime{}, fmt.Errorf("metrics of %s: %w", s.spec, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return bench.Runtime{}, fmt.Errorf("metrics of %s: %s answered %s", s.spec, s.program.metrics, resp.Status)
	}
	r, err := parseRuntime(io.LimitReader(resp.Body, maxMetrics))
	if err != nil {
		return bench.Runtime{}, fmt.Errorf("metrics of %s: %w", s.spec, err)
	}
	return r, nil
}

// parseRuntime reads the gauges of client_golang's collectors from Prometheus' text
// format.
func parseRuntime(r io.Reader) (bench.Runtime, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return bench.Runtime{}, err
	}
	heap, ok1 := gauge(families, "go_memstats_heap_alloc_bytes")
	if !ok1 {
		heap, ok1 = gauge(families, "go_memstats_alloc_bytes") // the same number, the older name
	}
	goroutines, ok2 := gauge(families, "go_goroutines")
	if !ok1 || !ok2 {
		return bench.Runtime{}, errors.New("no go_memstats_heap_alloc_bytes and go_goroutines among the metrics: not a Go program's")
	}
	rss, _ := gauge(families, "process_resident_memory_bytes") // only where there is /proc
	return bench.Runtime{Heap: heap, Goroutines: goroutines, RSS: rss}, nil
}

func gauge(families map[string]*dto.MetricFamily, name string) (int64, bool) {
	for _, m := range families[name].GetMetric() {
		if g := m.GetGauge(); g != nil {
			return int64(g.GetValue()), true
		}
	}
	return 0, false
}
