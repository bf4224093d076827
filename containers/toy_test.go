package containers

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/containers/tokenrows"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// toyServer is what somebody who adds a server writes: this value, in a folder of its
// own, and its name in Servers.
func toyServer(binary string) stack.Server {
	return stack.Server{
		Name: "toy", Summary: "the smallest server", Example: "toy:v1",
		Settings: []stack.Setting{stack.OneOf("greeting", "what it says", "", "hello")},
		Program: func(stack.Spec, stack.Values) (stack.Program, error) {
			return stack.Program{
				Public: 8080,
				Health: func(at stack.Site) string { return at.Issuer + "/health" },
				Build: func(ctx context.Context, e *engine.Engine, _ stack.Options) (string, error) {
					return e.ProgramImage(ctx, "toy", "toy", binary)
				},
				Serve: func(at stack.Site) stack.Command {
					return stack.Command{Args: []string{"server", ":8080", at.Issuer},
						Env: map[string]string{"TOY_SECRET": at.Secret}}
				},
				Capabilities: oauth.Capabilities{oauth.GrantClientCredentials, oauth.HasIntrospection,
					oauth.HasRevocation, oauth.AuthBasic},
				Endpoints: func(at stack.Site) oauth.Endpoints {
					return oauth.Endpoints{
						Issuer: at.Issuer, Token: at.Issuer + "/token", Introspection: at.Issuer + "/introspect",
						Revocation: at.Issuer + "/revoke", JWKS: at.Issuer + "/jwks",
					}
				},
				Register: registerToyClient,
				Introspection: func(ctx context.Context, a *stack.Access) (oauth.Credential, error) {
					return registerToyClient(ctx, a, oauth.ClientSpec{AuthMethod: oauth.AuthBasic})
				},
			}, nil
		},
	}
}

func registerToyClient(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
	var got struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	err := a.Call(ctx, http.MethodPost, a.Admin+"/clients", "", nil, &got)
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, err
}

// toyDatabase is a database of another kind than PostgreSQL.
func toyDatabase(image string) stack.Database {
	return stack.Database{
		Name: "nothing", Summary: "the smallest database", Example: "nothing:1",
		Program: func(stack.DatabaseSpec) (stack.DatabaseProgram, error) {
			return stack.DatabaseProgram{
				Image: image, Port: 5432,
				Serve: func(a stack.Account) stack.Command {
					return stack.Command{Args: []string{"database", ":5432"},
						Env: map[string]string{"TOY_PASSWORD": a.Password}}
				},
				DSN: func(host string, a stack.Account) *url.URL {
					return &url.URL{Scheme: "toy", User: url.UserPassword(a.User, a.Password), Host: host}
				},
				Ready: func(ctx context.Context, dsn *url.URL) error {
					c, err := (&net.Dialer{}).DialContext(ctx, "tcp", dsn.Host)
					if err != nil {
						return err
					}
					return c.Close()
				},
				Open: func(context.Context, *url.URL) (stack.Store, error) { return toyStore{}, nil },
			}, nil
		},
	}
}

// toyStore tells and does nothing.
type toyStore struct{}

func (toyStore) Settings(context.Context) (map[string]string, error) {
	return map[string]string{"server_version": "1.0 (toy)"}, nil
}
func (toyStore) Counters(context.Context) (bench.DatabaseCounters, error) {
	return bench.DatabaseCounters{}, errors.ErrUnsupported
}
func (toyStore) Watch(context.Context, time.Duration) (bench.Waits, error) { return bench.Waits{}, nil }

