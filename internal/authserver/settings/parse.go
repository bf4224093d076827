package settings

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/nearest"
)

// Parse reads the version and the parameters of a target string. It fails on an unknown
// version, key or value, and on a key given twice, also under another name, and says
// what is allowed instead.
func Parse(version string, values url.Values) (Settings, error) {
	s, err := defaults(version)
	if err != nil {
		return Settings{}, err
	}
	all := All()
	given := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		key := Canonical(name)
		i := slices.IndexFunc(all, func(x Setting) bool { return x.Key == key })
		if i < 0 {
			return Settings{}, fmt.Errorf("embedded server has no setting %q: %s", name,
				nearest.CureIn(name, keys(all), "oauthbench targets and docs/faults.md have all"))
		}
		if n := len(values[name]); n != 1 {
			return Settings{}, fmt.Errorf("setting %q is given %d times: give it once", name, n)
		}
		if given[key] {
			return Settings{}, fmt.Errorf("settings %q and %q are the same: give one of them", key, all[i].Alias)
		}
		given[key] = true
		if value := values.Get(name); !all[i].set(&s, value) {
			return Settings{}, fmt.Errorf("setting %s=%q: use %s", name, value, all[i].Allowed)
		}
	}
	return s, nil
}

// Map gives every setting that has an effect, by name, for the fingerprint of a
// run: the cost of the hasher in use, but not of the other one. The version is not a
// setting. No secrets, no addresses.
func (s Settings) Map() map[string]string {
	m := map[string]string{}
	for _, x := range All() {
		if value := x.get(s); value != "" {
			m[x.Key] = value
		}
	}
	switch s.Hasher {
	case HasherBCrypt:
		delete(m, "pbkdf2_rounds")
	case HasherPBKDF2:
		delete(m, "bcrypt_cost")
	}
	if s.Database == SQLite {
		m["sqlite_journal_mode"] = SQLiteJournalMode
		m["sqlite_synchronous"] = SQLiteSynchronous
	}
	return m
}

// Assignments are key=value pairs from which Parse gives s again.
func (s Settings) Assignments() []string {
	var pairs []string
	for _, x := range All() {
		if value := x.get(s); value != "" {
			pairs = append(pairs, x.Key+"="+value)
		}
	}
	return pairs
}

// All are all settings that every version takes, in the order of documents: those that a
// server is used with, then the faults.
func All() []Setting {
	return append([]Setting{
		word("tokens", "kind of access tokens", func(s *Settings) *string { return &s.Tokens },
			TokensOpaque, TokensJWT).known("access_token"),
		word("hasher", "how client secrets are hashed", func(s *Settings) *string { return &s.Hasher },
			HasherBCrypt, HasherPBKDF2),
		number("bcrypt_cost", "log2 of the rounds of BCrypt", func(s *Settings) *int { return &s.BCryptCost }, 4, 16),
		number("pbkdf2_rounds", "rounds of PBKDF2", func(s *Settings) *int { return &s.PBKDF2Rounds },
			1, 10_000_000).known("pbkdf2_iterations"),
		lifetime("access_ttl", "lifetime of access tokens", func(s *Settings) *time.Duration { return &s.AccessTTL }),
		lifetime("refresh_ttl", "lifetime of refresh tokens", func(s *Settings) *time.Duration {
			return &s.RefreshTTL
		}),
		word("db", "database", func(s *Settings) *string { return &s.Database }, SQLite, Postgres),
		period("refresh_grace", "how long a refresh token that has been used may be used again",
			func(s *Settings) *time.Duration { return &s.RefreshGrace }),
		toggle("tls", "serve https with an authority of its own, and take certificates of clients",
			func(s *Settings) *bool { return &s.TLS }),
		lifetime("device_interval", "how long devices wait between polls",
			func(s *Settings) *time.Duration { return &s.DeviceInterval }),
	}, faultSettings()...)
}

// Forms are all settings in one line: key=form, those of faults as one.
func Forms() string {
	var forms []string
	for _, x := range All() {
		if !strings.HasPrefix(x.Key, faultPrefix) {
			forms = append(forms, x.Key+"="+x.Form)
		}
	}
	return strings.Join(append(forms, faultPrefix+"KIND= (docs/faults.md)"), " ")
}

// Canonical gives the one name of a setting for any that it has had. What it does not
// know it leaves alone.
func Canonical(name string) string {
	for _, x := range All() {
		if x.Alias == name && name != "" {
			return x.Key
		}
	}
	return name
}

func keys(all []Setting) []string {
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = x.Key
	}
	return names
}
