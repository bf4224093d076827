package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// network has the fake servers of a test and takes requests to them, in virtual time: a
// run with all its pauses takes as long as its requests cost to compute.
type network struct {
	servers   []*fakeServer
	exhausted bool // no request leaves this machine
}

// add adds a server, and gives the target by which a run starts it.
func (n *network) add() (targets.Target, *fakeServer) {
	f := newFake(fmt.Sprintf("http://server-%d.test", len(n.servers)))
	n.servers = append(n.servers, f)
	return f.target(), f
}

// open is a client of the network, for Request.openClient.
func (n *network) open(o generator.ClientOptions) *generator.Client {
	return generator.NewClientTransport(o.Timeout, n)
}

// RoundTrip is the way of a request to its server and back.
func (n *network) RoundTrip(r *http.Request) (_ *http.Response, err error) {
	if n.exhausted {
		return nil, os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)
	}
	for _, f := range n.servers {
		if !strings.HasPrefix(r.URL.String(), f.url+"/") {
			continue
		}
		time.Sleep(f.delay(r.URL.Path))
		defer func() {
			if recover() != nil { // as net/http does with http.ErrAbortHandler
				err = io.ErrUnexpectedEOF
			}
		}()
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		return w.Result(), nil
	}
	return nil, fmt.Errorf("no server is at %s", r.URL)
}

// compared are two servers whose versions a run compares.
func (n *network) compared(p plan.Plan) (r Request, baseline, candidate *fakeServer) {
	old, baseline := n.add()
	fresh, candidate := n.add()
	return n.request(p, map[bench.Role]targets.Target{bench.Baseline: old, bench.Candidate: fresh}),
		baseline, candidate
}

// request is one for a run on a quiet machine, with an observer that keeps what it is told.
func (n *network) request(p plan.Plan, t map[bench.Role]targets.Target) Request {
	return Request{Plan: p, Targets: t, Tool: "test", Observer: &watched{}, watchOthers: quiet, openClient: n.open}
}

// fakeServer is an authorization server within the test: tokens that it knows are active
// until they are revoked.
type fakeServer struct {
	url      string
	slow     map[string]time.Duration // beyond serviceTime, by the last part of the path
	liesOf   int                      // one in so many live tokens is called inactive, 0 for none
	mu       sync.Mutex
	live     map[string]bool
	restarts int
	closed   bool
	broken   bool // every request is refused
	requests int
	diesAt   int  // the request with which it dies, 0 for none
	forGood  bool // it cannot be restarted
	dead     bool
	coldFor  int  // how many requests it needs until it takes no longer than serviceTime
	lasting  bool // restart leaves its process alone
}

func (f *fakeServer) Capabilities() oauth.Capabilities {
	return oauth.Capabilities{oauth.GrantClientCredentials, oauth.AuthBasic, oauth.HasIntrospection,
		oauth.HasRevocation}
}

func (f *fakeServer) Endpoints() oauth.Endpoints {
	return oauth.Endpoints{Issuer: f.url, Token: f.url + "/token", Introspection: f.url + "/introspect",
		Revocation: f.url + "/revoke"}
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
		active := f.live[token] && (f.liesOf == 0 || f.requests%f.liesOf > 0)
		answer["active"] = active
		if active {
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

// serviceTime is what every request takes.
const serviceTime = 5 * time.Millisecond

// coldTime is what the first request of a cold server takes beyond serviceTime.
const coldTime = 40 * time.Millisecond

// delay is what a request of a path takes.
func (f *fakeServer) delay(path string) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	cold := coldTime * time.Duration(max(f.coldFor-f.requests, 0)) / time.Duration(max(f.coldFor, 1))
	return serviceTime + cold + f.slow[strings.TrimPrefix(path, "/")]
}

func newFake(url string) *fakeServer { return &fakeServer{url: url, live: map[string]bool{}} }

// target is one whose server is within the test.
func (f *fakeServer) target() targets.Target {
	start := func(context.Context, func(string)) (*targets.Deployment, error) {
		return &targets.Deployment{
			Server: f, Scope: "read", Identity: bench.Deployment{Name: "fake", Server: "fake"},
			Spent:   func() bench.Spending { return bench.Spending{} },
			Restart: f.restart,
			Death:   f.death,
			Lasting: f.lasting,
			Close:   func() error { f.closed = true; return nil },
		}, nil
	}
	return targets.Target{Text: "fake", Can: f.Capabilities(), Start: start}
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
	after     func()        // called after each trial, unless it is nil
	line      func() string // of the trials under way
	heard     func(text string)
}

func (w *watched) Say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.said = append(w.said, text)
	if w.heard != nil {
		w.heard(text)
	}
}

func (w *watched) Follow(a Activity) (stop func()) {
	if a.Trials != nil {
		w.line = a.Line
	}
	return func() {}
}

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
