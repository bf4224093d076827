package settings

import (
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/internal/faults"
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
