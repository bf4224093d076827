package authserver

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// tokenRequest is a request whose access token may get another scope than its grant.
type tokenRequest interface {
	op.TokenRequest
	SetCurrentScopes(scopes []string)
}

// clientRequest is a client_credentials grant (op.TokenRequest): the client is its
// own subject (RFC 9068 section 2.2).
type clientRequest struct {
	client *client
	scopes []string
}

func (r *clientRequest) GetSubject() string               { return r.client.id }
func (r *clientRequest) GetAudience() []string            { return nil }
func (r *clientRequest) GetScopes() []string              { return r.scopes }
func (r *clientRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }

// refreshRequest is the exchange of a refresh token (op.RefreshTokenRequest).
type refreshRequest struct {
	old    token
	client *client
	scopes []string // of the new access token; the grant keeps its own
}

func (r *refreshRequest) GetAMR() []string                 { return nil }
func (r *refreshRequest) GetAudience() []string            { return nil }
func (r *refreshRequest) GetAuthTime() time.Time           { return r.old.authTime }
func (r *refreshRequest) GetClientID() string              { return r.old.client }
func (r *refreshRequest) GetScopes() []string              { return r.scopes }
func (r *refreshRequest) GetSubject() string               { return r.old.subject }
func (r *refreshRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }

// issueAccess stores a new access token for request and gives its id. Only the
// grants that protocol offers arrive here.
func (s *Server) issueAccess(ctx context.Context, request op.TokenRequest) (id string, expires time.Time, err error) {
	switch r := request.(type) {
	case *clientRequest:
		id, access := s.newAccess(r.client, "", r.GetSubject(), r.scopes, time.Time{})
		return id, access.expires, s.tokens.insertAccess(ctx, access)
	case *signIn:
		id, access := s.newAccess(r.client, r.id, r.subject, r.GetScopes(), r.authTime)
		return id, access.expires, s.spendCode(ctx, r, access, nil)
	}
	return "", time.Time{}, oidc.ErrUnsupportedGrantType()
}

// issuePair stores a new access and refresh token for request, and gives the id of
// the first and the second itself. A refresh token is exchanged by exactly one
// caller; every other one, when the grace is over, revokes the grant (RFC 9700 section 4.14.2).
func (s *Server) issuePair(ctx context.Context, request op.TokenRequest) (id, refresh string, expires time.Time, err error) {
	refresh = randomToken(32)
	switch r := request.(type) {
	case *signIn:
		id, access := s.newAccess(r.client, r.id, r.subject, r.GetScopes(), r.authTime)
		next := s.newRefresh(refresh, access, spaced(r.scopes))
		return id, refresh, access.expires, s.spendCode(ctx, r, access, &next)
	case *refreshRequest:
		id, access := s.newAccess(r.client, r.old.grant, r.old.subject, r.scopes, r.old.authTime)
		next := s.newRefresh(refresh, access, r.old.scope)
		return id, refresh, access.expires, s.rotate(ctx, r.old, access, next)
	}
	return "", "", time.Time{}, oidc.ErrUnsupportedGrantType()
}

func (s *Server) rotate(ctx context.Context, old, access, next token) error {
	done := false
	err := s.database.transact(ctx, func(tx *sql.Tx) (err error) {
		done, err = s.tokens.rotate(ctx, tx, old.signature, s.now(), s.settings.RefreshGrace, access, next)
		return err
	})
	if err != nil || done {
		return err
	}
	return s.reused(ctx, old.grant, "refresh token was used before or revoked")
}

// spendCode exchanges an authorization code for the first tokens of its grant.
func (s *Server) spendCode(ctx context.Context, r *signIn, access token, refresh *token) error {
	done := false
	err := s.database.transact(ctx, func(tx *sql.Tx) (err error) {
		if done, err = s.signIns.use(ctx, tx, r.id, s.now()); err != nil || !done {
			return err
		}
		return s.tokens.insert(ctx, tx, access, refresh)
	})
	if err != nil || done {
		return err
	}
	return s.reused(ctx, r.id, "code was used before")
}

// reused revokes the grant of a code (RFC 6749 section 4.1.2) or refresh token that
// was presented twice, since one of the two presenters has stolen it.
func (s *Server) reused(ctx context.Context, grant, description string) error {
	if err := s.revokeGrant(ctx, grant); err != nil {
		return err
	}
	return oidc.ErrInvalidGrant().WithDescription("%s", description)
}

func (s *Server) revokeGrant(ctx context.Context, grant string) error {
	return s.database.transact(ctx, func(tx *sql.Tx) error {
		return s.tokens.revokeGrant(ctx, tx, grant, s.now())
	})
}

// newAccess makes an access token. It ends on a whole second, because exp counts
// seconds: rounded up, so that no token dies before its lifetime is over.
func (s *Server) newAccess(c *client, grant, subject string, scopes []string, authTime time.Time) (id string, t token) {
	now := s.now()
	id = randomToken(16)
	return id, token{
		signature: signature(id), grant: grant, client: c.id, subject: subject, scope: spaced(scopes),
		authTime: authTime, issued: now, expires: wholeSecond(now.Add(c.accessLifetime)),
	}
}

func (s *Server) newRefresh(value string, access token, scope string) token {
	t := access
	t.signature, t.scope = signature(value), scope
	t.expires = wholeSecond(t.issued.Add(s.settings.RefreshTTL))
	return t
}

func wholeSecond(t time.Time) time.Time {
	if down := t.Truncate(time.Second); down.Before(t) {
		return down.Add(time.Second)
	}
	return t
}

// refreshable finds the refresh token value of c. It gives invalid_grant for a token
// that is unknown, expired, revoked or another client's (RFC 6749 section 5.2).
func (s *Server) refreshable(ctx context.Context, c *client, value string) (token, error) {
	t, err := s.tokens.refresh(ctx, signature(value))
	switch {
	case errors.Is(err, errNoToken):
		return token{}, oidc.ErrInvalidGrant().WithDescription("unknown refresh token")
	case err != nil:
		return token{}, err
	case t.client != c.id:
		return token{}, oidc.ErrInvalidGrant().WithDescription("refresh token of another client")
	case t.spent(s.now(), s.settings.RefreshGrace):
		return token{}, s.reused(ctx, t.grant, "refresh token was used before")
	case !t.live(s.now(), s.settings.RefreshGrace):
		return token{}, oidc.ErrInvalidGrant().WithDescription("refresh token is expired or revoked")
	}
	return t, nil
}

// spaced and fields convert lists of scopes (RFC 6749 section 3.3).
func spaced(scopes []string) string { return strings.Join(scopes, " ") }
func fields(scope string) []string  { return strings.Fields(scope) }
