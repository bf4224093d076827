package metrics

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	proto1 "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// receiver takes OTLP over HTTP and keeps the newest of each metric.
type receiver struct {
	mu       sync.Mutex
	metrics  map[string]*proto1.Metric
	resource map[string]string
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	data, err := io.ReadAll(body)
	var pushed collector.ExportMetricsServiceRequest
	if err == nil {
		err = proto.Unmarshal(data, &pushed)
	}
	if err != nil || r.URL.Path != "/v1/metrics" {
		http.Error(w, "no metrics", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rm := range pushed.GetResourceMetrics() {
		for _, a := range rm.GetResource().GetAttributes() {
			c.resource[a.GetKey()] = a.GetValue().GetStringValue()
		}
		for _, sm := range rm.GetScopeMetrics() {
			for _, m := range sm.GetMetrics() {
				c.metrics[m.GetName()] = m
			}
		}
	}
	answer, _ := proto.Marshal(&collector.ExportMetricsServiceResponse{})
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(answer)
}

// What is pushed at the end has all figures, histograms with exponential buckets among them.
func TestPush(t *testing.T) {
	c := &receiver{metrics: map[string]*proto1.Metric{}, resource: map[string]string{}}
	server := httptest.NewServer(c)
	defer server.Close()
	t.Setenv(endpointVariable, server.URL)
	t.Setenv(metricsEndpointVariable, "")
	t.Setenv(protocolVariable, "")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=staging")
	r := NewRecorder("v1")
	var said []string
	stop := r.Offer("", "v1", func(what string) { said = append(said, what) }, func(err error) { t.Error(err) })
	measured(t, r)
	stop()
	if len(said) != 1 || said[0] != "metrics: pushed to "+server.URL {
		t.Errorf("said %q", said)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var answers uint64
	for _, p := range c.metrics["oauthbench_response_time_seconds"].GetExponentialHistogram().GetDataPoints() {
		answers += p.GetCount()
	}
	if answers != 80 {
		t.Errorf("%d answers in exponential histograms; want 80", answers)
	}
	if c.metrics["oauthbench_requests_total"].GetSum() == nil && c.metrics["oauthbench_requests"].GetSum() == nil {
		t.Errorf("no outcomes among %v", c.metrics)
	}
	if c.resource["service.name"] != "oauthbench" || c.resource["deployment.environment"] != "staging" {
		t.Errorf("resource %v", c.resource)
	}
}

// An endpoint that cannot be reached, or is none, is said once, and the run goes on.
func TestUnreachableEndpoint(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for endpoint, want := range map[string]string{
		gone.URL:         "metrics: push to " + gone.URL + ": ",
		"127.0.0.1:4318": `metrics: OTLP endpoint "127.0.0.1:4318" is not an address such as http://127.0.0.1:4318`,
		"::":             `metrics: OTLP endpoint "::" is not an address`,
	} {
		t.Run(endpoint, func(t *testing.T) {
			t.Setenv(endpointVariable, endpoint)
			t.Setenv(metricsEndpointVariable, "")
			r := NewRecorder("v1")
			var warned []string
			stop := r.Offer("", "v1", func(string) {}, func(err error) { warned = append(warned, err.Error()) })
			measured(t, r)
			stop()
			if len(warned) != 1 || !strings.HasPrefix(warned[0], want) || strings.Contains(warned[0], "\n") ||
				!strings.Contains(warned[0], "; the run goes on") {
				t.Errorf("warned %q; want one line that begins with %q", warned, want)
			}
		})
	}
}

func TestUnknownProtocol(t *testing.T) {
	t.Setenv(endpointVariable, "http://127.0.0.1:4318")
	t.Setenv(metricsProtocolVariable, "carrier-pigeon")
	var warned []string
	NewRecorder("v1").Offer("", "v1", func(string) {}, func(err error) { warned = append(warned, err.Error()) })()
	if len(warned) != 1 || !strings.Contains(warned[0], `"carrier-pigeon": there are http/protobuf, grpc`) {
		t.Errorf("warned %q", warned)
	}
}
