package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// Variables of the OpenTelemetry specification that are read here; the exporters read the others.
const (
	endpointVariable        = "OTEL_EXPORTER_OTLP_ENDPOINT"
	metricsEndpointVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
	protocolVariable        = "OTEL_EXPORTER_OTLP_PROTOCOL"
	metricsProtocolVariable = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"
	intervalVariable        = "OTEL_METRIC_EXPORT_INTERVAL"
	exporterVariable        = "OTEL_METRICS_EXPORTER"
	disabledVariable        = "OTEL_SDK_DISABLED"
)

// pushEvery is how often figures are pushed unless the environment says otherwise: a run may
// be over within the specification's minute.
const pushEvery = 10 * time.Second

// mostLastPush bounds how long the end of a run waits for the last push.
const mostLastPush = 3 * time.Second

// endpoint is where figures are pushed to, "" for nowhere.
func endpoint() string {
	if strings.EqualFold(os.Getenv(disabledVariable), "true") || os.Getenv(exporterVariable) == "none" {
		return ""
	}
	return cmp.Or(os.Getenv(metricsEndpointVariable), os.Getenv(endpointVariable))
}

// push pushes what is gathered until stop is called, which pushes once more. The first failure
// is told to warn.
func push(g prometheus.Gatherer, tool string, warn func(error)) (stop func(), err error) {
	to := endpoint()
	if u, err := url.Parse(to); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("OTLP endpoint %q is not an address such as http://127.0.0.1:4318", shown(to))
	}
	hushOpenTelemetry(warn)
	var exporter metric.Exporter
	ctx := context.Background()
	switch protocol := cmp.Or(os.Getenv(metricsProtocolVariable), os.Getenv(protocolVariable),
		"http/protobuf"); protocol {
	case "http/protobuf":
		exporter, err = otlpmetrichttp.New(ctx)
	case "grpc":
		exporter, err = otlpmetricgrpc.New(ctx)
	default:
		err = fmt.Errorf("OTLP protocol %q: there are http/protobuf, grpc", protocol)
	}
	if err != nil {
		return nil, err
	}
	from, err := resource.Merge(resource.NewSchemaless(attribute.String("service.name", "oauthbench"),
		attribute.String("service.version", tool)), resource.Environment())
	if err != nil {
		return nil, errors.Join(err, exporter.Shutdown(ctx))
	}
	options := []metric.PeriodicReaderOption{
		metric.WithProducer(bridge.NewMetricProducer(bridge.WithGatherer(g))),
	}
	if os.Getenv(intervalVariable) == "" {
		options = append(options, metric.WithInterval(pushEvery))
	}
	told := &tellingExporter{Exporter: exporter, warn: warn}
	provider := metric.NewMeterProvider(metric.WithResource(from),
		metric.WithReader(metric.NewPeriodicReader(told, options...)))
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), mostLastPush)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			told.tell(err)
		}
	}, nil
}

// tellingExporter tells its first failure to warn and has none for its reader, which would
// log each of them.
type tellingExporter struct {
	metric.Exporter
	warn func(error)
	once sync.Once
}

func (e *tellingExporter) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	if err := e.Exporter.Export(ctx, m); err != nil {
		e.tell(err)
	}
	return nil
}

func (e *tellingExporter) tell(err error) {
	e.once.Do(func() { e.warn(fmt.Errorf("push to %s: %s", shown(endpoint()), discreet(err.Error()))) })
}
