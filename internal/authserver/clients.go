package authserver

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// client is a registered client as op wants to see it (op.Client).
type client struct {
	store.Client
	tokens op.AccessTokenType
}

// client gives the client, or store.ErrNoClient.
func (s *Server) client(ctx context.Context, id string) (*client, error) {
	row, err := s.clients.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	c := &client{Client: row}
	if c.AccessLifetime == 0 {
		c.AccessLifetime = s.settings.AccessTTL
	}
	if s.settings.Tokens == settings.TokensJWT {
		c.tokens = op.AccessTokenTypeJWT
	}
	return c, nil
}

func (c *client) allows(grant oidc.GrantType) bool {
	return slices.Contains(c.Grants, string(grant))
}

// wantsRefresh tells whether tokens with these scopes come with a refresh token.
func (c *client) wantsRefresh(scopes []string) bool {
	return c.allows(oidc.GrantTypeRefreshToken) && slices.Contains(scopes, oidc.ScopeOfflineAccess)
}

// target reads the parameter audience of a request, a list like scope. It refuses one
// that the client is not registered for (RFC 8693 section 2.2.2).
func (c *client) target(parameter string) ([]string, error) {
	audience := strings.Fields(parameter)
	for _, a := range audience {
		if !slices.Contains(c.Audience, a) {
			return nil, oidc.ErrInvalidTarget().WithDescription("client is not registered for all of the audience")
		}
	}
	return audience, nil
}

// scopesFor gives the scopes of a token that the client asks for by itself: all that it
// is registered for, unless it asks for some.
func (c *client) scopesFor(asked []string) ([]string, error) {
	if len(asked) == 0 {
		return c.Scopes, nil
	}
	if slices.ContainsFunc(asked, func(s string) bool { return !slices.Contains(c.Scopes, s) }) {
		return nil, oidc.ErrInvalidScope().WithDescription("client is not registered for all of the scope")
	}
	return asked, nil
}

// refusedScope is the first of scopes that c is not registered for, or "".
// offline_access asks for a refresh token (OpenID Connect Core 1.0 section 11) and
// follows the grant type.
func (c *client) refusedScope(scopes []string) string {
	for _, s := range scopes {
		offline := s == oidc.ScopeOfflineAccess && c.allows(oidc.GrantTypeRefreshToken)
		if !offline && !slices.Contains(c.Scopes, s) {
			return s
		}
	}
	return ""
}

func (c *client) GetID() string                    { return c.ID }
func (c *client) RedirectURIs() []string           { return c.Redirects }
func (c *client) PostLogoutRedirectURIs() []string { return nil }
func (c *client) AuthMethod() oidc.AuthMethod      { return oidc.AuthMethod(c.Method) }
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *client) AccessTokenType() op.AccessTokenType  { return c.tokens }
func (c *client) IDTokenLifetime() time.Duration       { return c.AccessLifetime }
func (c *client) DevMode() bool                        { return false }
func (c *client) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c *client) ClockSkew() time.Duration             { return 0 }

// IsScopeAllowed lets every scope through: op would drop a foreign scope silently,
// where storage.CreateAuthRequest refuses it.
func (c *client) IsScopeAllowed(string) bool { return true }

func (c *client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return keepScopes }
func (c *client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return keepScopes }

func keepScopes(scopes []string) []string { return scopes }

// LoginURL is where the authorization endpoint sends the browser.
func (c *client) LoginURL(id string) string { return settings.LoginPath + "?id=" + url.QueryEscape(id) }

// ApplicationType native is what lets op accept loopback redirect URIs of public
// clients (RFC 8252 section 7.3).
func (c *client) ApplicationType() op.ApplicationType {
	if c.Method == oauth.AuthNone {
		return op.ApplicationTypeNative
	}
	return op.ApplicationTypeWeb
}

func (c *client) GrantTypes() []oidc.GrantType {
	grants := make([]oidc.GrantType, len(c.Grants))
	for i, g := range c.Grants {
		grants[i] = oidc.GrantType(g)
	}
	return grants
}
