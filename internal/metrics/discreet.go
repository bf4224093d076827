package metrics

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
)

// Headers for a collector hold its keys and passwords.
const (
	headersVariable        = "OTEL_EXPORTER_OTLP_HEADERS"
	metricsHeadersVariable = "OTEL_EXPORTER_OTLP_METRICS_HEADERS"
)

// leastSecret is the length below which a header's value is too common a text to be masked.
const leastSecret = 4

// shown is an address without what may be secret in it: its user, password and query.
func shown(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	at := strings.LastIndex(address, "@")
	if at < 0 {
		return address
	}
	if scheme, _, found := strings.Cut(address, "://"); found {
		return scheme + "://***" + address[at:]
	}
	return "***" + address[at:]
}

// discreet is a text in one line without the values of headers: a collector may repeat them.
func discreet(text string) string {
	headers := cmp.Or(os.Getenv(metricsHeadersVariable), os.Getenv(headersVariable))
	for header := range strings.SplitSeq(headers, ",") {
		_, value, _ := strings.Cut(header, "=")
		unescaped, err := url.PathUnescape(value)
		if err != nil {
			unescaped = value
		}
		for _, secret := range append(strings.Fields(unescaped), strings.TrimSpace(value)) {
			if len(secret) >= leastSecret {
				text = strings.ReplaceAll(text, secret, "***")
			}
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// hushOpenTelemetry tells warn what OpenTelemetry would write to standard error itself, past
// --quiet and --log-format, with the values of the variables that it does not understand. Each
// is told once.
func hushOpenTelemetry(warn func(error)) {
	var told sync.Map
	tell := func(what string) {
		if _, before := told.LoadOrStore(what, true); !before {
			warn(fmt.Errorf("OpenTelemetry says %q: look at its variables OTEL_…, whose values are not shown", what))
		}
	}
	otel.SetLogger(logr.New(toldSink(tell)))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		what, _, _ := strings.Cut(err.Error(), ":")
		tell(what)
	}))
}

// toldSink takes what errors of a log are about, and nothing else of it.
type toldSink func(what string)

func (toldSink) Init(logr.RuntimeInfo)                  {}
func (toldSink) Enabled(int) bool                       { return false }
func (toldSink) Info(int, string, ...any)               {}
func (s toldSink) Error(_ error, what string, _ ...any) { s(what) }
func (s toldSink) WithValues(...any) logr.LogSink       { return s }
func (s toldSink) WithName(string) logr.LogSink         { return s }
