//go:build unix

package process

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/owner"
)

// childOptions run this test binary as the child.
func childOptions(t *testing.T, kind string, s settings.Settings) Options {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	return Options{Settings: s, Command: []string{os.Args[0]}, Env: append(os.Environ(), childVariable+"="+kind)}
}

// left are the directories that servers have left in the temporary directory.
func left(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.TempDir(), "oauthbench-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func start(t *testing.T, o Options) *Process {
	t.Helper()
	p, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func mint(t *testing.T, p *Process, c oauth.Credential) string {
	t.Helper()
	a, err := send(http.DefaultClient, oauth.ClientCredentials(p.Endpoints().Token, c, ""))
	if err != nil {
		t.Fatal(err)
	}
	token, err := oauth.ParseToken(a.body)
	if err != nil {
		t.Fatalf("token = %s", a)
	}
	return token.AccessToken
}

func isActive(t *testing.T, p *Process, c oauth.Credential, token string) bool {
	t.Helper()
	a, err := send(http.DefaultClient, oauth.Introspect(p.Endpoints().Introspection, c, token))
	if err != nil {
		t.Fatal(err)
	}
	i, err := oauth.ParseIntrospection(a.body)
	if err != nil {
		t.Fatalf("introspect = %s", a)
	}
	return i.Active
}

// A server lives through restarts and an upgrade with all its tokens, at the same
// addresses, and leaves nothing behind.
func TestProcess(t *testing.T) {
	for _, db := range databases() {
		for _, tokens := range []string{settings.TokensOpaque, settings.TokensJWT} {
			t.Run(db+"/"+tokens, func(t *testing.T) {
				query := "tokens=" + tokens + "&db=" + db
				p := start(t, childOptions(t, "serve", quick(t, settings.V1, query)))
				endpoints, pid, schema := p.Endpoints(), p.PID(), p.home.schema
				if pid == os.Getpid() || owner.Gone(pid) {
					t.Fatalf("PID() = %d; want a process of its own", pid)
				}
				c, err := p.RegisterClient(t.Context(),
					oauth.ClientSpec{Name: "x", AuthMethod: oauth.AuthPost, GrantTypes: []string{"client_credentials"},
						Scope: "read", AccessTokenLifetime: time.Minute})
				if err != nil || c.Method != oauth.AuthPost {
					t.Fatalf("RegisterClient = %+v, %v", c, err)
				}
				resource, err := p.IntrospectionCredential(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				live, revoked := mint(t, p, c), mint(t, p, c)
				if _, err := send(http.DefaultClient, oauth.Revoke(endpoints.Revocation, c, revoked, "")); err != nil {
					t.Fatal(err)
				}
				for what, again := range map[string]func() error{
					"restart": func() error { return p.Restart(t.Context()) },
					"upgrade": func() error { return p.Upgrade(t.Context(), quick(t, settings.V2, query)) },
				} {
					http.DefaultClient.CloseIdleConnections()
					if err := again(); err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					if now := p.Endpoints(); now.Issuer != endpoints.Issuer || now.Token != endpoints.Token {
						t.Errorf("%s moved the server to %+v; want %+v", what, now, endpoints)
					}
					if p.PID() == pid || !owner.Gone(pid) {
						t.Errorf("%s: process %d is still there", what, pid)
					}
					pid = p.PID()
					if !isActive(t, p, resource, live) || isActive(t, p, resource, revoked) {
						t.Errorf("%s changed the state of a token", what)
					}
					mint(t, p, c)
				}
				http.DefaultClient.CloseIdleConnections()
				if err := errors.Join(p.Close(), p.Close()); err != nil {
					t.Errorf("Close = %v", err)
				}
				if found := left(t); len(found) > 0 || !owner.Gone(pid) || p.PID() != 0 {
					t.Errorf("Close left %v and process %d", found, pid)
				}
				l, err := net.Listen("tcp", hostPort(endpoints.Issuer))
				if err != nil {
					t.Errorf("Close left the port: %v", err)
				} else {
					l.Close()
				}
				if db == settings.Postgres {
					wantNoSchema(t, schema)
				}
				if err := p.Restart(t.Context()); err == nil {
					t.Error("Restart after Close = nil; want an error")
				}
			})
		}
	}
}

func wantNoSchema(t *testing.T, schema string) {
	t.Helper()
	own := store.NewSchemaName()
	d, err := store.OpenPostgres(t.Context(), os.Getenv(settings.PostgresVariable), own)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	defer store.DropSchema(context.Background(), os.Getenv(settings.PostgresVariable), own)
	var n int
	if err := d.Read.QueryRow(`SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = $1`,
		schema).Scan(&n); err != nil || n != 0 {
		t.Errorf("schema %q is there %d times, %v; want it dropped", schema, n, err)
	}
}

// The flow by which workloads get refresh tokens, as they see it.
func TestProcessLogin(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V2, "")))
	c, err := p.RegisterClient(t.Context(),
		oauth.ClientSpec{AuthMethod: oauth.AuthBasic, GrantTypes: []string{"authorization_code", "refresh_token"},
			Scope: "read"})
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	query := url.Values{"response_type": {"code"}, "client_id": {c.ClientID}, "redirect_uri": {settings.RedirectURI},
		"scope": {"read offline_access"}}
	resp, err := browser.Get(p.Endpoints().Authorization + "?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	login, err := resp.Location()
	if err != nil {
		t.Fatalf("authorize answered %s: %v", resp.Status, err)
	}
	next, err := p.AcceptLogin(t.Context(), login, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if resp, err = browser.Get(next); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if back, err := resp.Location(); err != nil || back.Query().Get("code") == "" {
		t.Errorf("callback answered %s, %v; want a code", resp.Status, err)
	}
}

func TestStartFails(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		what, kind string
		change     func(*Options)
		want       []string
	}{
		{"exits early", "broken", nil,
			[]string{"child exited before it was ready: exit status 3", "line 10\n", "line 29"}},
		{"never ready", "mute", func(o *Options) {
			o.ReadyTimeout = 100 * time.Millisecond
		}, []string{"not ready within 100ms"}},
		{"no such program", "serve", func(o *Options) {
			o.Command = []string{"/does/not/exist"}
		}, []string{"/does/not/exist"}},
		{"no command", "serve", func(o *Options) { o.Command = nil }, []string{"no command"}},
		{"port in use", "serve", func(o *Options) {
			o.Listen = taken.Addr().String()
		}, []string{taken.Addr().String(), "in use by another process: choose another port"}},
		{"not loopback", "serve", func(o *Options) {
			o.Listen = "0.0.0.0:0"
		}, []string{`--listen "0.0.0.0:0" is not a loopback address`}},
		{"not an address", "serve", func(o *Options) { o.Admin = "4445" }, []string{`--admin "4445" is not host:port`}},
		{"postgres without a name", "serve", func(o *Options) {
			o.Settings.Database = settings.Postgres
			o.Env = append(o.Env, settings.PostgresVariable+"=")
		}, []string{settings.PostgresVariable}},
	} {
		t.Run(test.what, func(t *testing.T) {
			o := childOptions(t, test.kind, quick(t, settings.V2, ""))
			if test.change != nil {
				test.change(&o)
			}
			p, err := Start(t.Context(), o)
			if err == nil {
				p.Close()
				t.Fatal("Start = nil; want an error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Start = %v; want it to say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "line 9\n") {
				t.Errorf("Start = %v; want the last 20 lines only", err)
			}
			if found := left(t); len(found) > 0 {
				t.Errorf("Start left %v", found)
			}
		})
	}
}

func TestStartIsInterruptible(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("^C"))
	p, err := Start(ctx, childOptions(t, "mute", quick(t, settings.V2, "")))
	if err == nil {
		p.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "^C") {
		t.Errorf("Start = %v; want the cause of the context", err)
	}
}

