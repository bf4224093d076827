package authserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/oauth"
)

// client is a registered client as op wants to see it (op.Client).
type client struct {
	id, name, secretHash, authMethod string
	grantTypes, scopes, redirectURIs []string
	audience                         []string // that its tokens may be for
	keys                             string   // JWK Set of its public keys, or ""
	signingAlg, subjectDN            string
	accessLifetime                   time.Duration
	tokens                           op.AccessTokenType
}

// errNoClient says that no client has the id.
var errNoClient = errors.New("no such client")

// clientTable may be used by any number of goroutines.
type clientTable struct {
	statements
	insertStmt, findStmt *sql.Stmt
	settings             settings.Settings
}

func openClientTable(ctx context.Context, d *database, told settings.Settings) (*clientTable, error) {
	t := &clientTable{statements: statements{d: d}, settings: told}
	t.insertStmt = t.write(ctx, `INSERT INTO clients (id, name, secret_hash, auth_method, grant_types, scope, redirect_uris, access_lifetime,
		extras, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	t.findStmt = t.read(ctx, `SELECT name, secret_hash, auth_method, grant_types, scope, redirect_uris, access_lifetime,
		extras FROM clients WHERE id = ?`)
	return t, t.err
}

func (t *clientTable) insert(ctx context.Context, c client, now time.Time) error {
	_, err := t.insertStmt.ExecContext(ctx, c.id, c.name, c.secretHash, c.authMethod, strings.Join(c.grantTypes, " "),
		strings.Join(c.scopes, " "), strings.Join(c.redirectURIs, " "), int64(c.accessLifetime/time.Second),
		joinExtras(c.signingAlg, c.subjectDN, spaced(c.audience), c.keys), now.UnixMicro())
	return err
}

// find gives the client, or errNoClient.
func (t *clientTable) find(ctx context.Context, id string) (*client, error) {
	c := &client{id: id}
	var grants, scope, uris, extras string
	var seconds int64
	err := t.findStmt.QueryRowContext(ctx, id).Scan(&c.name, &c.secretHash, &c.authMethod, &grants, &scope, &uris, &seconds,
		&extras)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoClient
	}
	if err != nil {
		return nil, fmt.Errorf("client %q: %w", id, err)
	}
	c.grantTypes, c.scopes, c.redirectURIs = strings.Fields(grants), strings.Fields(scope), strings.Fields(uris)
	if extras != "" {
		parts := splitExtras(extras, 4)
		c.signingAlg, c.subjectDN, c.audience, c.keys = parts[0], parts[1], fields(parts[2]), parts[3]
	}
	c.accessLifetime = time.Duration(seconds) * time.Second
	if c.accessLifetime == 0 {
		c.accessLifetime = t.settings.AccessTTL
	}
	if t.settings.Tokens == settings.TokensJWT {
		c.tokens = op.AccessTokenTypeJWT
	}
	return c, nil
}

func (c *client) allows(grant oidc.GrantType) bool {
	return slices.Contains(c.grantTypes, string(grant))
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
		if !slices.Contains(c.audience, a) {
			return nil, oidc.ErrInvalidTarget().WithDescription("client is not registered for all of the audience")
		}
	}
	return audience, nil
}

// scopesFor gives the scopes of a token that the client asks for by itself: all that it
// is registered for, unless it asks for some.
func (c *client) scopesFor(asked []string) ([]string, error) {
	if len(asked) == 0 {
		return c.scopes, nil
	}
	if slices.ContainsFunc(asked, func(s string) bool { return !slices.Contains(c.scopes, s) }) {
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
		if !offline && !slices.Contains(c.scopes, s) {
			return s
		}
	}
	return ""
}

func (c *client) GetID() string                    { return c.id }
func (c *client) RedirectURIs() []string           { return c.redirectURIs }
func (c *client) PostLogoutRedirectURIs() []string { return nil }
func (c *client) AuthMethod() oidc.AuthMethod      { return oidc.AuthMethod(c.authMethod) }
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *client) AccessTokenType() op.AccessTokenType  { return c.tokens }
func (c *client) IDTokenLifetime() time.Duration       { return c.accessLifetime }
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
	if c.authMethod == oauth.AuthNone {
		return op.ApplicationTypeNative
	}
	return op.ApplicationTypeWeb
}

func (c *client) GrantTypes() []oidc.GrantType {
	grants := make([]oidc.GrantType, len(c.grantTypes))
	for i, g := range c.grantTypes {
		grants[i] = oidc.GrantType(g)
	}
	return grants
}
