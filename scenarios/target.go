package scenarios

import (
	"context"
	"net/http"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/notebook"
	"github.com/oauthbench/oauthbench/scenarios/stock"
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

// LoginReturner is a Server whose users log in at an application of others, or at a form of its own.
type LoginReturner interface {
	// ReturnFromLogin has a user begin an authorization and log in, and gives the request with which
	// the user's browser returns, or that with which it sends what the user has typed: it can be
	// sent once.
	ReturnFromLogin(ctx context.Context, a oauth.Authorization) (oauth.Request, error)
	// FillConsents gives each of the first users what its data set says they have agreed to before
	// at a client; a is what they agree to. Nothing is done where the data set says nothing.
	FillConsents(ctx context.Context, a oauth.Authorization, users int) error
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
	away  *patience      // with a server that is not ours; nil for none
	book  *notebook.Book // nil forgets what is noted

	handover *handover
}

// handover is what the scenarios of one deployment leave to each other.
type handover struct {
	stock.Stock // tokens that the load before this one was granted
	// killsOthers tells whether in this load the revocation of a token ended others of its
	// client; nil where nothing is revoked.
	killsOthers func(ctx context.Context) bool
	// keeps is how many tokens the server keeps of a client, as far as that was noticed: the older ones
	// end with each new one. 0 is no bound that is known.
	keeps int
	// sought is up to how many such a bound was looked for in vain.
	sought int
	// looped is how many tokens closed loops were granted since the last load that counts: far more than
	// that is.
	looped int
}

// spared is the part of the tokens that a server keeps which is left to what is asked for beside the load.
const spared = 0.2

// Progress counts the steps of a preparation. Safe for concurrent use.
type Progress struct{ done, total atomic.Int64 }

// Steps are how many steps have been taken, of how many that are known by now.
func (p *Progress) Steps() (done, total int64) { return p.done.Load(), p.total.Load() }

// DefaultScope is for servers whose clients we register ourselves.
const DefaultScope = "bench"

// Callback is where authorization codes are sent. Nobody listens there: they are read
// from the redirection.
const Callback = "http://127.0.0.1/callback"

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
