package authserver

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Values of Settings. The versions are generations of this server, oldest first.
const (
	V1 = "v1"
	V2 = "v2"

	TokensOpaque = "opaque"
	TokensJWT    = "jwt"

	HasherBCrypt = "bcrypt"
	HasherPBKDF2 = "pbkdf2"

	SQLite   = "sqlite"
	Postgres = "postgres"
)

// PostgresVariable is the environment variable with the data source name of
// PostgreSQL. It is never a setting: settings are recorded, and it may hold a password.
const PostgresVariable = "OAUTHBENCH_POSTGRES_DSN"

// Settings are everything that changes how a server behaves. They come from
// ParseSettings, which alone knows the defaults: the zero value is not valid.
type Settings struct {
	Version      string        // V1 or V2
	Tokens       string        // access tokens: TokensOpaque (default) or TokensJWT
	Hasher       string        // of new client secrets: HasherBCrypt (default of v1) or HasherPBKDF2 (v2)
	BCryptCost   int           // log2 of the rounds, 4 to 16; default 8 (Hydra 1.x has 10)
	PBKDF2Rounds int           // 1 to 10,000,000; default 25,000, as Hydra 2.x
	AccessTTL    time.Duration // whole seconds, of access tokens; default 1h
	RefreshTTL   time.Duration // whole seconds, of refresh tokens; default 720h
	Database     string        // SQLite (default) or Postgres

	// RefreshGrace is how long a refresh token may be used again once it has been, as
	// Hydra's oauth2.grant.refresh_token.rotation_grace_period; default 0.
	RefreshGrace time.Duration

	// DeviceInterval is how long devices wait between polls (RFC 8628 section 3.2); whole
	// seconds, default 5s. v1 has no device flow.
	DeviceInterval time.Duration

	// TLS serves https, with a CA of the server's own, and asks clients for certificates.
	TLS bool

	Faults    []Fault // none by default
	FaultSeed uint64  // of their randomness; default 1
}

// setting is one key of a target such as embedded:v2?tokens=jwt.
type setting struct {
	key     string
	allowed string // for error messages
	set     func(*Settings, string) bool
	get     func(Settings) string // "" when it has no effect
}

func settings() []setting {
	return append([]setting{
		word("tokens", func(s *Settings) *string { return &s.Tokens }, TokensOpaque, TokensJWT),
		word("hasher", func(s *Settings) *string { return &s.Hasher }, HasherBCrypt, HasherPBKDF2),
		number("bcrypt_cost", func(s *Settings) *int { return &s.BCryptCost }, 4, 16),
		number("pbkdf2_rounds", func(s *Settings) *int { return &s.PBKDF2Rounds }, 1, 10_000_000),
		lifetime("access_ttl", func(s *Settings) *time.Duration { return &s.AccessTTL }),
		lifetime("refresh_ttl", func(s *Settings) *time.Duration { return &s.RefreshTTL }),
		word("db", func(s *Settings) *string { return &s.Database }, SQLite, Postgres),
		period("refresh_grace", func(s *Settings) *time.Duration { return &s.RefreshGrace }),
		{
			key:     "tls",
			allowed: "on or off",
			set: func(s *Settings, value string) bool {
				s.TLS = value == "on"
				return value == "on" || value == "off"
			},
			get: func(s Settings) string {
				if s.TLS {
					return "on"
				}
				return ""
			},
		},
		lifetime("device_interval", func(s *Settings) *time.Duration { return &s.DeviceInterval }),
	}, faultSettings()...)
}

