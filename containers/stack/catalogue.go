package stack

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Catalogue is what targets are read against: the kinds of servers and databases, in
// the order of help. The first database is the default.
type Catalogue struct {
	Servers   []Server
	Databases []Database
}

// Parse reads a target such as
//
//	hydra:v1.11.10?hasher=bcrypt&access_token=jwt&db=postgres:15&env.LOG_LEVEL=warn
//
// It does not ask the engine. Its errors name the part at fault and what is allowed there.
// Secrets in the target are hidden from then on in what is printed and stored.
func (c Catalogue) Parse(target string) (Spec, error) {
	fail := func(format string, args ...any) (Spec, error) {
		return Spec{}, fmt.Errorf("target %q: "+format, append([]any{plaintext.Target(target)}, args...)...)
	}
	plaintext.Secrets.Add(plaintext.TargetSecrets(target)...)
	where, query, _ := strings.Cut(target, "?")
	name, version, found := strings.Cut(where, ":")
	i := slices.IndexFunc(c.Servers, func(s Server) bool { return s.Name == name })
	if i < 0 {
		return fail("no server %q: %s", name, nearest.Cure(name, c.serverNames()))
	}
	server := &c.Servers[i]
	switch {
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
	if names := plaintext.WithheldOf(target); names != nil {
		return fail("%s was withheld where this was written: give its value", strings.Join(names, " and "))
	}
	s := Spec{Server: name, Version: version, Settings: map[string]string{}, Env: map[string]string{}, server: server}
	s.Database.Settings = map[string]string{}
	s.standard = c.Databases[0].Example
	database := s.standard
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
			if err := s.set(key, value); err != nil {
				return fail("%w", err)
			}
		}
	}
	s.Database.Name, s.Database.Version, _ = strings.Cut(database, ":")
	if i = slices.IndexFunc(c.Databases, func(d Database) bool { return d.Name == s.Database.Name }); i < 0 {
		return fail("no database %q: use db=%s", s.Database.Name, c.databaseExamples())
	}
	s.database = &c.Databases[i]
	if _, err := s.database.Program(s.Database); err != nil {
		return fail("%w", err)
	}
	p, err := s.Program()
	if err != nil {
		return fail("%w", err)
	}
	s.Notes = append(s.Notes, p.Notes...)
	return s, nil
}

func (c Catalogue) serverNames() []string {
	var names []string
	for _, s := range c.Servers {
		names = append(names, s.Name)
	}
	return names
}

func (c Catalogue) databaseExamples() string {
	var examples []string
	for _, d := range c.Databases {
		examples = append(examples, d.Example)
	}
	return strings.Join(examples, " or db=")
}
