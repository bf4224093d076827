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
	// program tells how this version is run with these settings, all of them known
	// and valid by themselves. It is pure.
	program func(Spec, values) (program, error)
}

// Setting is one key of a target's query.
type Setting struct {
	Key     string
	Default string // "" when it is the server's own, which then is not recorded
	Allowed string // for help and error messages
	Summary string
	valid   func(string) bool
}

// values are a server's settings with their defaults filled in; one without a
// default that was not given is absent.
type values map[string]string

// program is how one version of a server is run. Ports are those inside the
// container, paths begin with a slash.
type program struct {
	image    string            // without a registry's prefix
	settings map[string]string // effective ones, for the Deployment
	public   int               // port of the protocol endpoints
	admin    int               // port of the admin interface; 0 when it is the public one
	health   func(site) string // URL that answers 200 when the server is ready
	secure   bool              // the protocol endpoints speak TLS; the admin interface does not
	metrics  string            // path on the admin port in Prometheus' text format; "" for none
	// reserved are variables that env.NAME must not set.
	reserved []string

	// build makes the image when it comes from no registry; nil for most.
	build func(ctx context.Context, e *engine, o Options) (image string, err error)
	// migrate are run one after the other, each to its end, before the server.
	migrate func(site) []command
	// prepare does by hand what no container of the server's does; nil for most.
	prepare func(ctx context.Context, s *Stack) error
	serve   func(site) command
	// setUp runs once, when the server is ready for the first time; nil for most.
	setUp func(ctx context.Context, s *Stack) error

	// grow multiplies the tables, in this order; nil when there is no rule for it.
	grow []growth

	capabilities  oauth.Capabilities
	endpoints     func(site) oauth.Endpoints
	register      func(ctx context.Context, s *Stack, spec oauth.ClientSpec) (oauth.Credential, error)
	introspection func(ctx context.Context, s *Stack) (oauth.Credential, error)
	// authorize plays a user who agrees; nil when that cannot be done without one.
	authorize func(ctx context.Context, s *Stack, b *browser, a oauth.Authorization) (callback string, err error)
	// approve plays a user who agrees to a device; nil likewise.
	approve func(ctx context.Context, s *Stack, b *browser, a oauth.DeviceApproval) error
}

// command is what a container runs.
type command struct {
	args  []string
	env   map[string]string
	files map[string]string // path in the container to content, mode 0444
}

// site is where a server is put: addresses and the secrets drawn for it.
type site struct {
	issuer string   // public base URL without a trailing slash, as clients reach it
	admin  string   // base URL of the admin interface, likewise
	dsn    *url.URL // of the database, as the server reaches it
	secret string   // 64 hexadecimal digits
}

// Database is a kind of database.
type Database struct {
	Name    string
	Summary string
	Example string // value of db=
	// program tells how this version is run.
	program func(DatabaseSpec) (databaseProgram, error)
}

// databaseProgram is how one version of a database is run.
type databaseProgram struct {
	image    string
	settings map[string]string // chosen here, for the Deployment
	port     int
	signal   string // that ends it without waiting for its clients
	shared   int64  // bytes of shared memory that it may use
	serve    func(password string) command
	// dsn is the database at host:port.
	dsn func(host, password string) *url.URL
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
func (s Spec) program() (program, error) {
	server, ok := findServer(s.Server)
	if !ok {
		return program{}, fmt.Errorf("no server %q: use one of %s", s.Server, strings.Join(serverNames(), ", "))
	}
	v := values{}
	for _, x := range server.Settings {
		if x.Default != "" {
			v[x.Key] = x.Default
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) {
		i := slices.IndexFunc(server.Settings, func(x Setting) bool { return x.Key == key })
		if i < 0 {
			return program{}, fmt.Errorf("%s has no setting %q: use one of %s", s.Server, key, server.keys())
		}
		if !server.Settings[i].valid(s.Settings[key]) {
			return program{}, fmt.Errorf("setting %s=%q: use %s", key, s.Settings[key], server.Settings[i].Allowed)
		}
		v[key] = s.Settings[key]
	}
	p, err := server.program(s, v)
	if err != nil {
		return program{}, err
	}
	for _, name := range p.reserved {
		if _, ok := s.Env[name]; ok {
			return program{}, fmt.Errorf("env.%s is set by oauthbench itself: leave it out", name)
		}
	}
	if image := v[keyImage]; image != "" {
		p.image = image
	}
	return p, nil
}

// engine checks the database's part and tells how it is run.
func (s Spec) engine() (databaseProgram, error) {
	var names []string
	for _, d := range Databases {
		if d.Name == s.Database.Name {
			return d.program(s.Database)
		}
		names = append(names, d.Example)
	}
	return databaseProgram{}, fmt.Errorf("no database %q: use db=%s", s.Database.Name, strings.Join(names, " or db="))
}

func (s Server) keys() string {
	var names []string
	for _, x := range s.Settings {
		names = append(names, x.Key)
	}
	return strings.Join(append(names, keyDatabase, prefixDatabase+"NAME", prefixEnvironment+"NAME"), ", ")
}