func (toyStore) AtRest(context.Context) error                         { return nil }
func (toyStore) Follow(context.Context, []tokenrows.Table) error      { return nil }
func (toyStore) Followed(context.Context) ([]tokenrows.Change, error) { return nil, nil }
func (toyStore) Unfollow(context.Context) error                       { return nil }
func (toyStore) Run(context.Context, []string, ...any) error          { return nil }
func (toyStore) Exec(context.Context, string, ...any) error           { return errors.ErrUnsupported }
func (toyStore) Close(context.Context)                                {}
func (toyStore) Account(context.Context) (census.Census, error) {
	return census.Census{}, errors.ErrUnsupported
}
func (toyStore) Locks(context.Context) (census.Locks, error) {
	return census.Locks{}, errors.ErrUnsupported
}
func (toyStore) Since(context.Context, []stack.CatchUp, time.Time) ([][]stack.Row, error) {
	return nil, errors.ErrUnsupported
}
func (toyStore) Put(context.Context, []stack.CatchUp, [][]stack.Row) (int64, error) {
	return 0, errors.ErrUnsupported
}
func (toyStore) Count(context.Context, string, ...string) (first, second int64, err error) {
	return 0, 0, errors.ErrUnsupported
}
func (toyStore) Grow(context.Context, []stack.Growth, stack.Dataset, time.Duration) (stack.Filled, error) {
	return stack.Filled{}, errors.ErrUnsupported
}

// toys are a catalogue of the toys alone. The test may change the server's program.
func toys(t *testing.T, change func(*stack.Program)) (stack.Catalogue, *engine.Engine) {
	t.Helper()
	e := requireDocker(t)
	file := buildOnce(t, "./testdata/toy")
	image, err := e.ProgramImage(t.Context(), "toy", "toy", file)
	if err != nil {
		t.Fatal(err)
	}
	server := toyServer(file)
	if change != nil {
		made := server.Program
		server.Program = func(s stack.Spec, v stack.Values) (stack.Program, error) {
			p, err := made(s, v)
			change(&p)
			return p, err
		}
	}
	return stack.Catalogue{Servers: []stack.Server{server},
		Databases: []stack.Database{toyDatabase(image), Databases[0]}}, e
}

// startToy starts the toy server and checks that nothing is left of it.
func startToy(t *testing.T, target string, o Options, change func(*stack.Program)) (*Stack, error) {
	t.Helper()
	catalogue, e := toys(t, change)
	spec, err := catalogue.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	if o.RunID == "" {
		o.RunID = "test-" + engine.Random(6)
	}
	t.Cleanup(func() { nothingLeft(t, e, o.RunID) })
	s, err := stack.Start(t.Context(), spec, o)
	if err == nil {
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return s, err
}

// TestToy takes a server and a database that nobody knows through the seams, to the
// same conformance test as all others.
func TestToy(t *testing.T) {
	for _, target := range []string{"toy:v1", "toy:v1?db=postgres:15&env.A=b"} {
		t.Run(target, func(t *testing.T) {
			s, err := startToy(t, target, Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			conform(t, s)
			if err := s.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			conform(t, s)
			d := s.Deployment()
			if d.Name != target || d.Settings["db.server_version"] == "" {
				t.Errorf("deployment %+v; want %s and the version of the database", d, target)
			}
			if _, err := s.Fill(t.Context(), Dataset{Tokens: 1}); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("Fill without a rule = %v; want unsupported", err)
			}
			if _, err := s.ClientCertificate(t.Context(), "CN=x"); !errors.Is(err, errors.ErrUnsupported) ||
				s.TLS() != nil {
				t.Errorf("certificate of plain HTTP: %v; want unsupported", err)
			}
		})
	}
}

// What is not in the catalogue is refused with what is.
func TestToyRefuses(t *testing.T) {
	catalogue := stack.Catalogue{Servers: []stack.Server{toyServer("")}, Databases: []stack.Database{toyDatabase("")}}
	for target, says := range map[string]string{
		"hydra:v2.3.0":          "there are toy",
		"toy:v1?db=postgres:15": "db=nothing:1",
		"toy:v1?greeting=bye":   "hello",
		"toy:v1?volume=11":      "greeting",
	} {
		if _, err := catalogue.Parse(target); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Parse(%q) = %v; want an error that says %q", target, err, says)
		}
	}
}
