// Package oidcprovider runs oidc-provider, a library for Node, in an app of one file with its
// store in PostgreSQL. The image has Node, the library and a driver; the app is of this folder.
package oidcprovider

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

//go:embed app.mjs
var app string

// Server is oidc-provider.
var Server = stack.Server{
	Name:    "oidc-provider",
	Summary: "oidc-provider 8 and later, a library for Node, in an app of ours; access tokens are opaque",
	Example: "oidc-provider:9.13.3",
	Tested:  []string{"oidc-provider:8.8.1", "oidc-provider:9.13.3"},
	Settings: []stack.Setting{
		stack.Lifetime("access_ttl", "lifetime of access tokens; default 1h"),
		stack.Lifetime("refresh_ttl", "lifetime of refresh tokens; default 336h"),
		stack.OneOf("rotation", "a refresh token can be used once", "on", "on", "off").Heeded(oauth.GrantRefreshToken),
		stack.WholeNumber("pool", "connections to the database at most", "20", 1, 150),
		stack.ImageSetting,
	},
	Notes: []string{"Secrets of clients are compared as text, not hashed. It grants the scopes read, write, bench, " +
		"openid and offline_access."},
	Program: program,
}

const (
	port    = 3000
	appFile = "/opt/oidc-provider/app.mjs" // beside its modules
)

func program(s stack.Spec, v stack.Values) (stack.Program, error) {
	if major, err := strconv.Atoi(strings.SplitN(s.Version, ".", 2)[0]); err != nil || major < 8 {
		return stack.Program{}, fmt.Errorf("version %q: use 8.0.0 or later", s.Version)
	}
	access, refresh := v.Lifetime("access_ttl", time.Hour), v.Lifetime("refresh_ttl", 14*24*time.Hour)
	return stack.Program{
		Image: "oauthbench/oidc-provider:" + s.Version,
		Settings: map[string]string{
			"access_token": "opaque", "access_ttl": access.String(), "refresh_ttl": refresh.String(),
			"rotation": v["rotation"], "pool": v["pool"], "hasher": "none",
		},
		Public: port,
		Health: func(at stack.Site) string { return at.Issuer + "/.well-known/openid-configuration" },
		Serve: func(at stack.Site) stack.Command {
			return stack.Command{Args: []string{appFile}, Files: map[string]string{appFile: app},
				Env: map[string]string{
					"NODE_ENV": "production", "ISSUER": at.Issuer, "SECRET": at.Secret, "DSN": at.DSN.String(),
					"POOL": v["pool"], "ROTATION": v["rotation"],
					"ACCESS_TTL": seconds(access), "REFRESH_TTL": seconds(refresh),
				}}
		},
		Growth: growth(),
		Endpoints: func(at stack.Site) oauth.Endpoints {
			return oauth.Endpoints{
				Issuer: at.Issuer, Authorization: at.Issuer + "/auth", Token: at.Issuer + "/token",
				Introspection: at.Issuer + "/token/introspection", Revocation: at.Issuer + "/token/revocation",
				Userinfo: at.Issuer + "/me", JWKS: at.Issuer + "/jwks", DeviceAuthorization: at.Issuer + "/device/auth",
			}
		},
		Capabilities: oauth.Capabilities{
			oauth.GrantClientCredentials, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode, oauth.GrantDeviceCode,
			oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS, oauth.HasDiscovery,
			oauth.HasDPoP, oauth.CanSetLifetime, oauth.IntrospectsRefresh, oauth.KillsAccessTokens,
			oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone, oauth.AuthSecretJWT, oauth.AuthPrivateKeyJWT,
		},
		Register: register,
		Introspection: func(ctx context.Context, a *stack.Access) (oauth.Credential, error) {
			return register(ctx, a, oauth.ClientSpec{Name: "resource", AuthMethod: oauth.AuthBasic})
		},
		Authorize: authorize,
		Approve:   approve,
	}, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// register makes a client as RFC 7591 section 3.1 has it.
func register(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
	code := slices.Contains(spec.GrantTypes, string(oauth.GrantAuthorizationCode))
	ask := map[string]any{
		"client_name": spec.Name, "token_endpoint_auth_method": spec.AuthMethod,
		"grant_types": append([]string{}, spec.GrantTypes...), "response_types": []string{},
		"redirect_uris": []string{},
	}
	if code {
		ask["response_types"], ask["redirect_uris"] = []string{"code"}, stack.Redirects(spec)
	}
	for name, value := range map[string]string{"scope": spec.Scope,
		"token_endpoint_auth_signing_alg": spec.SigningAlg} {
		if value != "" {
			ask[name] = value
		}
	}
	if spec.Keys != nil {
		ask["jwks"] = spec.Keys
	}
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		ask["access_ttl"] = int(ttl.Seconds())
	}
	var got struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	err := a.Call(ctx, http.MethodPost, a.Issuer+"/reg", a.Secret, ask, &got)
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, err
}

// answers are what a user says to the pages of oidc-provider's development interactions: any
// name is good, and all else is agreed to.
func answers(name string) func(page string) url.Values {
	return func(page string) url.Values {
		switch {
		case strings.Contains(page, `name="login"`):
			return url.Values{"login": {name}, "password": {"any"}}
		case strings.Contains(page, `name="prompt"`), strings.Contains(page, `name="xsrf"`):
			return url.Values{}
		}
		return nil
	}
}

// authorize asks for consent, without which there is no offline access (OpenID Connect Core 1.0
// section 11).
func authorize(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization) (*url.URL, error) {
	return b.Play(ctx, oauth.Authorize(a.Issuer+"/auth", ask).URL+"&prompt=consent", answers(ask.Subject))
}

func approve(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.DeviceApproval) error {
	_, err := b.Play(ctx, a.Issuer+"/device?"+url.Values{"user_code": {ask.UserCode}}.Encode(), answers(ask.Subject))
	return err
}

// growth: all is in one table, and a token that is revoked is gone.
func growth() []stack.Growth {
	const name, token = `'fill-' || fill.mark || '-' || fill.n`, `'fill-' || md5(fill.mark || fill.n)`
	return []stack.Growth{
		{Table: "oidc", Rows: stack.ClientRows, Sample: "model = 'Client' AND id NOT LIKE 'fill-%'",
			Set: map[string]string{
				"id": name, "payload": `jsonb_set(sample.payload, '{client_id}', to_jsonb(` + name + `))`}},
		{Table: "oidc", Rows: stack.TokenRows, Sample: "model = 'ClientCredentials' AND id NOT LIKE 'fill-%'",
			Set: map[string]string{
				"id": token, "expires_at": `now() + make_interval(secs => (1 - fill.r) * $seconds)`,
				"payload": `sample.payload || jsonb_build_object('jti', ` + token + `, 'clientId', ` +
					stack.FillClient + `)`,
			},
			Revoke: `DELETE FROM oidc WHERE model = 'ClientCredentials' AND id LIKE 'fill-%' AND
				payload->>'clientId' LIKE 'fill-' || $2::text || '-%' AND Random() < $1::float8`},
	}
}
