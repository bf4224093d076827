package authserver

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// introspection is an answer of RFC 7662 section 2.2. Of an inactive token it says
// nothing else.
type introspection struct {
	Active   bool   `json:"active"`
	Scope    string `json:"scope,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	// Bearer or DPoP; access tokens only: a refresh token has no type of RFC 6749 section 7.1
	TokenType string       `json:"token_type,omitempty"`
	TokenUse  string       `json:"token_use,omitempty"` // access_token or refresh_token, as Hydra names it
	Exp       int64        `json:"exp,omitempty"`       // seconds since the epoch, as iat
	Iat       int64        `json:"iat,omitempty"`
	Sub       string       `json:"sub,omitempty"`
	Aud       string       `json:"aud,omitempty"`
	Iss       string       `json:"iss,omitempty"`
	Cnf       confirmation `json:"cnf,omitzero"`
	Act       actor        `json:"act,omitzero"`
}

// actor is who acts for the subject (RFC 8693 section 4.1).
type actor struct {
	Subject string `json:"sub"`
}

// wideIntrospection is introspection of a token for several audiences, which JSON has
// as an array and one as a string (RFC 7519 section 4.1.3).
type wideIntrospection struct {
	introspection
	Aud []string `json:"aud"`
}

// introspect fails only when the state of the token could not be read: op would call
// such a token inactive.
func (d desk) introspect(ctx context.Context, value string) (answer any, err error) {
	if err := d.introspectable(value); err != nil {
		return introspection{}, err
	}
	t, kind, err := d.find(ctx, value)
	if errors.Is(err, store.ErrNoToken) && d.server.lapses.Forged() {
		t, err = d.findForged(ctx, value)
	}
	if err != nil && !errors.Is(err, store.ErrNoToken) {
		return introspection{}, serverError(err)
	}
	now := d.server.now()
	live := err == nil && d.server.seen(t, now).Live(now, d.server.settings.RefreshGrace)
	if kind == accessToken && d.server.lapses.Outlived(t.Issued, now) {
		live = false
	}
	if !d.server.lapses.Active(live) {
		if d.server.lapses.RefusesInactive() {
			return introspection{}, errInactive
		}
		return introspection{}, nil
	}
	if err != nil {
		return introspection{Active: true}, nil // a planted lie
	}
	full := introspection{
		Active: true, Scope: t.Scope, ClientID: t.Client, TokenUse: kind, Exp: t.Expires.Unix(), Iat: t.Issued.Unix(),
		Sub: t.Subject, Aud: cmp.Or(spaced(t.Audience), t.Client), Iss: op.IssuerFromContext(ctx),
		Cnf: confirmation{t.Thumbprint}, Act: actor{t.Actor},
	}
	switch {
	case kind != accessToken:
	case t.Thumbprint != "":
		full.TokenType = dpopToken
	default:
		full.TokenType = oidc.BearerToken
	}
	if strings.Contains(full.Aud, " ") {
		return wideIntrospection{full, fields(full.Aud)}, nil
	}
	return full, nil
}

// Introspect answers a caller with client credentials.
func (p protocol) Introspect(ctx context.Context, r *op.Request[op.IntrospectionRequest]) (*op.Response, error) {
	if _, err := p.VerifyClient(ctx,
		&op.Request[op.ClientCredentials]{Header: r.Header, Form: r.Form, Data: r.Data.ClientCredentials}); err != nil {
		return nil, err
	}
	answer, err := p.desk.introspect(ctx, r.Data.Token)
	if err != nil {
		return nil, err
	}
	return op.NewResponse(answer), nil
}

// introspection answers a caller with the bearer token of the resource server (RFC
// 7662 section 2.1), which costs no secret hashing, and hands every other one to
// next. op knows no such authorization.
func (f front) introspection(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch {
		case strings.EqualFold(scheme, "Bearer"):
		case f.server.lapses.NoSecret(settings.Introspect) && unproved(r):
			bearer = f.server.keys.resource
		case scheme == "" && byCertificate(r):
			f.introspectByCertificate(w, r)
			return
		default:
			next.ServeHTTP(w, r)
			return
		}
		if subtle.ConstantTimeCompare([]byte(bearer), []byte(f.server.keys.resource)) != 1 &&
			!f.server.lapses.AnySecret(settings.Introspect) {
			op.WriteError(w, r, invalidClient("wrong bearer token"), nil)
			return
		}
		if r.PostForm.Get("token") == "" {
			op.WriteError(w, r, oidc.ErrInvalidRequest().WithDescription("token missing"), nil)
			return
		}
		f.answerIntrospection(w, r)
	})
}

func (f front) answerIntrospection(w http.ResponseWriter, r *http.Request) {
	ctx := op.ContextWithIssuer(r.Context(), f.provider.IssuerFromRequest(r))
	answer, err := f.introspect(ctx, r.PostForm.Get("token"))
	if err != nil {
		op.WriteError(w, r, err, nil)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// byCertificate tells whether nothing but a certificate can authenticate the client.
func byCertificate(r *http.Request) bool {
	return peerCertificate(r.Context()) != nil && r.PostForm.Get("client_secret") == "" &&
		r.PostForm.Get("client_assertion") == ""
}

// introspectByCertificate is for clients with tls_client_auth, which op knows not.
func (f front) introspectByCertificate(w http.ResponseWriter, r *http.Request) {
	c, err := f.knownClient(r.Context(), r.PostForm.Get("client_id"))
	switch {
	case err != nil:
	case c.Method != oauth.AuthTLS:
		err = invalidClient("client is registered for " + c.Method)
	case r.PostForm.Get("token") == "":
		err = oidc.ErrInvalidRequest().WithDescription("token missing")
	default:
		err = c.verifyCertificate(peerCertificate(r.Context()))
	}
	if err != nil {
		op.WriteError(w, r, err, nil)
		return
	}
	f.answerIntrospection(w, r)
}
