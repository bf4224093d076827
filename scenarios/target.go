package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"oauthbench/bench/generator"
	"oauthbench/internal/oauth"
	"oauthbench/scenarios/notebook"
)

// Server is an authorization server as a scenario needs it: reachable, and willing
// to register clients. Implementations are safe for concurrent use.
type Server interface {
	Endpoints() oauth.Endpoints
	// RegisterClient makes a client. It wraps errors.ErrUnsupported when the server
	// cannot give it a property that was asked for.
	RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error)
	// IntrospectionCredential is how a resource server proves itself at the
	// introspection endpoint. The zero Credential means that nothing is needed.
	IntrospectionCredential(ctx context.Context) (oauth.Credential, error)
}

// Authorizer is a Server that lets a user be played: one who logs in and agrees.
type Authorizer interface {
	// Authorize returns the authorization code that the user's browser is sent back
	// with (RFC 6749 section 4.1.2).
	Authorize(ctx context.Context, a oauth.Authorization) (code string, err error)
}

// DeviceApprover is a Server that lets a user be played who agrees to a device.
type DeviceApprover interface {
	ApproveDevice(ctx context.Context, a oauth.DeviceApproval) error
}

// Capable is a Server that says what it can do. One that does not say is asked, and
// its refusal is the error.
type Capable interface {
	Capabilities() oauth.Capabilities
}

// Guest is a Server that somebody else set up and runs: what it grants is its own affair,
// its limits are to be kept, and what is left there stays.
type Guest interface{ Guest() }

func (t Target) guest() bool {
	_, guest := t.Server.(Guest)
	return guest
}

// OwnErrors is a Server that says which error names of its own invention it has, beside
// those of the specifications: what is refused with one is counted by that name.
type OwnErrors interface {
	OwnErrors() []string
}

// Target is one deployment, as scenarios prepare on it.
type Target struct {
	Server Server
	// Scope that tokens are asked for and must have; "" asks for none, and then any
	// is right.
	Scope string
	HTTP  *http.Client // for preparation and verification, never for the load
	// Oracle asks while a load runs, on connections of its own; nil is HTTP.
	Oracle *http.Client
	// Elsewhere is the introspection endpoint of another instance of the same server,
	// which the oracle asks; "" when there is but one.
	Elsewhere string
	// Offered is the rate of the load in requests per second, 0 when it is not known yet.
	Offered float64
	// Parallel is how many requests the preparation may have in flight.
	Parallel int
	// Parameters must be complete: begin with Defaults.
	Parameters Parameters
	Progress   *Progress // of preparing and verifying; nil is allowed

	blind string         // why introspection is of no use; "" when it is
	limit *rate.Limiter  // of preparing; nil for none
	book  *notebook.Book // nil forgets what is noted
}

// Progress counts the steps of a preparation. Safe for concurrent use.
type Progress struct{ done, total atomic.Int64 }

// Steps are how many steps have been taken, of how many that are known by now.
func (p *Progress) Steps() (done, total int64) { return p.done.Load(), p.total.Load() }

// DefaultScope is for servers whose clients we register ourselves.
const DefaultScope = "bench"

// Callback is where authorization codes are sent. Nobody listens there: they are read
// from the redirection.
const Callback = "http://127.0.0.1/callback"

// Source makes the requests of one scenario on one deployment.
type Source interface {
	// Prepare makes the requests of one trial. The workload's arrivals are numbered
	// from 0 to ask.Count-1.
	Prepare(ctx context.Context, ask Ask) (generator.Workload, error)
	// Notes tells what this deployment could not be asked, for the report.
	Notes() []string
}

// Ask is what a trial needs.
type Ask struct {
	Count  int
	Seed   uint64        // the same seed asks for the same sequence of requests
	Length time.Duration // of the trial; tokens must live longer
	// Starts are the intended starts of the arrivals, ascending; nil in a closed loop,
	// where InFlight requests are always under way.
	Starts   []time.Duration
	InFlight int
	Timeout  time.Duration // of one request

	book  *notebook.Book // of the deployment
	guest bool           // it is not ours
}

// span is from a trial's beginning to when its last answer may come: until then a right
// server must find good what was prepared.
func (a Ask) span() time.Duration { return a.Length + a.Timeout }

// at is about when arrival i is sent, for what must be dated beforehand.
func (a Ask) at(i int) time.Time {
	if i < len(a.Starts) {
		return time.Now().Add(a.Starts[i])
	}
	return time.Now()
}

