package authserver

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// seen is t as resource servers see it at now.
func (s *Server) seen(t store.Token, now time.Time) store.Token {
	t.Revoked = t.Revoked && s.lapses.Revocations.StillRevoked(t.Signature, t.Grant, now)
	return t
}

// operationKey is where a request's context has its operation, when a fault may ask.
type operationKey struct{}

func operation(ctx context.Context) string {
	name, _ := ctx.Value(operationKey{}).(string)
	return name
}

// lapsing tells next which operation it does. A request without credentials, where the
// server lets those in, gets the client that it must be meant to be of.
func (f front) lapsing(name string, next http.Handler) http.Handler {
	if f.server.lapses.None() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), operationKey{}, name))
		if name == settings.Revoke && f.server.lapses.NoSecret(name) && anonymous(r) {
			if t, _, err := f.find(r.Context(), r.PostForm.Get("token")); err == nil {
				r.PostForm.Set("client_id", t.Client)
			} else {
				w.WriteHeader(http.StatusOK) // RFC 7009 section 2.2
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// letsIn tells whether a planted fault excuses that a request has no credentials.
func (f front) letsIn(operation string, r *http.Request) bool {
	named := operation != settings.Token || r.PostForm.Get("client_id") != ""
	return named && r.Header.Get("Authorization") == "" && f.server.lapses.NoSecret(operation)
}

// unproved tells whether a request has nothing by which its client could be known.
func unproved(r *http.Request) bool {
	return r.Header.Get("Authorization") == "" && r.PostForm.Get("client_secret") == "" &&
		r.PostForm.Get("client_assertion") == ""
}

// anonymous tells whether a request says nothing of who asks.
func anonymous(r *http.Request) bool {
	return unproved(r) && r.PostForm.Get("client_id") == ""
}

// excused tells whether a planted fault lets in a client that has not proved itself: by
// a wrong secret, or by none.
func (d desk) excused(ctx context.Context, c *client, method string) bool {
	hasSecret := c.Method == oauth.AuthBasic || c.Method == oauth.AuthPost
	if method == oauth.AuthNone {
		return hasSecret && d.server.lapses.NoSecret(operation(ctx))
	}
	return hasSecret && c.Method == method && d.server.lapses.AnySecret(operation(ctx))
}

// endClient revokes all tokens of a client, when a planted fault wants it.
func (s *Server) endClient(ctx context.Context, client string) error {
	if !s.lapses.Revocations.KillsAll() {
		return nil
	}
	return s.database.Transact(ctx, func(tx *sql.Tx) error { return s.tokens.RevokeClient(ctx, tx, client, s.now()) })
}

// findForged finds the token that a JWT speaks of, whoever has signed it.
func (d desk) findForged(ctx context.Context, value string) (store.Token, error) {
	claims := &oidc.AccessTokenClaims{}
	if _, err := oidc.ParseToken(value, claims); err != nil || claims.JWTID == "" {
		return store.Token{}, store.ErrNoToken
	}
	return d.server.tokens.Access(ctx, store.Signature(claims.JWTID))
}

// unsupported is the refusal of RFC 7009 section 2.2.1.
func unsupported() error {
	return (&oidc.Error{ErrorType: "unsupported_token_type"}).WithDescription("JWTs are checked by their signature")
}

// introspectable gives the planted refusals of introspection.
func (d desk) introspectable(value string) error {
	switch {
	case d.server.lapses.Unsupported(value):
		return unsupported()
	case d.server.lapses.Malformed(value):
		return oidc.ErrInvalidRequest().WithDescription("token is malformed")
	}
	return nil
}

// errInactive is the planted refusal of tokens that are not active.
var errInactive = op.NewStatusError(
	(&oidc.Error{ErrorType: "invalid_token"}).WithDescription("token is not active"), http.StatusBadRequest)
