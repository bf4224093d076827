// Package spring runs Spring Authorization Server, a library, in a Boot application of one class
// (folder sample) on its own JDBC stores. The image has the built application; its tag is the
// version of the library.
package spring

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Server is Spring Authorization Server.
var Server = stack.Server{
	Name:    "spring",
	Summary: "Spring Authorization Server 1.5 and 7.0, a library, in an application of ours",
	Example: "spring:7.0.2",
	Tested:  []string{"spring:1.5.8", "spring:7.0.2"},
	Settings: []stack.Setting{
		stack.OneOf("tokens", "kind of access tokens", "jwt", "jwt", "opaque"),
		stack.WholeNumber("bcrypt_cost", "log2 of the rounds of BCrypt, by which clients' secrets are hashed", "10", 4,
			31),
		stack.Lifetime("access_ttl", "lifetime of access tokens; default 1h"),
		stack.Lifetime("refresh_ttl", "lifetime of refresh tokens; default 336h"),
		stack.OneOf("rotation", "a refresh token can be used once", "on", "on", "off").Heeded(oauth.GrantRefreshToken),
		stack.ImageSetting,
	},
	Notes:   []string{"Without `--memory` it gets 768 MiB, of which 70 % are heap at most."},
	Program: program,
}

// releases are those of the library that the sample is written for.
var releases = regexp.MustCompile(`^(1\.([5-9]|[1-9]\d+)|7\.\d+)\.\d+(-[\w.-]+)?$`)

const memory = 768 << 20 // bytes

func program(s stack.Spec, v stack.Values) (stack.Program, error) {
	if !releases.MatchString(s.Version) {
		return stack.Program{}, fmt.Errorf("version %q: use 1.5.0 or later of 1, or one of 7, as in 7.0.2", s.Version)
	}
	access, refresh := v.Lifetime("access_ttl", time.Hour), v.Lifetime("refresh_ttl", 14*24*time.Hour)
	register := func(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
		format := map[string]string{"jwt": "self-contained", "opaque": "reference"}[v["tokens"]]
		cred := oauth.Credential{Method: spec.AuthMethod, ClientID: "client-" + engine.Random(8),
			Secret: engine.Random(20)}
		ask := map[string]any{
			"id": cred.ClientID, "secret": cred.Secret, "method": cred.Method, "grants": spec.GrantTypes,
			"redirects": stack.Redirects(spec), "scopes": append([]string{}, strings.Fields(spec.Scope)...),
			"format": format, "rotate": v["rotation"] == "on", "refresh": int(refresh.Seconds()),
			"access": int(cmp.Or(spec.AccessTokenLifetime, access).Seconds()),
		}
		return cred, a.Call(ctx, http.MethodPost, a.Issuer+"/clients", a.Secret, ask, nil)
	}
	return stack.Program{
		Image: "oauthbench/spring:" + s.Version, Public: 8080, Limits: stack.Limits{Memory: memory},
		WarmUp: time.Minute,
		Settings: map[string]string{"access_token": v["tokens"], "hasher": "bcrypt", "bcrypt_cost": v["bcrypt_cost"],
			"access_ttl": access.String(), "refresh_ttl": refresh.String(), "rotation": v["rotation"]},
		Health: func(at stack.Site) string { return at.Issuer + "/.well-known/openid-configuration" },
		Serve: func(at stack.Site) stack.Command {
			password, _ := at.DSN.User.Password()
			return stack.Command{Env: map[string]string{
				"ISSUER": at.Issuer, "SECRET": at.Secret, "BCRYPT_COST": v["bcrypt_cost"],
				"SPRING_DATASOURCE_URL":      "jdbc:postgresql://" + at.DSN.Host + at.DSN.Path + "?sslmode=disable",
				"SPRING_DATASOURCE_USERNAME": at.DSN.User.Username(), "SPRING_DATASOURCE_PASSWORD": password,
			}}
		},
		Growth: growth(),
		Endpoints: func(at stack.Site) oauth.Endpoints {
			base := at.Issuer + "/oauth2/"
			return oauth.Endpoints{Issuer: at.Issuer, Authorization: base + "authorize", Token: base + "token",
				Introspection: base + "introspect", Revocation: base + "revoke", JWKS: base + "jwks"}
		},
		Capabilities: oauth.Capabilities{
			oauth.GrantClientCredentials, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode,
			oauth.HasIntrospection, oauth.HasRevocation, oauth.HasJWKS, oauth.HasDiscovery, oauth.CanSetLifetime,
			oauth.IntrospectsRefresh, oauth.KillsAccessTokens, oauth.AuthBasic, oauth.AuthPost,
		},
		Register: register,
		Introspection: func(ctx context.Context, a *stack.Access) (oauth.Credential, error) {
			return register(ctx, a, oauth.ClientSpec{AuthMethod: oauth.AuthBasic,
				GrantTypes: []string{string(oauth.GrantClientCredentials)}})
		},
		Authorize: authorize,
	}, nil
}

// authorize fills in the login form; no consent is asked.
func authorize(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization) (*url.URL, error) {
	asked := false
	return b.Play(ctx, oauth.Authorize(a.Issuer+"/oauth2/authorize", ask).URL, func(string) url.Values {
		if asked {
			return nil
		}
		asked = true
		return url.Values{"username": {ask.Subject}, "password": {a.Secret}}
	})
}

// growth: a grant is a row for ever, and a token that is revoked is marked in it.
func growth() []stack.Growth {
	return []stack.Growth{
		{Table: "oauth2_registered_client", Rows: stack.ClientRows, Sample: "client_id NOT LIKE 'fill-%'",
			Set: map[string]string{"id": stack.FillClient, "client_id": stack.FillClient}},
		{Table: "oauth2_authorization", Rows: stack.TokenRows, Sample: "registered_client_id NOT LIKE 'fill-%'",
			Set: map[string]string{
				"id": `md5(fill.mark || fill.n)`, "registered_client_id": stack.FillClient,
				"access_token_value": `encode(sha512((fill.mark || fill.n)::bytea), 'hex')`,
				"access_token_metadata": `replace(sample.access_token_metadata, '"metadata.token.invalidated":false',
					'"metadata.token.invalidated":' || (Random() < $revoked))`,
			}},
	}
}