// A child that will not listen is killed, within Close.
func TestCloseKills(t *testing.T) {
	p := start(t, childOptions(t, "stubborn", quick(t, settings.V2, "")))
	pid := p.PID()
	if err := p.child.stop(false, 50*time.Millisecond); err != nil {
		t.Errorf("stop = %v; want nil: the data were to go anyway", err)
	}
	if !owner.Gone(pid) {
		t.Error("the child is still there")
	}
	p.child = nil
	if err := p.Close(); err != nil || len(left(t)) > 0 {
		t.Errorf("Close = %v, left %v", err, left(t))
	}
}

// A restart whose port was taken meanwhile moves.
func TestRestartMoves(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V2, "")))
	before := p.Endpoints()
	if err := p.stop(true); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", hostPort(before.Issuer))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := p.Restart(t.Context()); err != nil || p.Endpoints() == before {
		t.Errorf("Restart = %v at %+v; want it elsewhere", err, p.Endpoints())
	}
}

// serving runs a child by hand, as a terminal or a parent without Start would.
func serving(t *testing.T, args ...string) (*exec.Cmd, Addresses, func() error) {
	t.Helper()
	o := childOptions(t, "serve", quick(t, settings.V2, ""))
	cmd := exec.Command(o.Command[0], args...)
	cmd.Env = o.Env
	cmd.Stderr = os.Stderr
	input, inErr := cmd.StdinPipe()
	output, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	var at Addresses
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &at)
	}
	if err != nil || at.PID != cmd.Process.Pid {
		t.Fatalf("child said %q (%v); want its addresses", line, err)
	}
	return cmd, at, input.Close
}

// The death of a parent, however sudden, ends the input of its child.
func TestServeEndsWithInput(t *testing.T) {
	cmd, _, closeInput := serving(t, "--exit-with-stdin", "v2")
	if found := left(t); len(found) != 1 {
		t.Errorf("the data are in %v; want one directory", found)
	}
	if err := closeInput(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || len(left(t)) > 0 {
		t.Errorf("child ended with %v and left %v; want nothing", err, left(t))
	}
}

func TestServeEndsWithSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		cmd, _, _ := serving(t, "v1")
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil || len(left(t)) > 0 {
			t.Errorf("%s: child ended with %v and left %v; want nothing", signal, err, left(t))
		}
	}
}

// ^C at the terminal goes to the process group of the parent.
func TestChildHasItsOwnGroup(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V2, "")))
	group, err := syscall.Getpgid(p.PID())
	if err != nil || group == syscall.Getpgrp() {
		t.Errorf("child is in group %d (%v); want one of its own", group, err)
	}
}
