package stack

import (
	"context"
	"crypto/tls"
	"net/url"
	"time"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Server is a kind of authorization server: all that this package knows of one.
type Server struct {
	Name    string // first word of a target
	Summary string
	Example string // a target
	// Tested are the targets that the tests start, among them one of each version under
	// test. One whose image the engine lacks is skipped by name.
	Tested   []string
	Settings []Setting
	// Notes are further lines for the documentation, each a sentence; often none.
	Notes []string
	// Guide is what its makers say that it carries; the zero value where they say nothing.
	Guide Guide
	// Program tells how this version is run with these settings, all of them known
	// and valid by themselves. It is pure.
	Program func(Spec, Values) (Program, error)
}

// Guide is what the makers of a server say that it carries, for planning.
type Guide struct {
	Source string // where they say so
	Rates  []GuideRate
}

// GuideRate is how much of an operation one core is said to carry.
type GuideRate struct {
	Operation string
	What      string  // in the guide's words
	PerCore   float64 // requests a second of one core
}

// Values are a server's settings with their defaults filled in; one without a
// default that was not given is absent.
type Values map[string]string

// Lifetime is a setting of that kind, or what it is by default.
func (v Values) Lifetime(key string, byDefault time.Duration) time.Duration {
	if d, err := time.ParseDuration(v[key]); err == nil {
		return d
	}
	return byDefault
}

// Program is how one version of a server is run. Ports are those inside the
// container, paths begin with a slash.
type Program struct {
	Image    string            // without a registry's prefix
	Settings map[string]string // effective ones, for the Deployment
	Public   int               // port of the protocol endpoints
	Admin    int               // port of the admin interface; 0 when it is the public one
	Health   func(Site) string // URL that answers 200 when the server is ready
	// Probe asks what Health does not tell, each time before the server counts as ready;
	// nil for most.
	Probe  func(context.Context, *Access) error
	Secure bool   // the protocol endpoints speak TLS; the admin interface does not
	Limits Limits // where the user sets none; zero for most
	// WarmUp is about how long a fresh process needs under load until it is at its speed; 0 for
	// one that is there at once.
	WarmUp time.Duration
	// Metrics is a path on the admin port in Prometheus' text format, "" for none.
	// ReadMetrics makes sense of it; nil is GoMetrics.
	Metrics     string
	ReadMetrics func(Families) (Metrics, error)
	// Notes are what this version does with these settings that a reader of a run must know,
	// each a sentence without its stop; often none.
	Notes []string

	// Build makes the image when it comes from no registry; nil for most.
	Build func(ctx context.Context, e *engine.Engine, o Options) (image string, err error)
	// Migrate are run one after the other, each to its end, before the server.
	Migrate func(Site) []Command
	// Prepare does by hand what no container of the server's does; nil for most.
	Prepare func(context.Context, *Access) error
	// Serve is the server itself. It is pure, and the variables that it sets are reserved.
	Serve func(Site) Command
	// SetUp runs once, when the server is ready for the first time; nil for most.
	SetUp func(context.Context, *Access) error

	// Growth multiplies the tables, in this order; nil when there is no rule for it.
	Growth []Growth

	// Upgrade is what a rehearsal of its replacement must know; the zero value where there
	// is none.
	Upgrade Upgrade

	Capabilities oauth.Capabilities
	// OwnErrors are error names of the server's own invention, beside those of the
	// specifications, with which it refuses what it must refuse.
	OwnErrors     []string
	Endpoints     func(Site) oauth.Endpoints
	Register      func(context.Context, *Access, oauth.ClientSpec) (oauth.Credential, error)
	Introspection func(context.Context, *Access) (oauth.Credential, error)
	// AsksAbout is who introspects a token that Introspection's credential is not told of, and
	// with which hint; nil, or false, when that is told of all.
	AsksAbout func(a *Access, token string) (who oauth.Credential, hint string, differs bool)
	// Authorize plays a user who agrees, and tells where the browser is sent with the code; nil
	// when that cannot be done without one.
	Authorize func(context.Context, *Access, *Browser, oauth.Authorization) (callback *url.URL, err error)
	// Return has a user begin an authorization and log in, and gives where the browser then goes back
	// to; nil where users log in at the server itself.
	Return func(context.Context, *Access, *Browser, oauth.Authorization) (address string, err error)
	// SignIn has a user open the server's own login page, and gives the request that sends the form; nil
	// where users log in elsewhere.
	SignIn func(context.Context, *Access, *Browser, oauth.Authorization) (oauth.Request, error)
	// Consents are what users have agreed to before; the zero value where there is no rule for it.
	Consents Consents
	// Approve plays a user who agrees to a device; nil likewise.
	Approve func(context.Context, *Access, *Browser, oauth.DeviceApproval) error
	// Certificate makes a client's certificate with this common name; nil when the
	// server has no authority for that.
	Certificate func(ctx context.Context, a *Access, commonName string) (tls.Certificate, error)
}

// Consents are how users' former consents are made: one by a user, whose rows are multiplied.
type Consents struct {
	// Remember plays a user who agrees for good.
	Remember func(context.Context, *Access, *Browser, oauth.Authorization) error
	// Growth are so many consents of each of some users at a client, one of the first user's being
	// there already. Users are named as SubjectOf has it.
	Growth func(client string, each, users int64) []Growth
}

// Command is what a container runs.
type Command struct {
	Args  []string
	Env   map[string]string
	Files map[string]string // path in the container to content, mode 0444
}

// Site is where a server is put: addresses and the secrets drawn for it.
type Site struct {
	Issuer string   // public base URL without a trailing slash, as clients reach it
	Admin  string   // base URL of the admin interface, likewise
	DSN    *url.URL // of the database, as the server reaches it
	Secret string   // 64 hexadecimal digits
}
