package settings

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"oauthbench/internal/faults"
)

// Values of Settings. The versions are generations of the server, oldest first.
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

// How SQLite is opened. With WAL and synchronous=NORMAL a commit is in the operating
// system when it is answered: it survives the death of the process, which is what
// restarts and upgrades need, and costs no fsync, whose time would be the disk's and not
// the server's. It does not survive a power cut; neither does a temporary directory.
const (
	SQLiteJournalMode = "WAL"
	SQLiteSynchronous = "NORMAL"
)

// PostgresVariable is the environment variable with the data source name of
// PostgreSQL. It is never a setting: settings are recorded, and it may hold a password.
const PostgresVariable = "OAUTHBENCH_POSTGRES_DSN"

// Settings are everything that changes how a server behaves. They come from Parse, which
// alone knows the defaults: the zero value is not valid.
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

	Faults    []faults.Fault // none by default
	FaultSeed uint64         // of their randomness; default 1
}

// Versions are the generations of the server, oldest first.
func Versions() []string { return []string{V1, V2} }

// defaults are the settings of a version that is told nothing.
func defaults(version string) (Settings, error) {
	s := Settings{
		Version: version, Tokens: TokensOpaque, BCryptCost: 8, PBKDF2Rounds: 25_000,
		AccessTTL: time.Hour, RefreshTTL: 30 * 24 * time.Hour, Database: SQLite, DeviceInterval: 5 * time.Second,
		FaultSeed: 1,
	}
	switch version {
	case V1:
		s.Hasher = HasherBCrypt
	case V2:
		s.Hasher = HasherPBKDF2
	default:
		return Settings{}, fmt.Errorf("embedded server has no version %q: use %s or %s", version, V1, V2)
	}
	return s, nil
}

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
			return Settings{}, fmt.Errorf("embedded server has no setting %q: use one of %s", name, keys(all))
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
