package experiment

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// memory answers at once, without a network. sent is told of each request's number and time.
type memory struct {
	sent func(n int, at time.Time)
	n    atomic.Int64
}

func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if n := int(m.n.Add(1)) - 1; m.sent != nil {
		m.sent(n, time.Now())
	}
	return &http.Response{
		StatusCode: 200, Status: "OK", Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")),
		Request: r, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// workload sends requests that nobody reads, and takes every answer for the right one.
type workload struct{}

func (workload) Request(_ int, t *vegeta.Target)                     { t.Method, t.URL = "GET", "http://server.test/" }
func (workload) Check(int, *vegeta.Result) bench.Answer              { return bench.Answer{} }
func (workload) Operation(int) string                                { return "token" }
func (workload) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }
