package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
)

// fakeServer is an authorization server within the test: tokens that it knows are active
// until they are revoked.
type fakeServer struct {
	*httptest.Server
	mu       sync.Mutex
	live     map[string]bool
	restarts int
	closed   bool
	broken   bool // every request is refused
	requests int
	diesAt   int  // the request with which it dies, 0 for none
	forGood  bool // it cannot be restarted
	dead     bool
}

func (f *fakeServer) Capabilities() oauth.Capabilities {
	return oauth.Capabilities{oauth.GrantClientCredentials, oauth.AuthBasic, oauth.HasIntrospection,
		oauth.HasRevocation}
}

func (f *fakeServer) Endpoints() oauth.Endpoints {
	return oauth.Endpoints{Issuer: f.URL, Token: f.URL + "/token", Introspection: f.URL + "/introspect",
		Revocation: f.URL + "/revoke"}
}

func (f *fakeServer) RegisterClient(context.Context, oauth.ClientSpec) (oauth.Credential, error) {
	return oauth.Credential{Method: oauth.AuthBasic, ClientID: "client", Secret: "secret"}, nil
}

func (f *fakeServer) IntrospectionCredential(context.Context) (oauth.Credential, error) {
	return oauth.Credential{Method: oauth.AuthBasic, ClientID: "client", Secret: "secret"}, nil
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.requests++; f.requests == f.diesAt {
		f.dead = true
	}
	if f.dead {
		panic(http.ErrAbortHandler)
	}
	answer := map[string]any{}
	id, secret, _ := r.BasicAuth()
	token := r.FormValue("token")
	switch {
	case f.broken || id != "client" || secret != "secret":
		w.WriteHeader(http.StatusUnauthorized)
		answer["error"] = "invalid_client"
	case strings.HasSuffix(r.URL.Path, "token"):
		issued := fmt.Sprintf("token-%d-abcdefghijklmnop", len(f.live))
		f.live[issued] = true
		answer = map[string]any{"access_token": issued, "token_type": "Bearer", "expires_in": 3600, "scope": "read"}
	case strings.HasSuffix(r.URL.Path, "introspect"):
		answer["active"] = f.live[token]
		if f.live[token] {
			answer["client_id"], answer["scope"] = "client", "read"
		}
	default:
		f.live[token] = false
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// dieSoon makes it die under the next load.
func (f *fakeServer) dieSoon() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.diesAt = f.requests + 20
}

func (f *fakeServer) restart(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead && f.forGood {
		return errors.New("gone")
	}
	f.restarts++
	f.dead = false
	return nil
}

func (f *fakeServer) death(context.Context) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return "exit status 70"
	}
	return ""
}

// fakeTarget is a target whose server is within the test, and ends with it.
func fakeTarget(t *testing.T) (targets.Target, *fakeServer) {
	target, f := newFake()
	t.Cleanup(f.Server.Close)
	return target, f
}

func newFake() (targets.Target, *fakeServer) {
	f := &fakeServer{live: map[string]bool{}}
	f.Server = httptest.NewServer(f)
	start := func(context.Context, func(string)) (*targets.Deployment, error) {
		return &targets.Deployment{
			Server: f, Scope: "read", Identity: bench.Deployment{Name: "fake", Server: "fake"},
			Spent:   func() bench.Spending { return bench.Spending{} },
			Restart: f.restart,
			Death:   f.death,
			Close:   func() error { f.closed = true; return nil },
		}, nil
	}
	return targets.Target{Text: "fake", Can: f.Capabilities(), Start: start}, f
}

// failing is a target that does not start.
func failing(cause string) targets.Target {
	return targets.Target{Text: "failing", Start: func(context.Context, func(string)) (*targets.Deployment, error) {
		return nil, errors.New(cause)
	}}
}

// watched is an observer that keeps what it is told.
type watched struct {
	said      []string
	published int
	ended     bool
	after     func() // called after each trial, unless it is nil
}

func (w *watched) Say(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *watched) Follow(Activity) (stop func()) { return func() {} }

func (w *watched) Publish(run *bench.Run) {
	w.published++
	w.ended = run.End != nil
	if w.after != nil && !w.ended {
		w.after()
	}
}

// tokenPlan is a plan of tokens only, at a rate that a test's server carries easily.
func tokenPlan(command, out string) plan.Plan {
	p := plan.Default(command)
	p.Scenarios, p.Rates = []string{"token"}, map[string]plan.Rate{"": {PerSecond: 100}}
	p.Seed, p.Out = 1, out
	return p
}