// instances are the introspection endpoints at which a revoked token must be dead: the
// server's, and that of another instance when one was given.
func (t Target) instances(own string) []string {
	if t.Elsewhere == "" || t.Elsewhere == own {
		return []string{own}
	}
	return []string{own, t.Elsewhere}
}

func (t Target) can(c oauth.Capability) bool {
	capable, ok := t.Server.(Capable)
	return ok && capable.Capabilities().Has(c)
}

// endpoint returns the URL of an endpoint, or an error that names the one missing.
func endpoint(url, name string) (string, error) {
	if url == "" {
		return "", fmt.Errorf("the server names no %s endpoint", name)
	}
	return url, nil
}

// client is one registered client.
type client struct {
	oauth.Credential
	proof *oauth.Key // of DPoP; nil without
}

// clients registers as many clients as the parameters ask for.
func (t Target) clients(ctx context.Context, scenario string, adapt func(*oauth.ClientSpec)) ([]client, error) {
	all := make([]client, t.Parameters.Clients)
	// One key for all: what differs between clients is their row, not their key.
	var key *oauth.Key
	var err error
	if t.Parameters.ClientAuth == oauth.AuthPrivateKeyJWT {
		if key, err = oauth.NewKey(t.Parameters.SigningAlg); err != nil {
			return nil, err
		}
	}
	var proof *oauth.Key
	if t.Parameters.DPoP {
		if proof, err = oauth.NewKey(oauth.ES256); err != nil {
			return nil, err
		}
	}
	err = t.each(ctx, len(all), func(ctx context.Context, i int) error {
		spec := t.spec(fmt.Sprintf("oauthbench %s %d", scenario, i))
		if key != nil {
			spec.Keys = key.Set()
		}
		if adapt != nil {
			adapt(&spec)
		}
		cred, err := t.register(ctx, spec)
		if err != nil {
			return err
		}
		cred.Key = key
		all[i] = client{cred, proof}
		return cred.Check()
	})
	return all, err
}

// register registers one client and completes its credential.
func (t Target) register(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	if err := t.wait(ctx); err != nil {
		return oauth.Credential{}, err
	}
	cred, err := t.Server.RegisterClient(ctx, spec)
	if err != nil {
		return oauth.Credential{}, err
	}
	cred.Audience = strings.Join(t.audience(), " ")
	return cred, nil
}

// audience is what the server calls itself, for assertions.
func (t Target) audience() oauth.Audience {
	e := t.Server.Endpoints()
	return slices.DeleteFunc(oauth.Audience{e.Issuer, e.Token}, func(a string) bool { return a == "" })
}

// spec is a client with the method and the rights that the parameters ask for.
func (t Target) spec(name string) oauth.ClientSpec {
	s := oauth.ClientSpec{Name: name, AuthMethod: t.Parameters.ClientAuth,
		GrantTypes: []string{string(oauth.GrantClientCredentials)}, Scope: t.Scope}
	switch s.AuthMethod {
	case oauth.AuthPrivateKeyJWT:
		s.SigningAlg = t.Parameters.SigningAlg
	case oauth.AuthSecretJWT:
		s.SigningAlg = oauth.HS256
	case oauth.AuthTLS:
		s.SubjectDN = ClientDN
	}
	if a := t.Parameters.Audience; a != "" {
		s.Audience = []string{a}
	}
	return s
}

// ClientDN is the subject of the certificate that clients present with
// tls_client_auth.
const ClientDN = "CN=oauthbench"

// named is the request parameter for the audience that tokens are asked for. RFC 8693
// section 2.1 has it, and servers take it with other grants too.
func (t Target) named() oauth.Param {
	return oauth.Param{Name: "audience", Value: t.Parameters.Audience}
}

// normal is a scope whose names are in order, each once.
func normal(scope string) string {
	names := strings.Fields(scope)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// granted tells whether a scope is the one that was asked for: a set of names, in any
// order (RFC 6749 section 3.3). An answer that leaves it out grants what was asked
// (section 5.1).
func granted(asked, got string) bool {
	return asked == "" || got == "" || asked == got || normal(asked) == normal(got)
}

// errNoUser is the error of servers at which no user can be played.
var errNoUser = errors.New("this server wants a user at a browser, and none can be played")

// single tells whether every request of the client needs a proof of its own.
func (c client) single() bool { return c.proof != nil || c.Single() }

// prove adds a DPoP proof when the client makes them.
func (c client) prove(r oauth.Request, at time.Time, accessToken string) (*oauth.Request, error) {
	if c.proof == nil {
		return &r, nil
	}
	r, err := r.WithProof(c.proof, at, accessToken)
	return &r, err
}
