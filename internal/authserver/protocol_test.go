package authserver

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// The life of a client_credentials token, by each way to authenticate.
func TestTokenLife(t *testing.T) {
	everywhere(t, func(f *fixture) {
		for _, method := range []string{oauth.AuthBasic, oauth.AuthPost} {
			c := f.register(method, 90)
			before := time.Now().Unix()
			a := f.send(oauth.ClientCredentials(f.endpoints.Token, c, "read"))
			token := f.granted(a)
			if token.TokenType != "Bearer" || token.ExpiresIn != 90 || token.Scope != "read" ||
				token.RefreshToken != "" {
				f.Errorf("token = %s; want Bearer, 90 s, scope read, no refresh token", a)
			}
			if got := a.header.Get("Cache-Control"); got != "no-store" {
				f.Errorf("Cache-Control = %q; want no-store (RFC 6749 section 5.1)", got)
			}
			if isJWT := strings.Count(token.AccessToken,
				".") == 2; isJWT != (f.server.settings.Tokens == settings.TokensJWT) {
				f.Errorf("access token %q has not the form %s", token.AccessToken, f.server.settings.Tokens)
			}
			// The client itself and the resource server are told the same.
			for _, caller := range []oauth.Credential{c, f.resource()} {
				got := f.introspect(caller, token.AccessToken)
				want := introspection{
					Active: true, Scope: "read", ClientID: c.ClientID, TokenType: "Bearer", TokenUse: accessToken,
					Exp: got.Exp, Iat: got.Iat, Sub: c.ClientID, Aud: c.ClientID, Iss: f.endpoints.Issuer,
				}
				if got != want || got.Iat < before || got.Iat > time.Now().Unix() || got.Exp-got.Iat < 90 ||
					got.Exp-got.Iat > 91 {
					f.Errorf("introspect = %+v; want %+v, issued now for 90 s", got, want)
				}
			}
			f.revoke(c, token.AccessToken, "access_token")
			f.wantActive("revoked token", token.AccessToken, false)
			f.revoke(c, token.AccessToken, "") // again: no error (RFC 7009 section 2.2)
			if all := f.token(c, ""); all.Scope != "read write openid" {
				f.Errorf("scope without a request = %q; want all that is registered", all.Scope)
			}
		}
	})
}

func TestExpiry(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c := f.register(oauth.AuthBasic, 1)
		token := f.session(c, "read offline_access")
		if token.ExpiresIn != 1 {
			f.Errorf("expires_in = %d; want 1", token.ExpiresIn)
		}
		f.wantActive("fresh token", token.AccessToken, true)
		f.clock.advance(2 * time.Second) // the end is rounded up to a whole second
		f.wantActive("expired token", token.AccessToken, false)
		f.wantActive("refresh token of an expired token", token.RefreshToken, true)
		f.clock.advance(f.server.settings.RefreshTTL)
		f.wantActive("expired refresh token", token.RefreshToken, false)
		f.refused("expired refresh token", f.send(oauth.Refresh(f.endpoints.Token, c, token.RefreshToken)),
			http.StatusBadRequest, "invalid_grant")
	})
}