// ParseSettings reads the version and the parameters of a target string. It fails
// on an unknown version, key or value, and on a key given twice, and names what is
// allowed instead.
func ParseSettings(version string, values url.Values) (Settings, error) {
	s := Settings{
		Version: version, Tokens: TokensOpaque, BCryptCost: 8, PBKDF2Rounds: 25_000,
		AccessTTL: time.Hour, RefreshTTL: 30 * 24 * time.Hour, Database: SQLite, DeviceInterval: 5 * time.Second, FaultSeed: 1,
	}
	switch version {
	case V1:
		s.Hasher = HasherBCrypt
	case V2:
		s.Hasher = HasherPBKDF2
	default:
		return Settings{}, fmt.Errorf("embedded server has no version %q: use %s or %s", version, V1, V2)
	}
	all := settings()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(all, func(x setting) bool { return x.key == key })
		if i < 0 {
			return Settings{}, fmt.Errorf("embedded server has no setting %q: use one of %s", key, settingKeys(all))
		}
		if n := len(values[key]); n != 1 {
			return Settings{}, fmt.Errorf("setting %q is given %d times: give it once", key, n)
		}
		if value := values.Get(key); !all[i].set(&s, value) {
			return Settings{}, fmt.Errorf("setting %s=%q: use %s", key, value, all[i].allowed)
		}
	}
	return s, nil
}

// Map gives every setting that has an effect, by name, for the fingerprint of a
// run: the cost of the hasher in use, but not of the other one. The version is not a
// setting. No secrets, no addresses.
func (s Settings) Map() map[string]string {
	m := map[string]string{}
	for _, x := range settings() {
		if value := x.get(s); value != "" {
			m[x.key] = value
		}
	}
	switch s.Hasher {
	case HasherBCrypt:
		delete(m, "pbkdf2_rounds")
	case HasherPBKDF2:
		delete(m, "bcrypt_cost")
	}
	if s.Database == SQLite {
		m["sqlite_journal_mode"] = sqliteJournalMode
		m["sqlite_synchronous"] = sqliteSynchronous
	}
	return m
}

// assignments are key=value pairs from which ParseSettings gives s again.
func (s Settings) assignments() []string {
	var pairs []string
	for _, x := range settings() {
		if value := x.get(s); value != "" {
			pairs = append(pairs, x.key+"="+value)
		}
	}
	return pairs
}

func settingKeys(all []setting) string {
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = x.key
	}
	return strings.Join(names, ", ")
}

func word(key string, field func(*Settings) *string, allowed ...string) setting {
	return setting{
		key:     key,
		allowed: strings.Join(allowed, " or "),
		set: func(s *Settings, value string) bool {
			*field(s) = value
			return slices.Contains(allowed, value)
		},
		get: func(s Settings) string { return *field(&s) },
	}
}

func number(key string, field func(*Settings) *int, least, most int) setting {
	return setting{
		key:     key,
		allowed: fmt.Sprintf("a whole number from %d to %d", least, most),
		set: func(s *Settings, value string) bool {
			n, err := strconv.Atoi(value)
			*field(s) = n
			return err == nil && n >= least && n <= most
		},
		get: func(s Settings) string { return strconv.Itoa(*field(&s)) },
	}
}

// lifetime is in whole seconds, because expires_in is (RFC 6749 section 5.1).
func lifetime(key string, field func(*Settings) *time.Duration) setting {
	return setting{
		key:     key,
		allowed: "a duration of whole seconds from 1s to 87600h, such as 90s or 1h",
		set: func(s *Settings, value string) bool {
			d, err := time.ParseDuration(value)
			*field(s) = d
			return err == nil && validLifetime(d)
		},
		get: func(s Settings) string { return field(&s).String() },
	}
}

// period is a time that may be none.
func period(key string, field func(*Settings) *time.Duration) setting {
	return setting{
		key:     key,
		allowed: "a duration from 0s to 1h, such as 10s",
		set: func(s *Settings, value string) bool {
			d, err := time.ParseDuration(value)
			*field(s) = d
			return err == nil && d >= 0 && d <= time.Hour
		},
		get: func(s Settings) string { return field(&s).String() },
	}
}

func validLifetime(d time.Duration) bool {
	return d >= time.Second && d <= 87600*time.Hour && d%time.Second == 0
}
