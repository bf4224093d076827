package authserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"oauthbench/internal/oauth"
)

// issued are the tokens of a grant: the id of the access token, and the refresh token,
// "" for none.
type issued struct {
	id, refresh string
	expires     time.Time
}

// issue stores the tokens of request. A refresh token is exchanged by exactly one
// caller; every other one, when the grace is over, revokes the grant (RFC 9700 section
// 4.14.2).
func (s *Server) issue(ctx context.Context, request tokenRequest) (issued, error) {
	switch r := request.(type) {
	case *loneRequest:
		id, access := s.newAccess(r.client, "", time.Time{}, r)
		return issued{id, "", access.expires}, s.tokens.insertAccess(ctx, access)
	case *signIn:
		id, access := s.newAccess(r.client, r.id, r.authTime, r)
		next := s.firstRefresh(r.client, access, r.scopes)
		return issued{id, next.value, access.expires}, s.spendCode(ctx, r, access, next.token)
	case *deviceRequest:
		id, access := s.newAccess(r.client, randomToken(16), r.device.authTime, r)
		next := s.firstRefresh(r.client, access, r.device.scopes)
		return issued{id, next.value, access.expires}, s.spendDevice(ctx, r.device, access, next.token)
	case *refreshRequest:
		id, access := s.newAccess(r.client, r.old.grant, r.old.authTime, r)
		value := randomToken(32)
		next := s.newRefresh(value, access, r.old.scope, r.old.thumbprint)
		return issued{id, value, access.expires}, s.rotate(ctx, r.old, access, next)
	}
	return issued{}, fmt.Errorf("no tokens for a %T", request)
}

// newAccess makes an access token. It ends on a whole second, because exp counts
// seconds: rounded up, so that no token dies before its lifetime is over.
func (s *Server) newAccess(c *client, grant string, authTime time.Time, r tokenRequest) (id string, t token) {
	now, e := s.now(), r.extra()
	id = randomToken(16)
	return id, token{
		signature: signature(id), grant: grant, client: c.id, subject: r.GetSubject(), scope: spaced(r.GetScopes()),
		extras:   *e,
		authTime: authTime, issued: now, expires: wholeSecond(now.Add(c.accessLifetime)),
	}
}

// first is the first refresh token of a grant, when it has one.
type first struct {
	value string
	token *token
}

// firstRefresh makes it when scopes ask for it. RFC 9449 section 5: only a public
// client's is bound to a key; another client authenticates when it refreshes.
func (s *Server) firstRefresh(c *client, access token, scopes []string) first {
	if !c.wantsRefresh(scopes) {
		return first{}
	}
	thumbprint := ""
	if c.authMethod == oauth.AuthNone {
		thumbprint = access.thumbprint
	}
	value := randomToken(32)
	t := s.newRefresh(value, access, spaced(scopes), thumbprint)
	return first{value, &t}
}

func (s *Server) newRefresh(value string, access token, scope, thumbprint string) token {
	t := access
	t.signature, t.scope, t.extras = signature(value), scope, extras{audience: access.audience, thumbprint: thumbprint}
	t.expires = wholeSecond(t.issued.Add(s.settings.RefreshTTL))
	return t
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