func TestRefresh(t *testing.T) {
	everywhere(t, func(f *fixture) {
		for _, method := range []string{oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone} {
			c := f.register(method, 0)
			first := f.session(c, "read write offline_access")
			if got := f.introspect(f.resource(), first.RefreshToken); !got.Active || got.TokenUse != refreshToken ||
				got.Sub != "acct:alice" || got.ClientID != c.ClientID {
				f.Errorf("introspect refresh token = %+v; want it active, of alice", got)
			}
			if got := f.introspect(f.resource(), first.AccessToken); !got.Active || got.Sub != "acct:alice" {
				f.Errorf("introspect = %+v; want it active, of alice", got)
			}
			second := f.granted(f.send(oauth.Refresh(f.endpoints.Token, c, first.RefreshToken)))
			if second.RefreshToken == first.RefreshToken || second.RefreshToken == "" ||
				second.Scope != "read write offline_access" || second.ExpiresIn != 3600 {
				f.Errorf("refresh = %+v; want a new refresh token, the same scope, an hour", second)
			}
			f.wantActive("rotated refresh token", first.RefreshToken, false)
			f.wantActive("new refresh token", second.RefreshToken, true)
			f.wantActive("new access token", second.AccessToken, true)

			// Whoever uses the first one again ends the grant for everybody.
			f.refused("reused refresh token", f.send(oauth.Refresh(f.endpoints.Token, c, first.RefreshToken)),
				http.StatusBadRequest, "invalid_grant")
			for what, token := range map[string]string{
				"access token before": first.AccessToken, "access token after": second.AccessToken,
				"refresh token after": second.RefreshToken,
			} {
				f.wantActive(what+" a reuse", token, false)
			}
			f.refused("successor of a reused token", f.send(oauth.Refresh(f.endpoints.Token, c, second.RefreshToken)),
				http.StatusBadRequest, "invalid_grant")
		}
	})
}

func TestRevokeRefreshToken(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		other := f.session(c, "read offline_access")
		for _, hint := range []string{"", "refresh_token", "access_token"} { // a wrong hint must not matter
			token := f.session(c, "read offline_access")
			f.revoke(c, token.RefreshToken, hint)
			f.wantActive("revoked refresh token", token.RefreshToken, false)
			f.wantActive("access token of a revoked refresh token", token.AccessToken, false)
			f.refused("revoked refresh token", f.send(oauth.Refresh(f.endpoints.Token, c, token.RefreshToken)),
				http.StatusBadRequest, "invalid_grant")
		}
		token := f.session(c, "read offline_access")
		f.revoke(c, token.AccessToken, "")
		f.wantActive("refresh token of a revoked access token", token.RefreshToken, true)
		f.wantActive("token of another grant", other.AccessToken, true)
	})
}

func TestNarrowedRefresh(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c := f.register(oauth.AuthPost, 0)
		refresh := func(token, scope string) answer {
			r := oauth.Refresh(f.endpoints.Token, c, token)
			r.Body = append(r.Body, "&scope="+url.QueryEscape(scope)...)
			return f.send(r)
		}
		first := f.session(c, "read write offline_access")
		f.refused("refresh for more", refresh(first.RefreshToken, "read openid"), http.StatusBadRequest,
			"invalid_scope")
		narrow := f.granted(refresh(first.RefreshToken, "read"))
		if got := f.introspect(f.resource(), narrow.AccessToken).Scope; got != "read" || narrow.Scope != "read" {
			f.Errorf("narrowed scope = %q, introspected %q; want read", narrow.Scope, got)
		}
		// RFC 6749 section 6: the new refresh token keeps the scope of the old one.
		if wide := f.granted(refresh(narrow.RefreshToken, "")); wide.Scope != "read write offline_access" {
			f.Errorf("scope after narrowing = %q; want the original", wide.Scope)
		}
	})
}

func TestForeignTokens(t *testing.T) {
	everywhere(t, func(f *fixture) {
		owner, other := f.register(oauth.AuthBasic, 0), f.register(oauth.AuthPost, 0)
		token := f.session(owner, "read offline_access")
		for _, value := range []string{token.AccessToken, token.RefreshToken} {
			f.refused("revoke a foreign token", f.send(oauth.Revoke(f.endpoints.Revocation, other, value, "")),
				http.StatusBadRequest, "invalid_grant")
			f.wantActive("token after a foreign revocation", value, true)
		}
		f.refused("refresh a foreign token", f.send(oauth.Refresh(f.endpoints.Token, other, token.RefreshToken)),
			http.StatusBadRequest, "invalid_grant")
		f.wantActive("token after a foreign refresh", token.RefreshToken, true)
	})
}

