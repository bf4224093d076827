// Package authserver is the embedded OAuth 2.0 authorization server: the default
// target of a comparison and the fixture of every test. The protocol engine is
// github.com/zitadel/oidc's op; this package gives it SQL storage, an admin
// interface, and stricter answers where op leaves the RFCs (each such place cites
// the section).
//
// Two generations differ the way Hydra 1.x and 2.x do: v1 hashes client secrets
// with BCrypt and keeps every token in one table, v2 hashes with PBKDF2 and keeps
// grants, access tokens and refresh tokens apart. They share one chain of
// migrations, so that v2 can open what v1 has written. v1 is also older: device flow
// (RFC 8628), token exchange (RFC 8693) and DPoP (RFC 9449) came with v2, and
// Settings.Capabilities says so.
//
// What it can be told is in the package settings, what it stores in store, the faults
// that can be planted in what it says in lapses. Open gives a server inside this
// process; the package process serves it, in a process of its own if wanted. It knows
// nothing of load, measurement or reports.
//
// Note: op logs through the default logger of log/slog: routes at Info, refused
// requests at Warn, its own faults at Error. A process that serves sets the level;
// this package leaves the process-wide logger alone.
package authserver

import (
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/lapses"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// Server is one authorization server on its database. Its handlers may be used by
// any number of goroutines.
type Server struct {
	settings settings.Settings
	issuer   string
	now      func() time.Time

	database   *store.Database
	keys       keys
	authority  *authority // nil without TLS
	crypto     op.Crypto  // of opaque tokens, codes, and secrets that cannot be hashed
	clients    *store.Clients
	assertions *store.Assertions
	signIns    *store.SignIns
	devices    *store.Devices // nil in v1
	tokens     store.Tokens
	dpop       dpop
	lapses     *lapses.Lapses
	closers    []func() error // in the order of opening

	public, admin http.Handler
}

// Handler is the public interface: authorization, token, introspection, revocation,
// userinfo, devices, keys, discovery and health.
func (s *Server) Handler() http.Handler { return s.public }

// AdminHandler registers clients, accepts logins and hands out the introspection
// token. It asks no credentials: it must listen on loopback only.
func (s *Server) AdminHandler() http.Handler { return s.admin }

// Close releases the database; what is stored stays. It waits for statements under
// way, so the handlers must have come to rest.
func (s *Server) Close() error {
	var errs []error
	for _, release := range slices.Backward(s.closers) {
		errs = append(errs, release())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// TLS gives the configuration of a listener for Handler. It fails unless the settings
// say tls=on.
func (s *Server) TLS() (*tls.Config, error) {
	if s.authority == nil {
		return nil, errors.New("server without tls=on has no certificate")
	}
	return s.authority.server(s.issuer)
}

// HasTLS tells whether the settings say tls=on.
func (s *Server) HasTLS() bool { return s.authority != nil }

// AuthorityPEM is the certificate that clients must trust; "" unless the settings say
// tls=on.
func (s *Server) AuthorityPEM() string {
	if s.authority == nil {
		return ""
	}
	return s.authority.pem()
}
