package stack

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/testcontainers/testcontainers-go"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

// Stack is one deployment that runs: network, database, server. Its methods may be
// called concurrently, but for Restart and Close, which interrupt what the server
// does.
type Stack struct {
	spec     Spec
	options  Options
	program  program
	database databaseProgram

	id       string
	password string // of the database
	site     site
	outside  *url.URL // the database as this program reaches it
	engine   *engine
	http     *http.Client
	trust    *tls.Config // of the server's authority; nil with plain HTTP
	network  string
	ports    map[int]int // of the server, inside to 127.0.0.1

	deployment bench.Deployment
	server     running
	store      running

	statistics sync.Mutex // guards connection
	connection *pgx.Conn  // to the database's maintenance database
	// session is what a server needs to remember between calls of its functions.
	session sync.Map
}

// running is a container of a stack.
type running struct {
	image     image
	container *testcontainers.DockerContainer
	mu        sync.Mutex
	processes processes // changes with a restart
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
func (s *Stack) describe(server, database image) {
	settings := maps.Clone(s.program.settings)
	for name, value := range s.spec.Env {
		settings[prefixEnvironment+name] = maskValue(name, value)
	}
	for name, value := range s.database.settings {
		settings[prefixDatabase+name] = value
	}
	settings["db.image_digest"] = database.digest
	settings["db.limit.shared_memory_bytes"] = strconv.FormatInt(s.database.shared, 10)
	limit := func(prefix string, l Limits) {
		if l.CPUs != 0 {
			settings[prefix+"cpus"] = strconv.FormatFloat(l.CPUs, 'g', -1, 64)
		}
		if l.CPUSet != "" {
			settings[prefix+"cpuset"] = l.CPUSet
		}
		if l.Memory != 0 {
			settings[prefix+"memory_bytes"] = strconv.FormatInt(l.Memory, 10)
		}
	}
	limit("limit.", s.options.Server)
	limit("db.limit.", s.options.Database)
	s.deployment = bench.Deployment{
		Name:     s.spec.String(),
		Server:   s.spec.Server,
		Version:  s.spec.Version,
		Image:    server.reference,
		Digest:   server.digest,
		Database: database.reference,
		Settings: settings,
	}
}

// Endpoints are those of the server, on 127.0.0.1. They stay valid over a Restart.
func (s *Stack) Endpoints() oauth.Endpoints { return s.program.endpoints(s.site) }

// Capabilities are what the server can do, as this program can have it do.
func (s *Stack) Capabilities() oauth.Capabilities { return s.program.capabilities }

// AdminURL is the base of the server's admin interface, without a trailing slash.
func (s *Stack) AdminURL() string { return s.site.admin }

// RegisterClient makes a confidential client through the server's admin interface.
// The error wraps errors.ErrUnsupported when the server cannot give it what was
// asked for.
func (s *Stack) RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	c, err := s.program.register(ctx, s, spec)
	if err != nil {
		return oauth.Credential{}, fmt.Errorf("register client at %s: %w", s.spec, err)
	}
	return c, nil
}

// IntrospectionCredential is how a resource server proves itself at the
// introspection endpoint; the zero Credential when nothing is needed there.
func (s *Stack) IntrospectionCredential(ctx context.Context) (oauth.Credential, error) {
	c, err := s.program.introspection(ctx, s)
	if err != nil {
		return oauth.Credential{}, fmt.Errorf("introspection credential of %s: %w", s.spec, err)
	}
	return c, nil
}

// stopPatience is how long a server may take to end before it is killed.
const stopPatience = 10 * time.Second

// Restart ends the server's process and starts a fresh one on the same database and
// ports, and waits until it is ready. After an error the server may not be running;
// Restart may be tried again.
func (s *Stack) Restart(ctx context.Context) error {
	patience := stopPatience
	err := s.server.container.Stop(ctx, &patience)
	if err == nil {
		err = s.server.container.Start(ctx)
	}
	if err != nil {
		return s.explain(err, s.server.container)
	}
	s.http.CloseIdleConnections() // they were the old process's
	return s.watchProcesses(ctx)
}

// Logs are the last n lines that the server wrote, without the stack's secrets.
func (s *Stack) Logs(ctx context.Context, n int) string {
	return s.mask(lastLines(ctx, s.server.container, n))
}

// maxAnswer bounds what is read of an admin interface's answer, in bytes.
const maxAnswer = 1 << 20

// call sends JSON to an admin interface and reads JSON from it. in and out may be
// nil. An answer other than 2xx is an error.
func (s *Stack) call(ctx context.Context, method, url string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if resp.StatusCode/100 != 2 {
		return unexpected(method+" "+url, resp.StatusCode, data)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s %s answered what is not the JSON expected: %w", method, url, err)
	}
	return nil
}

// token asks the token endpoint.
func (s *Stack) token(ctx context.Context, r oauth.Request) (oauth.Token, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return oauth.Token{}, err
	}
	req.Header = r.Header.Clone()
	resp, err := s.http.Do(req)
	if err != nil {
		return oauth.Token{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return oauth.Token{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return oauth.Token{}, unexpected(r.URL, resp.StatusCode, data)
	}
	return oauth.ParseToken(data)
}
