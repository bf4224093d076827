// Package containers starts real authorization servers with their databases in
// containers, and tells what they spent. It is the face of packages stack, which runs
// any server, and those of the servers.
package containers

import (
	"context"
	"net/http"

	"oauthbench/containers/stack"
)

// What a start takes and gives.
type (
	Spec          = stack.Spec
	Options       = stack.Options
	Limits        = stack.Limits
	Stack         = stack.Stack
	Dataset       = stack.Dataset
	Filled        = stack.Filled
	Metrics       = stack.Metrics
	MissingImage  = stack.MissingImage
	StartError    = stack.StartError
	Removed       = stack.Removed
	DoctorOptions = stack.DoctorOptions
	Check         = stack.Check
	Verdict       = stack.Verdict
)

// How a check of Doctor ends.
const (
	Good    = stack.Good
	Warning = stack.Warning
	Failed  = stack.Failed
)

// Servers are the authorization servers that can be started, in the order of help.
var Servers = stack.Servers

// Databases are the databases that a server can be given.
var Databases = stack.Databases

// ParseSpec reads a target.
func ParseSpec(target string) (Spec, error) { return stack.ParseSpec(target) }

// ParseDataset reads a list such as clients=1000,tokens=1000000,revoked=5%.
func ParseDataset(text string) (Dataset, error) { return stack.ParseDataset(text) }

// Start starts a target and waits until its server is ready.
func Start(ctx context.Context, spec Spec, o Options) (*Stack, error) {
	return stack.Start(ctx, spec, o)
}

// Clean removes what runs left that were killed before they could.
func Clean(ctx context.Context, running bool) (Removed, error) { return stack.Clean(ctx, running) }

// Doctor looks whether containers can be started and measured here.
func Doctor(ctx context.Context, o DoctorOptions) []Check { return stack.Doctor(ctx, o) }

// ReadMetrics reads a page in Prometheus' text format.
func ReadMetrics(ctx context.Context, c *http.Client, url string) (Metrics, error) {
	return stack.ReadMetrics(ctx, c, url)
}
