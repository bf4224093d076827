package authserver

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// tokenRequest is a grant that has been found good and waits for its tokens.
type tokenRequest interface {
	op.TokenRequest // GetAudience is of an ID token, which is for the client alone
	// SetCurrentScopes gives the access token another scope than its grant.
	SetCurrentScopes(scopes []string)
	extra() *store.Extras
}

// extras are those of a request.
type extras struct{ store.Extras }

func (e *extras) extra() *store.Extras { return &e.Extras }

// loneRequest is a grant that lasts no longer than its one access token:
// client_credentials, whose client is its own subject (RFC 9068 section 2.2), an
// assertion, an exchange.
type loneRequest struct {
	extras
	client  *client
	subject string
	scopes  []string
}

func (r *loneRequest) GetSubject() string               { return r.subject }
func (r *loneRequest) GetAudience() []string            { return nil }
func (r *loneRequest) GetScopes() []string              { return r.scopes }
func (r *loneRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }

// refreshRequest is the exchange of a refresh token (op.RefreshTokenRequest).
type refreshRequest struct {
	extras
	old    store.Token
	client *client
	scopes []string // of the new access token; the grant keeps its own
}

func (r *refreshRequest) GetAMR() []string                 { return nil }
func (r *refreshRequest) GetAudience() []string            { return nil }
func (r *refreshRequest) GetAuthTime() time.Time           { return r.old.AuthTime }
func (r *refreshRequest) GetClientID() string              { return r.old.Client }
func (r *refreshRequest) GetScopes() []string              { return r.scopes }
func (r *refreshRequest) GetSubject() string               { return r.old.Subject }
func (r *refreshRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }

// deviceRequest is a device that has been accepted (op.IDTokenRequest).
type deviceRequest struct {
	extras
	device store.Device
	client *client
	scopes []string
}

func (r *deviceRequest) GetAMR() []string                 { return nil }
func (r *deviceRequest) GetAudience() []string            { return nil }
func (r *deviceRequest) GetAuthTime() time.Time           { return r.device.AuthTime }
func (r *deviceRequest) GetClientID() string              { return r.device.Client }
func (r *deviceRequest) GetScopes() []string              { return r.scopes }
func (r *deviceRequest) GetSubject() string               { return r.device.Subject }
func (r *deviceRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }

// jwtRequest shows op what goes into a JWT access token.
type jwtRequest struct{ tokenRequest }

func (r jwtRequest) GetAudience() []string { return r.extra().Audience }
func (r jwtRequest) GetActor() *oidc.ActorClaims {
	if actor := r.extra().Actor; actor != "" {
		return &oidc.ActorClaims{Subject: actor}
	}
	return nil
}

// confirmation is the key that a token is bound to (RFC 9449 section 6).
type confirmation struct {
	Thumbprint string `json:"jkt"`
}

// signIn is an authorization request on its way to a code and to tokens, as op wants
// to see it (op.AuthRequest). Its id becomes the id of the grant.
type signIn struct {
	store.SignIn

	// Set when a code is exchanged.
	client  *client
	current []string // scopes of the access token; nil for scopes
	bound   store.Extras
}

func (s *signIn) GetID() string { return s.ID }

func (s *signIn) GetACR() string { return "" }

func (s *signIn) GetAMR() []string { return nil }

func (s *signIn) GetAudience() []string { return nil }

func (s *signIn) GetAuthTime() time.Time { return s.AuthTime }

func (s *signIn) GetClientID() string { return s.ClientID }

func (s *signIn) GetNonce() string { return s.Nonce }

func (s *signIn) GetRedirectURI() string { return s.RedirectURI }

func (s *signIn) GetResponseType() oidc.ResponseType { return oidc.ResponseTypeCode }

func (s *signIn) GetResponseMode() oidc.ResponseMode { return oidc.ResponseMode(s.ResponseMode) }

func (s *signIn) GetState() string { return s.State }

func (s *signIn) GetSubject() string { return s.Subject }

func (s *signIn) Done() bool { return s.Subject != "" }

func (s *signIn) extra() *store.Extras { return &s.bound }

func (s *signIn) SetCurrentScopes(scopes []string) { s.current = scopes }

func (s *signIn) GetScopes() []string {
	if s.current != nil {
		return s.current
	}
	return s.Scopes
}

func (s *signIn) GetCodeChallenge() *oidc.CodeChallenge {
	if s.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: s.CodeChallenge, Method: oidc.CodeChallengeMethodS256}
}
