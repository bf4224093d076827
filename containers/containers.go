// Package containers starts real authorization servers with their databases in
// containers, and tells what they spent.
//
// A target such as hydra:v2.3.0?hasher=bcrypt&db=postgres:15 is read by ParseSpec and
// started by Start. Adding a server or a database is one folder and one line in Servers
// or Databases: package stack has what runs any of them, package engine what of the
// container engine is ours. docs/extending.md walks through it.
//
// What holds for every stack:
//   - ports are published on 127.0.0.1 only, and stay the same over a Restart;
//   - the database is durable, and every setting that differs from a default is in the
//     Deployment; passwords, which are drawn anew for each stack, never are;
//   - an image that the engine has is never pulled;
//   - every container, network and volume carries the labels of its run and a name of
//     ours, is removed by Close, and by Clean when the program was killed before it could.
//
// The package knows nothing of workloads, rates or reports.
package containers

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/glewlwyd"
	"github.com/oauthbench/oauthbench/containers/hydra"
	"github.com/oauthbench/oauthbench/containers/keycloak"
	"github.com/oauthbench/oauthbench/containers/oidcprovider"
	"github.com/oauthbench/oauthbench/containers/postgres"
	"github.com/oauthbench/oauthbench/containers/reference"
	"github.com/oauthbench/oauthbench/containers/spring"
	"github.com/oauthbench/oauthbench/containers/stack"
)

// Servers are the authorization servers that can be started, in the order of help.
// Treat it as read-only.
var Servers = []stack.Server{
	hydra.Server,
	reference.Server,
	glewlwyd.Server,
	keycloak.Server,
	oidcprovider.Server,
	spring.Server,
}

// Databases are the databases that a server can be given, the default first. Treat it
// as read-only.
var Databases = []stack.Database{
	postgres.Database,
}

// What a start takes and gives.
type (
	Spec         = stack.Spec
	Options      = stack.Options
	Limits       = stack.Limits
	Stack        = stack.Stack
	Dataset      = stack.Dataset
	Filled       = stack.Filled
	Metrics      = stack.Metrics
	RowCheck     = stack.RowCheck
	Keep         = stack.Keep
	SessionRows  = stack.SessionRows
	Program      = stack.Program
	Setting      = stack.Setting
	GuideRate    = stack.GuideRate
	Memento      = stack.Memento
	MissingImage = engine.MissingImage
	Removed      = engine.Removed
)

// What goes wrong in them.
type (
	StartError     = stack.StartError
	CopyError      = stack.CopyError
	ExitError      = stack.ExitError
	StatementError = stack.StatementError
)

// ParseSpec reads a target. It does not ask the engine.
func ParseSpec(target string) (Spec, error) {
	return stack.Catalogue{Servers: Servers, Databases: Databases}.Parse(target)
}

// GuideOf is what the makers of a server say that it carries; the zero value where nothing is known.
func GuideOf(server string) stack.Guide {
	for _, s := range Servers {
		if s.Name == server {
			return s.Guide
		}
	}
	return stack.Guide{}
}

// ParseDataset reads a list such as clients=1000,tokens=1000000,revoked=5%.
func ParseDataset(text string) (Dataset, error) { return stack.ParseDataset(text) }

// What a rehearsal asks of one server's stack: see their names in package stack.
var (
	Export     = stack.Export
	Compatible = stack.Compatible
	Signs      = stack.Signs
	Beneath    = stack.Beneath
)

// Watch looks at what a stack's connections to its database wait for: see stack.Watch.
var Watch = stack.Watch

// Ailing says what has kept a stack's database from its work: see stack.Ailing.
var Ailing = stack.Ailing

// Start starts a target and waits until its server is ready: see stack.Start.
func Start(ctx context.Context, spec Spec, o Options) (*Stack, error) {
	return stack.Start(ctx, spec, o)
}

// Attach finds a stack again that a process has left which was killed: see stack.Attach.
func Attach(ctx context.Context, spec Spec, o Options, m Memento) (*Stack, error) {
	return stack.Attach(ctx, spec, o, m)
}

// RemoveRun removes all that has been made for a run, by whichever process.
func RemoveRun(ctx context.Context, run string) error {
	e, err := engine.Connect(ctx)
	if err != nil {
		return err
	}
	defer e.Client.Close()
	_, err = e.RemoveRun(ctx, run)
	return err
}

// Clean removes what runs left that were killed before they could: what belongs to a
// process that has certainly ended. With running it also removes what belongs to
// processes that may still run. Of the reference images that no container uses the
// newest stays. Things without our labels and names are never touched.
func Clean(ctx context.Context, running bool) (Removed, error) {
	e, err := engine.Connect(ctx)
	if err != nil {
		return Removed{}, fmt.Errorf("clean: %w", err)
	}
	defer e.Client.Close()
	removed, err1 := e.RemoveLeft(ctx, running)
	var err2 error
	removed.Images, err2 = e.RemoveOldPrograms(ctx, reference.Image)
	if err := errors.Join(err1, err2); err != nil {
		return removed, fmt.Errorf("clean: %w", err)
	}
	return removed, nil
}

// ReadMetrics reads a Go program's page in Prometheus' text format. That costs the
// program a few milliseconds: do it between trials, or seldom.
func ReadMetrics(ctx context.Context, c *http.Client, url string) (Metrics, error) {
	return stack.ReadMetrics(ctx, c, url, stack.GoMetrics)
}
