package authserver

import (
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// tokenRequest is a grant that has been found good and waits for its tokens.
type tokenRequest interface {
	op.TokenRequest // GetAudience is of an ID token, which is for the client alone
	// SetCurrentScopes gives the access token another scope than its grant.
	SetCurrentScopes(scopes []string)
	extra() *extras
}

// extras are what an access token may have besides.
type extras struct {
	audience   []string // nil for the client alone
	thumbprint string   // of the key that its holder must prove (RFC 9449); "" for a bearer token
	actor      string   // who acts for the subject (RFC 8693 section 4.1); "" for nobody
}

func (e *extras) extra() *extras { return e }

// encode is how extras are stored: "" for none, which nearly all are.
func (e extras) encode() string { return joinExtras(e.thumbprint, spaced(e.audience), e.actor) }

func decodeExtras(text string) extras {
	if text == "" {
		return extras{}
	}
	parts := splitExtras(text, 3)
	return extras{thumbprint: parts[0], audience: fields(parts[1]), actor: parts[2]}
}

// joinExtras stores what few rows have in one column, so that the others pay for one
// empty column only: lines, of which just the last may have line feeds in it.
func joinExtras(parts ...string) string {
	if strings.Join(parts, "") == "" {
		return ""
	}
	return strings.Join(parts, "\n")
}

// splitExtras gives n parts, those that are missing empty.
func splitExtras(text string, n int) []string {
	parts := strings.SplitN(text, "\n", n)
	return append(parts, make([]string, n-len(parts))...)
}

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

// deviceRequest is a device that has been accepted (op.IDTokenRequest).
type deviceRequest struct {
	extras
	device device
	client *client
	scopes []string
}

func (r *deviceRequest) GetAMR() []string                 { return nil }
func (r *deviceRequest) GetAudience() []string            { return nil }
func (r *deviceRequest) GetAuthTime() time.Time           { return r.device.authTime }
func (r *deviceRequest) GetClientID() string              { return r.device.client }
func (r *deviceRequest) GetScopes() []string              { return r.scopes }
func (r *deviceRequest) GetSubject() string               { return r.device.subject }
func (r *deviceRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }

// jwtRequest shows op what goes into a JWT access token.
type jwtRequest struct{ tokenRequest }

func (r jwtRequest) GetAudience() []string { return r.extra().audience }
func (r jwtRequest) GetActor() *oidc.ActorClaims {
	if actor := r.extra().actor; actor != "" {
		return &oidc.ActorClaims{Subject: actor}
	}
	return nil
}
