package authserver

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"oauthbench/internal/authserver/store"
)

// signIn is an authorization request on its way to a code and to tokens, as op wants
// to see it (op.AuthRequest). Its id becomes the id of the grant.
type signIn struct {
	store.SignIn

	// Set when a code is exchanged.
	client  *client
	current []string // scopes of the access token; nil for scopes
	bound   store.Extras
}

func (s *signIn) GetID() string                      { return s.ID }
func (s *signIn) GetACR() string                     { return "" }
func (s *signIn) GetAMR() []string                   { return nil }
func (s *signIn) GetAudience() []string              { return nil }
func (s *signIn) GetAuthTime() time.Time             { return s.AuthTime }
func (s *signIn) GetClientID() string                { return s.ClientID }
func (s *signIn) GetNonce() string                   { return s.Nonce }
func (s *signIn) GetRedirectURI() string             { return s.RedirectURI }
func (s *signIn) GetResponseType() oidc.ResponseType { return oidc.ResponseTypeCode }
func (s *signIn) GetResponseMode() oidc.ResponseMode { return oidc.ResponseMode(s.ResponseMode) }
func (s *signIn) GetState() string                   { return s.State }
func (s *signIn) GetSubject() string                 { return s.Subject }
func (s *signIn) Done() bool                         { return s.Subject != "" }
func (s *signIn) extra() *store.Extras               { return &s.bound }
func (s *signIn) SetCurrentScopes(scopes []string)   { s.current = scopes }
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
