package stack

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Stack is one deployment that runs: network, database, server. Its methods may be
// called concurrently, but for Restart and Close, which interrupt what the server
// does.
type Stack struct {
	spec     Spec
	options  Options
	program  Program
	database DatabaseProgram

	account    Account
	host       string // name of the database on the private network
	issuer     string // of the server that a successor replaces; "" for its own address
	shared     bool   // the database is another stack's
	basePort   int    // of the database on 127.0.0.1
	access     *Access
	builder    *builder
	ports      map[int]int // of the server, inside to 127.0.0.1
	deployment bench.Deployment
	server     running
	base       running // It is the database's container.
	store      Store   // nil until the database is ready
	startTook  time.Duration
	consents   int64 // consents is what the data set gives each user; see FillConsents
}

// Deployment identifies the stack for the fingerprint of a run: images by digest and
// every setting that was chosen. It holds no secret.
func (s *Stack) Deployment() bench.Deployment {
	d := s.deployment
	d.Settings = maps.Clone(d.Settings)
	return d
}

// describe fills in the deployment from what was asked; startDatabase adds what the
// database says of itself.
func describe(s *Stack) {
	settings := maps.Clone(s.program.Settings)
	if settings == nil {
		settings = map[string]string{}
	}
	for name, value := range s.spec.Env {
		settings[prefixEnvironment+name] = plaintext.Setting(name, value)
	}
	for name, value := range s.database.Settings {
		settings[prefixDatabase+name] = value
	}
	settings["db.image_digest"] = s.base.image.Digest
	settings["db.limit.shared_memory_bytes"] = strconv.FormatInt(s.database.Shared, 10)
	s.options.Server.describe(settings, "limit.")
	s.options.Database.describe(settings, "db.limit.")
	s.deployment = bench.Deployment{
		Name:     s.spec.String(),
		Server:   s.spec.Server,
		Version:  s.spec.Version,
		Image:    s.server.image.Reference,
		Digest:   s.server.image.Digest,
		Database: s.base.image.Reference,
		Settings: settings,
	}
}

// Endpoints are those of the server, on 127.0.0.1. They stay valid over a Restart.
func (s *Stack) Endpoints() oauth.Endpoints {
	all := s.program.Endpoints(s.access.Site)
	all.Issuer = s.program.Endpoints(siteOf(s)).Issuer
	return all
}

// Capabilities are what the server can do, as this program can have it do.
func (s *Stack) Capabilities() oauth.Capabilities { return s.program.Capabilities }

// OwnErrors are error names of the server's own invention with which it refuses what
// it must refuse.
func (s *Stack) OwnErrors() []string { return s.program.OwnErrors }

// stopPatience is how long a server may take to end before it is killed.
const stopPatience = 10 * time.Second

// Death tells how the server's container ended by itself, with the last lines that it
// wrote; "" while it runs, or when the engine does not tell.
func (s *Stack) Death(ctx context.Context) string {
	state, err := s.server.container.State(ctx)
	if err != nil || state.Running || state.Restarting {
		return ""
	}
	status := fmt.Sprintf("exit status %d", state.ExitCode)
	if state.OOMKilled {
		status += ", killed for want of memory (--memory)"
	}
	const lines = 3
	if last := strings.TrimSpace(s.Logs(ctx, lines)); last != "" {
		status += fmt.Sprintf(", after it said %q", last)
	}
	return status
}

// Restart ends the server's process and starts a fresh one on the same database and
// ports, and waits until it is ready. A start that fails is tried once more: the
// engine's names are not always there at once. After an error the server may not be
// running; Restart may be tried again.
func (s *Stack) Restart(ctx context.Context) error {
	err := s.server.restart(ctx)
	if err != nil && ctx.Err() == nil {
		err = s.server.restart(ctx)
	}
	if err != nil {
		return s.builder.explain(err, &s.server)
	}
	s.access.http.CloseIdleConnections() // they were the old process's
	return s.server.watch(ctx)
}

// RestartCost is about what a Restart takes: what the server's first start took.
func (s *Stack) RestartCost() time.Duration { return s.startTook }

// Logs are the last n lines that the server wrote, without the stack's secrets.
func (s *Stack) Logs(ctx context.Context, n int) string {
	return s.builder.mask(s.server.lastLines(ctx, n))
}

// AtRest waits until all that was done so far is in the counters of Spent. It gives up, with an
// error, on a server that is never idle.
func (s *Stack) AtRest(ctx context.Context) error { return s.store.AtRest(ctx) }

// removeTimeout bounds the removal of one stack.
const removeTimeout = time.Minute

// Close removes the stack: containers, network, volumes. It does not wait for the
// server to end in good order. What could not be removed is in the error, by name.
// Calling it again is allowed, and looks again.
func (s *Stack) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	s.access.http.CloseIdleConnections()
	if s.store != nil && !s.shared {
		s.store.Close(ctx)
	}
	if _, err := s.builder.engine.Remove(ctx, s.builder.mark.Filter()); err != nil {
		return fmt.Errorf("remove %s: %w: run oauthbench clean", s.spec, err)
	}
	return nil
}