func TestUnknownTokens(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		token := f.session(c, "openid read offline_access").AccessToken
		code := f.code(c, "read")
		unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." +
			base64.RawURLEncoding.EncodeToString([]byte(`{"jti":"x"}`)) + "."
		for what, value := range map[string]string{
			"random token":       randomToken(32),
			"malformed token":    "a.b.c",
			"binary":             "\x00\xff",
			"dots":               "....",
			"very long":          strings.Repeat("x", 20_000),
			"changed token":      token[:len(token)-4] + "AAAA",
			"truncated token":    token[:len(token)-1],
			"authorization code": code,
			"unsigned JWT":       unsigned,
			"bearer of the API":  f.resource().Secret,
		} {
			f.wantActive(what, value, false)
			f.revoke(c, value, "") // RFC 7009 section 2.2: not an error
		}
		f.wantActive("the token itself", token, true)
	})
}

func TestRefusals(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	basic, post, public := f.register(oauth.AuthBasic, 0), f.register(oauth.AuthPost, 0), f.register(oauth.AuthNone, 0)
	wrong := func(c oauth.Credential, secret string) oauth.Credential { c.Secret = secret; return c }
	as := func(c oauth.Credential, method string) oauth.Credential { c.Method = method; return c }
	token := f.token(basic, "read").AccessToken
	with := func(r oauth.Request, body string) oauth.Request { r.Body = append(r.Body, body...); return r }
	e := f.endpoints
	for _, test := range []struct {
		what    string
		request oauth.Request
		status  int
		code    string
	}{
		{"wrong secret", oauth.ClientCredentials(e.Token, wrong(basic, "wrong"), ""), 401, "invalid_client"},
		{"wrong secret in the body", oauth.ClientCredentials(e.Token, wrong(post, "wrong"), ""), 401, "invalid_client"},
		{"empty secret", oauth.ClientCredentials(e.Token, wrong(basic, ""), ""), 401, "invalid_client"},
		{"unknown client", oauth.ClientCredentials(e.Token,
			oauth.Credential{Method: oauth.AuthBasic, ClientID: "nobody", Secret: "x"}, ""), 401, "invalid_client"},
		{"no client at all", oauth.ClientCredentials(e.Token, oauth.Credential{}, ""), 401, "invalid_client"},
		{"basic client by post", oauth.ClientCredentials(e.Token, as(basic, oauth.AuthPost), ""), 401,
			"invalid_client"},
		{"post client by basic", oauth.ClientCredentials(e.Token, as(post, oauth.AuthBasic), ""), 401,
			"invalid_client"},
		{"secret client without secret", oauth.ClientCredentials(e.Token, as(basic, oauth.AuthNone), ""), 401,
			"invalid_client"},
		{"bearer at the token endpoint", oauth.ClientCredentials(e.Token, f.resource(), ""), 401, "invalid_client"},
		{"public client_credentials", oauth.ClientCredentials(e.Token, public, ""), 400, "unauthorized_client"},
		{"both methods at once", with(oauth.ClientCredentials(e.Token, basic, ""),
			"&client_id="+basic.ClientID+"&client_secret="+basic.Secret), 400, "invalid_request"},
		{"unregistered scope", oauth.ClientCredentials(e.Token, basic, "read admin"), 400, "invalid_scope"},
		{"parameter twice", with(oauth.ClientCredentials(e.Token, basic, "read"), "&scope=write"), 400,
			"invalid_request"},
		{"unknown grant", with(oauth.Request{Method: "POST", URL: e.Token,
			Header: oauth.Revoke("", basic, "", "").Header}, "grant_type=password"), 400, "unsupported_grant_type"},
		{"JWT bearer grant", with(oauth.Request{Method: "POST", URL: e.Token,
			Header: oauth.Revoke("", basic, "", "").Header},
			"assertion=x&grant_type="+url.QueryEscape("urn:ietf:params:oauth:grant-type:jwt-bearer")), 400,
			"invalid_grant"},
		{"no grant", oauth.Revoke(e.Token, basic, token, ""), 400, "invalid_request"},
		{"garbage refresh token", oauth.Refresh(e.Token, basic, "garbage"), 400, "invalid_grant"},
		{"access token as refresh token", oauth.Refresh(e.Token, basic, token), 400, "invalid_grant"},
		{"too large", with(oauth.ClientCredentials(e.Token, basic, ""), "&x="+strings.Repeat("x", FormLimit)), 400,
			"invalid_request"},

		{"introspection by nobody", oauth.Introspect(e.Introspection, oauth.Credential{}, token), 401,
			"invalid_client"},
		{"introspection with a wrong secret", oauth.Introspect(e.Introspection, wrong(basic, "wrong"), token), 401,
			"invalid_client"},
		{"introspection by a public client", oauth.Introspect(e.Introspection, public, token), 401, "invalid_client"},
		{"introspection with a wrong bearer",
			oauth.Introspect(e.Introspection, oauth.Credential{Method: oauth.AuthBearer, Secret: "wrong"}, token), 401,
			"invalid_client"},
		{"introspection with an empty bearer",
			oauth.Introspect(e.Introspection, oauth.Credential{Method: oauth.AuthBearer}, token), 401,
			"invalid_client"},
		{"introspection with the token itself",
			oauth.Introspect(e.Introspection, oauth.Credential{Method: oauth.AuthBearer, Secret: token}, token), 401,
			"invalid_client"},
		{"introspection of nothing", oauth.Introspect(e.Introspection, f.resource(), ""), 400, "invalid_request"},

		{"revocation by nobody", oauth.Revoke(e.Revocation, oauth.Credential{}, token, ""), 401, "invalid_client"},
		{"revocation with a wrong secret", oauth.Revoke(e.Revocation, wrong(basic, "wrong"), token, ""), 401,
			"invalid_client"},
		{"revocation by the resource server", oauth.Revoke(e.Revocation, f.resource(), token, ""), 401,
			"invalid_client"},
		{"revocation of nothing", oauth.Revoke(e.Revocation, basic, "", ""), 400, "invalid_request"},
	} {
		a := f.send(test.request)
		f.refused(test.what, a, test.status, test.code)
		if challenged := a.header.Get("WWW-Authenticate") != ""; challenged != (test.status == 401) {
			f.Errorf("%s: WWW-Authenticate = %q with status %d", test.what, a.header.Get("WWW-Authenticate"), a.status)
		}
	}
	f.wantActive("the token after all that", token, true)
}

