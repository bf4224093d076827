package authserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// grants stores the tokens that a server issues, from a grant's first to its revocation.
type grants struct{ server *Server }

// issued are the tokens of a grant: the id of the access token, and the refresh token,
// "" for none.
type issued struct {
	id, refresh string
	expires     time.Time
}

// issue stores the tokens of request. A refresh token is exchanged by exactly one
// caller; every other one, when the grace is over, revokes the grant (RFC 9700 section
// 4.14.2).
func (g grants) issue(ctx context.Context, request tokenRequest) (issued, error) {
	switch r := request.(type) {
	case *loneRequest:
		id, access := g.newAccess(r.client, "", time.Time{}, r)
		return issued{id, "", access.Expires}, g.server.tokens.InsertAccess(ctx, access)
	case *signIn:
		id, access := g.newAccess(r.client, r.ID, r.AuthTime, r)
		next := g.firstRefresh(r.client, access, r.Scopes)
		return issued{id, next.value, access.Expires}, g.spendCode(ctx, r, access, next.token)
	case *deviceRequest:
		id, access := g.newAccess(r.client, randomToken(16), r.device.AuthTime, r)
		next := g.firstRefresh(r.client, access, r.device.Scopes)
		return issued{id, next.value, access.Expires}, g.spendDevice(ctx, r.device, access, next.token)
	case *refreshRequest:
		id, access := g.newAccess(r.client, r.old.Grant, r.old.AuthTime, r)
		value := randomToken(32)
		next := g.newRefresh(value, access, r.old.Scope, r.old.Thumbprint)
		return issued{id, value, access.Expires}, g.rotate(ctx, r.old, access, next)
	}
	return issued{}, fmt.Errorf("no tokens for a %T", request)
}

// newAccess makes an access token. It ends on a whole second, because exp counts
// seconds: rounded up, so that no token dies before its lifetime is over.
func (g grants) newAccess(c *client, grant string, authTime time.Time, r tokenRequest) (id string, t store.Token) {
	now, e := g.server.now(), r.extra()
	id = randomToken(16)
	return id, store.Token{
		Signature: store.Signature(id), Grant: grant, Client: c.ID, Subject: r.GetSubject(),
		Scope:    spaced(r.GetScopes()),
		Extras:   *e,
		AuthTime: authTime, Issued: now, Expires: wholeSecond(now.Add(c.AccessLifetime)),
	}
}

// first is the first refresh token of a grant, when it has one.
type first struct {
	value string
	token *store.Token
}

// firstRefresh makes it when scopes ask for it. RFC 9449 section 5: only a public
// client's is bound to a key; another client authenticates when it refreshes.
func (g grants) firstRefresh(c *client, access store.Token, scopes []string) first {
	if !c.wantsRefresh(scopes) {
		return first{}
	}
	thumbprint := ""
	if c.Method == oauth.AuthNone {
		thumbprint = access.Thumbprint
	}
	value := randomToken(32)
	t := g.newRefresh(value, access, spaced(scopes), thumbprint)
	return first{value, &t}
}

func (g grants) newRefresh(value string, access store.Token, scope, thumbprint string) store.Token {
	t := access
	t.Signature, t.Scope, t.Extras = store.Signature(value), scope,
		store.Extras{Audience: access.Audience, Thumbprint: thumbprint}
	t.Expires = wholeSecond(t.Issued.Add(g.server.settings.RefreshTTL))
	return t
}

func (g grants) rotate(ctx context.Context, old, access, next store.Token) error {
	done := false
	err := g.server.database.Transact(ctx, func(tx *sql.Tx) (err error) {
		done, err = g.server.tokens.Rotate(ctx, tx, old.Signature, g.server.now(), g.server.settings.RefreshGrace,
			access, next)
		return err
	})
	if err != nil || done {
		return err
	}
	return g.reused(ctx, old.Grant, "refresh token was used before or revoked")
}

// spendCode exchanges an authorization code for the first tokens of its grant.
func (g grants) spendCode(ctx context.Context, r *signIn, access store.Token, refresh *store.Token) error {
	done := false
	err := g.server.database.Transact(ctx, func(tx *sql.Tx) (err error) {
		if done, err = g.server.signIns.Use(ctx, tx, r.ID, g.server.now()); err != nil || !done {
			return err
		}
		return g.server.tokens.Insert(ctx, tx, access, refresh)
	})
	if err != nil || done {
		return err
	}
	return g.reused(ctx, r.ID, "code was used before")
}

// reused revokes the grant of a code (RFC 6749 section 4.1.2) or refresh token that
// was presented twice, since one of the two presenters has stolen it.
func (g grants) reused(ctx context.Context, grant, description string) error {
	if err := g.revokeGrant(ctx, grant); err != nil {
		return err
	}
	return oidc.ErrInvalidGrant().WithDescription("%s", description)
}

func (g grants) revokeGrant(ctx context.Context, grant string) error {
	return g.server.database.Transact(ctx, func(tx *sql.Tx) error {
		return g.server.tokens.RevokeGrant(ctx, tx, grant, g.server.now())
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
func (g grants) refreshable(ctx context.Context, c *client, value string) (store.Token, error) {
	t, err := g.server.tokens.Refresh(ctx, store.Signature(value))
	switch {
	case errors.Is(err, store.ErrNoToken):
		return store.Token{}, oidc.ErrInvalidGrant().WithDescription("unknown refresh token")
	case err != nil:
		return store.Token{}, err
	case t.Client != c.ID:
		return store.Token{}, oidc.ErrInvalidGrant().WithDescription("refresh token of another client")
	case t.Spent(g.server.now(), g.server.settings.RefreshGrace):
		return store.Token{}, g.reused(ctx, t.Grant, "refresh token was used before")
	case !t.Live(g.server.now(), g.server.settings.RefreshGrace):
		return store.Token{}, oidc.ErrInvalidGrant().WithDescription("refresh token is expired or revoked")
	}
	return t, nil
}

// spaced and fields convert lists of scopes (RFC 6749 section 3.3).
func spaced(scopes []string) string { return strings.Join(scopes, " ") }
func fields(scope string) []string  { return strings.Fields(scope) }

// spendDevice exchanges a device code for the first tokens of its grant.
func (g grants) spendDevice(ctx context.Context, d store.Device, access store.Token, refresh *store.Token) error {
	done := false
	err := g.server.database.Transact(ctx, func(tx *sql.Tx) (err error) {
		if done, err = g.server.devices.Use(ctx, tx, d); err != nil || !done {
			return err
		}
		return g.server.tokens.Insert(ctx, tx, access, refresh)
	})
	if err != nil || done {
		return err
	}
	return oidc.ErrInvalidGrant().WithDescription("device code was used before")
}
