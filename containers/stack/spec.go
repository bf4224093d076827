package stack

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"oauthbench/internal/oauth"
)

// Spec is a parsed target: which server to start, on which database, and with what
// settings. ParseSpec makes it; the zero value is not valid.
type Spec struct {
	Server   string            // name of one of Servers
	Version  string            // tag of its image, or its generation
	Settings map[string]string // of the server, as given; defaults are left out
	Env      map[string]string // further environment of the server's container
	Database DatabaseSpec
}

// DatabaseSpec is which database a server gets.
type DatabaseSpec struct {
	Name     string            // name of one of Databases
	Version  string            // tag of its image
	Settings map[string]string // of the database itself, as given
}

// Keys of a target's query that every server has.
const (
	keyDatabase       = "db"    // db=postgres:15
	keyImage          = "image" // image=registry.example/team/hydra:v2.3.0-ours
	prefixEnvironment = "env."  // env.LOG_LEVEL=warn
	prefixDatabase    = "db."   // db.shared_buffers=256MB
	defaultDatabase   = "postgres:15"
	masked            = "***"
)

var (
	// tagPattern is a tag as the distribution specification has it.
	tagPattern  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)
	secretName  = regexp.MustCompile(`(?i)secret|passw|_token$|api_?key|private|credential|dsn`)
)

// ParseSpec reads a target such as
//
//	hydra:v1.11.10?hasher=bcrypt&access_token=jwt&db=postgres:15&env.LOG_LEVEL=warn
//
// It is pure: it does not ask the engine. Its errors name the part at fault and what
// is allowed there.
func ParseSpec(target string) (Spec, error) {
	fail := func(format string, args ...any) (Spec, error) {
		return Spec{}, fmt.Errorf("target %q: "+format, append([]any{maskTarget(target)}, args...)...)
	}
	where, query, _ := strings.Cut(target, "?")
	name, version, found := strings.Cut(where, ":")
	server, ok := findServer(name)
	switch {
	case !ok:
		return fail("no server %q: use one of %s", name, strings.Join(serverNames(), ", "))
	case !found || version == "":
		return fail("no version: write %s", server.Example)
	case version == "latest":
		return fail(`"latest" says nothing about what was measured: name a version, as in %s`, server.Example)
	case !tagPattern.MatchString(version):
		return fail("version %q is not a tag: write %s", version, server.Example)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return fail("its settings are not key=value&key=value: %v", err)
	}
	s := Spec{Server: name, Version: version, Settings: map[string]string{}, Env: map[string]string{}}
	s.Database.Settings = map[string]string{}
	database := defaultDatabase
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := values.Get(key)
		if n := len(values[key]); n != 1 {
			return fail("%s is given %d times: give it once", key, n)
		}
		switch {
		case strings.HasPrefix(key, prefixEnvironment):
			name := strings.TrimPrefix(key, prefixEnvironment)
			if !namePattern.MatchString(name) {
				return fail("%q is not the name of an environment variable", name)
			}
			s.Env[name] = value
		case strings.HasPrefix(key, prefixDatabase):
			name := strings.TrimPrefix(key, prefixDatabase)
			if !namePattern.MatchString(name) {
				return fail("%q is not the name of a database setting", name)
			}
			s.Database.Settings[name] = value
		case key == keyDatabase:
			database = value
		default:
			s.Settings[key] = value
		}
	}
	s.Database.Name, s.Database.Version, _ = strings.Cut(database, ":")
	if err := s.check(); err != nil {
		return fail("%w", err)
	}
	return s, nil
}

// check lets the server and the database look at their parts.
func (s Spec) check() error {
	if _, err := s.program(); err != nil {
		return err
	}
	_, err := s.engine()
	return err
}

// Capabilities are what the server can do, as this program can have it do. It is pure.
func (s Spec) Capabilities() oauth.Capabilities {
	p, err := s.program()
	if err != nil {
		return nil // ParseSpec has refused it
	}
	return p.capabilities
}

// String is the target again, in a fixed order and with what may be a secret masked.
// It is fit for reports and for Deployment.Name.
func (s Spec) String() string {
	var pairs []string
	add := func(prefix string, m map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			pairs = append(pairs, prefix+key+"="+maskValue(key, m[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) { // none of ours is a secret
		pairs = append(pairs, key+"="+s.Settings[key])
	}
	if db := s.Database.Name + ":" + s.Database.Version; db != defaultDatabase {
		pairs = append(pairs, keyDatabase+"="+db)
	}
	add(prefixDatabase, s.Database.Settings)
	add(prefixEnvironment, s.Env)
	target := s.Server + ":" + s.Version
	if len(pairs) > 0 {
		target += "?" + strings.Join(pairs, "&")
	}
	return target
}

// maskValue hides the value of a variable whose name says that it may be a secret.
func maskValue(key, value string) string {
	if secretName.MatchString(key) {
		return masked
	}
	return value
}

// maskTarget is for error messages about a target that could not be read.
func maskTarget(target string) string {
	where, query, found := strings.Cut(target, "?")
	if !found {
		return target
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if key, _, ok := strings.Cut(pair, "="); ok && secretName.MatchString(key) {
			pairs[i] = key + "=" + masked
		}
	}
	return where + "?" + strings.Join(pairs, "&")
}