// Parameters belong into the body (RFC 6749 section 2.3.1), and the endpoints are POST only.
func TestQueryParametersDoNotCount(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	c := f.register(oauth.AuthPost, 0)
	query := "?grant_type=client_credentials&client_id=" + c.ClientID + "&client_secret=" + c.Secret
	if a := f.get(f.endpoints.Token + query); a.status != http.StatusMethodNotAllowed {
		f.Errorf("GET token endpoint = %s; want 405", a)
	}
	a := f.send(oauth.Request{Method: http.MethodPost, URL: f.endpoints.Token + query,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	f.refused("parameters in the URL", a, http.StatusUnauthorized, "invalid_client")
}

// The stored hash names its algorithm, and never holds the secret.
func TestSecretIsHashed(t *testing.T) {
	for _, version := range []string{settings.V1, settings.V2} {
		f := open(t, quick(t, version, ""))
		c := f.register(oauth.AuthBasic, 0)
		stored, err := f.server.client(t.Context(), c.ClientID)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(stored.SecretHash, c.Secret) || verifySecret(stored.SecretHash, c.Secret) != nil {
			t.Errorf("%s stores %q for a secret; want a hash of it", version, stored.SecretHash)
		}
		prefix := map[string]string{settings.V1: "$2a$04$", settings.V2: "$pbkdf2-sha256$i=1$"}[version]
		if !strings.HasPrefix(stored.SecretHash, prefix) {
			t.Errorf("%s hashes to %q; want %s", version, stored.SecretHash, prefix)
		}
	}
}
