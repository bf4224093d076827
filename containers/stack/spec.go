package stack

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Spec is a parsed target: which server to start, on which database, and with what
// settings. A
// Catalogue makes it; the zero value is not valid.
type Spec struct {
	Server   string            // name of one of the Servers
	Version  string            // tag of its image, or its generation
	Settings map[string]string // of the server, as given; defaults are left out
	Env      map[string]string // further environment of the server's container
	Database DatabaseSpec
	// Notes tell the reader of a run what of the target is written in an old way, and what its
	// server does with such settings that would surprise him.
	Notes []string

	server   *Server
	database *Database
	standard string // value of db= that need not be written
}

// DatabaseSpec is which database a server gets.
type DatabaseSpec struct {
	Name     string            // name of one of the Databases
	Version  string            // tag of its image
	Settings map[string]string // of the database itself, as given
}

// Keys of a target's query that every server has.
const (
	keyDatabase       = "db"    // db=postgres:15
	keyImage          = "image" // image=registry.example/team/hydra:v2.3.0-ours
	prefixEnvironment = "env."  // env.LOG_LEVEL=warn
	prefixDatabase    = "db."   // db.shared_buffers=256MB
)

var (
	// tagPattern is a tag as the distribution specification has it.
	tagPattern  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)
)

// set takes one of the server's settings, by its name or an old one.
func (s *Spec) set(key, value string) error {
	for _, x := range s.server.Settings {
		if slices.Contains(x.Aliases, key) {
			s.Notes = append(s.Notes, fmt.Sprintf("the setting %s of %s is called %s now", key, s.Server, x.Key))
			key = x.Key
		}
	}
	if _, given := s.Settings[key]; given {
		return fmt.Errorf("%s is given by two names: give it once", key)
	}
	s.Settings[key] = value
	return nil
}

// Program checks the server's settings and tells how it is run.
func (s Spec) Program() (Program, error) {
	v := Values{}
	for _, x := range s.server.Settings {
		if x.Default != "" {
			v[x.Key] = x.Default
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) {
		i := slices.IndexFunc(s.server.Settings, func(x Setting) bool { return x.Key == key })
		if i < 0 {
			return Program{}, fmt.Errorf("%s has no setting %q: %s", s.Server, key, nearest.Cure(key, s.server.keys()))
		}
		if x := s.server.Settings[i]; !x.Valid(s.Settings[key]) {
			return Program{}, fmt.Errorf("setting %s=%q: use %s", key, s.Settings[key], x.Allowed)
		}
		v[key] = s.Settings[key]
	}
	p, err := s.server.Program(s, v)
	if err != nil {
		return Program{}, err
	}
	for name := range p.Serve(Site{DSN: &url.URL{}}).Env {
		if _, ok := s.Env[name]; ok {
			return Program{}, fmt.Errorf("env.%s is set by oauthbench itself: leave it out", name)
		}
	}
	if image := v[keyImage]; image != "" {
		p.Image = image
	}
	return p, nil
}

func (s Server) keys() []string {
	var names []string
	for _, x := range s.Settings {
		names = append(names, x.Key)
	}
	return append(names, keyDatabase, prefixDatabase+"NAME", prefixEnvironment+"NAME")
}

// Capabilities are what the server can do, as this program can have it do. It is pure.
func (s Spec) Capabilities() oauth.Capabilities {
	p, err := s.Program()
	if err != nil {
		return nil // the Catalogue has refused it
	}
	return p.Capabilities
}

// WarmUp is about how long a fresh process of the server needs until it is at its speed.
func (s Spec) WarmUp() time.Duration {
	p, err := s.Program()
	if err != nil {
		return 0 // the Catalogue has refused it
	}
	return p.WarmUp
}

// Beside is the target with the settings that its instances need to serve beside each other, as in a
// rolling update. One that is told otherwise is refused.
func (s Spec) Beside() (Spec, error) {
	p, err := s.Program()
	if err != nil {
		return s, err
	}
	s.Settings = maps.Clone(s.Settings)
	for key, value := range p.Upgrade.Beside {
		if given, told := s.Settings[key]; told && given != value {
			return s, fmt.Errorf("%s=%s: instances that serve beside each other need %s=%s", key, given, key, value)
		}
		if s.Settings == nil {
			s.Settings = map[string]string{}
		}
		s.Settings[key] = value
	}
	return s, nil
}

// Effective are the settings that the server, its environment and its database have, as far
// as they are known before the start: two targets with the same ones are the same.
func (s Spec) Effective() map[string]string {
	all := map[string]string{}
	p, err := s.Program()
	if err != nil {
		return nil // the Catalogue has refused it
	}
	maps.Copy(all, p.Settings)
	all[keyImage] = p.Image
	for name, value := range s.Env {
		all[prefixEnvironment+name] = value
	}
	if db, err := s.database.Program(s.Database); err == nil {
		all[keyDatabase] = db.Image
		for name, value := range db.Settings {
			all[prefixDatabase+name] = value
		}
	}
	return all
}

// Fills tells whether the server's database can be filled with each part of a data set.
func (s Spec) Fills(d Dataset) bool {
	p, err := s.Program()
	return err == nil && len(p.Growth) > 0 && unknownPart(p.Growth, d) == ""
}

// FillsConsents tells whether users can be given former consents.
func (s Spec) FillsConsents() bool {
	p, err := s.Program()
	return err == nil && p.Consents.Growth != nil
}

// Images are those that a start needs and a registry may have: of the database, and of
// the server unless it is built here.
func (s Spec) Images() ([]string, error) {
	db, err := s.database.Program(s.Database)
	if err != nil {
		return nil, err
	}
	p, err := s.Program()
	if err != nil || p.Build != nil {
		return []string{db.Image}, err
	}
	return []string{db.Image, p.Image}, nil
}

// String is the target again, in a fixed order and with what may be a secret withheld.
// It is fit for reports and for Deployment.Name.
func (s Spec) String() string {
	var pairs []string
	add := func(prefix string, m map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			pairs = append(pairs, prefix+key+"="+plaintext.Setting(key, m[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) { // none of ours is a secret
		pairs = append(pairs, key+"="+s.Settings[key])
	}
	if db := s.Database.Name + ":" + s.Database.Version; db != s.standard {
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
