package metrics

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// DefaultAddress is where figures are served to whoever asks for them without an address: the
// port is that of OpenTelemetry's Prometheus exporters.
const DefaultAddress = "127.0.0.1:9464"

// Offer serves the figures at an address, unless it is "", and pushes them where the environment
// says, until stop is called. What cannot be done is told to warn: a run goes on without its
// figures. say is told where they are.
func (r *Recorder) Offer(address, tool string, say func(string), warn func(error)) (stop func()) {
	var stops []func()
	if address != "" {
		stopServing, url, err := r.serve(address)
		if err != nil {
			warn(fmt.Errorf("%w; the run goes on without it", err))
		} else {
			say("metrics: " + url)
			stops = append(stops, stopServing)
		}
	}
	if to := endpoint(); to != "" {
		stopPushing, err := push(r.registry, tool, func(err error) {
			warn(fmt.Errorf("metrics: %w; the run goes on", err))
		})
		if err != nil {
			warn(fmt.Errorf("metrics: %w; the run goes on without it", err))
		} else {
			say("metrics: pushed to " + shown(to))
			stops = append(stops, stopPushing)
		}
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// Wanted tells whether anybody asks for figures.
func Wanted(address string) bool { return address != "" || endpoint() != "" }

// serve serves the figures at /metrics, in the form that the client asks for: text,
// OpenMetrics, or protobuf, which alone has native histograms.
func (r *Recorder) serve(address string) (stop func(), url string, err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, "", fmt.Errorf("--metrics %s: %w", address, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{
		EnableOpenMetrics: true, MaxRequestsInFlight: 4, Timeout: 5 * time.Second,
	}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		MaxHeaderBytes: 16 << 10}
	gone := make(chan error, 1)
	go func() { gone <- server.Serve(listener) }()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // A client that does not read is not waited for.
		}
		<-gone // Of a listener that had broken before, its clients know.
	}, "http://" + listener.Addr().String() + "/metrics", nil
}
