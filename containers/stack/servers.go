package stack

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"oauthbench/internal/oauth"
)

// Servers are the authorization servers that can be started, in the order of help.
// Treat it as read-only.
var Servers = []Server{hydra, reference, glewlwyd}

// Databases are the databases that a server can be given. Treat it as read-only.
var Databases = []Database{postgres}

// Server is a kind of authorization server.
type Server struct {
	Name     string // first word of a target
	Summary  string
	Example  string // a target
	Settings []Setting
	// Program tells how this version is run with these settings, all of them known
	// and valid by themselves. It is pure.
	Program func(Spec, Values) (Program, error)
}

// Setting is one key of a target's query.
type Setting struct {
	Key     string
	Default string // "" when it is the server's own, which then is not recorded
	Allowed string // for help and error messages
	Summary string
	Valid   func(string) bool
}

// Values are a server's settings with their defaults filled in; one without a
// default that was not given is absent.
type Values map[string]string

// Program is how one version of a server is run. Ports are those inside the
// container, paths begin with a slash.
type Program struct {
	Image    string            // without a registry's prefix
	Settings map[string]string // effective ones, for the Deployment
	Public   int               // port of the protocol endpoints
	Admin    int               // port of the admin interface; 0 when it is the public one
	Health   func(Site) string // URL that answers 200 when the server is ready
	Secure   bool              // the protocol endpoints speak TLS; the admin interface does not
	Metrics  string            // path on the admin port in Prometheus' text format; "" for none
	// Reserved are variables that env.NAME must not set.
	Reserved []string

	// Build makes the image when it comes from no registry; nil for most.
	Build func(ctx context.Context, e *engine, o Options) (image string, err error)
	// Migrate are run one after the other, each to its end, before the server.
	Migrate func(Site) []Command
	// Prepare does by hand what no container of the server's does; nil for most.
	Prepare func(ctx context.Context, s *Stack) error
	Serve   func(Site) Command
	// SetUp runs once, when the server is ready for the first time; nil for most.
	SetUp func(ctx context.Context, s *Stack) error

	// Growth multiplies the tables, in this order; nil when there is no rule for it.
	Growth []Growth

	Capabilities  oauth.Capabilities
	Endpoints     func(Site) oauth.Endpoints
	Register      func(ctx context.Context, s *Stack, spec oauth.ClientSpec) (oauth.Credential, error)
	Introspection func(ctx context.Context, s *Stack) (oauth.Credential, error)
	// Authorize plays a user who agrees; nil when that cannot be done without one.
	Authorize func(ctx context.Context, s *Stack, b *Browser, a oauth.Authorization) (callback string, err error)
	// Approve plays a user who agrees to a device; nil likewise.
	Approve func(ctx context.Context, s *Stack, b *Browser, a oauth.DeviceApproval) error
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

// Database is a kind of database.
type Database struct {
	Name    string
	Summary string
	Example string // value of db=
	// Program tells how this version is run.
	Program func(DatabaseSpec) (DatabaseProgram, error)
}

// DatabaseProgram is how one version of a database is run.
type DatabaseProgram struct {
	Image    string
	Settings map[string]string // chosen here, for the Deployment
	Port     int
	Signal   string // that ends it without waiting for its clients
	Shared   int64  // bytes of shared memory that it may use
	Serve    func(password string) Command
	// DSN is the database at host:port.
	DSN func(host, password string) *url.URL
}

// names of the one database and its one user in every stack.
const (
	databaseName = "oauth"
	databaseUser = "oauthbench"
	databaseHost = "database" // on the private network
)

func findServer(name string) (Server, bool) {
	i := slices.IndexFunc(Servers, func(s Server) bool { return s.Name == name })
	if i < 0 {
		return Server{}, false
	}
	return Servers[i], true
}

func serverNames() []string {
	var names []string
	for _, s := range Servers {
		names = append(names, s.Name)
	}
	return names
}

// program checks the server's settings and tells how it is run.
func (s Spec) program() (Program, error) {
	server, ok := findServer(s.Server)
	if !ok {
		return Program{}, fmt.Errorf("no server %q: use one of %s", s.Server, strings.Join(serverNames(), ", "))
	}
	v := Values{}
	for _, x := range server.Settings {
		if x.Default != "" {
			v[x.Key] = x.Default
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) {
		i := slices.IndexFunc(server.Settings, func(x Setting) bool { return x.Key == key })
		if i < 0 {
			return Program{}, fmt.Errorf("%s has no setting %q: use one of %s", s.Server, key, server.keys())
		}
		if !server.Settings[i].Valid(s.Settings[key]) {
			return Program{}, fmt.Errorf("setting %s=%q: use %s", key, s.Settings[key], server.Settings[i].Allowed)
		}
		v[key] = s.Settings[key]
	}
	p, err := server.Program(s, v)
	if err != nil {
		return Program{}, err
	}
	for _, name := range p.Reserved {
		if _, ok := s.Env[name]; ok {
			return Program{}, fmt.Errorf("env.%s is set by oauthbench itself: leave it out", name)
		}
	}
	if image := v[keyImage]; image != "" {
		p.Image = image
	}
	return p, nil
}

// engine checks the database's part and tells how it is run.
func (s Spec) engine() (DatabaseProgram, error) {
	var names []string
	for _, d := range Databases {
		if d.Name == s.Database.Name {
			return d.Program(s.Database)
		}
		names = append(names, d.Example)
	}
	return DatabaseProgram{}, fmt.Errorf("no database %q: use db=%s", s.Database.Name, strings.Join(names, " or db="))
}

func (s Server) keys() string {
	var names []string
	for _, x := range s.Settings {
		names = append(names, x.Key)
	}
	return strings.Join(append(names, keyDatabase, prefixDatabase+"NAME", prefixEnvironment+"NAME"), ", ")
}
