package authserver

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

func TestCodeFlow(t *testing.T) {
	everywhere(t, func(f *fixture) {
		for _, method := range []string{oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone} {
			c, other := f.register(method, 0), f.register(method, 0)
			code := f.code(c, "read openid")
			f.refused("code of another client", f.exchange(other, code, verifier), http.StatusBadRequest,
				"invalid_grant")
			f.refused("wrong verifier", f.exchange(c, code, strings.Repeat("x", 43)), http.StatusBadRequest,
				"invalid_grant")
			// RFC 7636 section 4.6: also from a client with a secret.
			f.refused("no verifier", f.exchange(c, code, ""), http.StatusBadRequest, "invalid_request")

			a := f.exchange(c, code, verifier)
			token := f.granted(a)
			if token.ExpiresIn != 3600 || token.RefreshToken != "" {
				f.Errorf("exchange without offline_access = %s; want an hour and no refresh token", a)
			}
			var answer struct {
				ID string `json:"id_token"`
			}
			f.decode(a, &answer)
			if claims := f.verify(answer.ID); claims.Subject != "acct:alice" ||
				!slices.Contains(claims.Audience, c.ClientID) {
				f.Errorf("id_token claims = %+v; want alice's, for the client", claims)
			}
			f.wantActive("id_token", answer.ID, false) // it is no access token
			f.wantActive("token", token.AccessToken, true)

			// RFC 6749 section 4.1.2: a code that comes twice ends what it granted.
			f.refused("second use of a code", f.exchange(c, code, verifier), http.StatusBadRequest, "invalid_grant")
			f.wantActive("token of a code used twice", token.AccessToken, false)
		}
	})
}

func TestNoIDTokenWithoutOpenID(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	c := f.register(oauth.AuthBasic, 0)
	if a := f.exchange(c, f.code(c, "read"), verifier); a.status != http.StatusOK ||
		strings.Contains(string(a.body), "id_token") {
		t.Errorf("exchange = %s; want no id_token without the scope openid", a)
	}
}

func TestCodeExpires(t *testing.T) {
	f := open(t, quick(t, settings.V1, ""))
	c := f.register(oauth.AuthBasic, 0)
	code := f.code(c, "read")
	f.clock.advance(store.SignInLifetime)
	f.refused("expired code", f.exchange(c, code, verifier), http.StatusBadRequest, "invalid_grant")
}

func TestAuthorizeRefusals(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	secret, public := f.register(oauth.AuthBasic, 0), f.register(oauth.AuthNone, 0)
	for _, test := range []struct {
		what  string
		c     oauth.Credential
		scope string
		extra url.Values
		want  string
	}{
		{"unregistered scope", secret, "read admin", nil, "invalid_scope"},
		{"unregistered OpenID scope, which op lets through", secret, "email", nil, "invalid_scope"},
		{"public client without PKCE", public, "read", url.Values{"code_challenge": nil, "code_challenge_method": nil},
			"invalid_request"},
		{"plain PKCE", secret, "read", url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		{"PKCE without method, which means plain", secret, "read", url.Values{"code_challenge_method": nil},
			"invalid_request"},
		{"implicit", public, "openid", url.Values{"response_type": {"id_token"}, "nonce": {"n"}},
			"unauthorized_client"},
		{"no login page allowed", secret, "openid", url.Values{"prompt": {"none"}}, "login_required"},
	} {
		to := f.authorize(test.c, test.scope, test.extra)
		answer := to.Query()
		if to.Fragment != "" {
			answer, _ = url.ParseQuery(to.Fragment)
		}
		if got := answer.Get("error"); got != test.want || !strings.HasPrefix(to.String(), settings.RedirectURI) ||
			answer.Get("state") != "xyz" {
			t.Errorf("%s: redirected to %s; want error %s", test.what, to, test.want)
		}
	}
	// Nothing is redirected to an address that is not registered.
	for what, query := range map[string]string{
		"unknown client": "client_id=nobody&redirect_uri=" + url.QueryEscape(settings.RedirectURI),
		"foreign URI":    "client_id=" + secret.ClientID + "&redirect_uri=" + url.QueryEscape("http://evil.example/"),
		"no URI":         "client_id=" + secret.ClientID,
	} {
		a := f.get(f.endpoints.Authorization + "?response_type=code&scope=read&" + query)
		if a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
			t.Errorf("%s = %s to %q; want 400 and no redirect", what, a, a.header.Get("Location"))
		}
	}
}

func TestCallbackNeedsLogin(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	c := f.register(oauth.AuthBasic, 0)
	id := f.authorize(c, "read", nil).Query().Get("id")
	callback := f.endpoints.Issuer + settings.CallbackPath + "?id=" + id
	if to := f.get(callback).header.Get("Location"); !strings.Contains(to, "error=interaction_required") {
		t.Errorf("callback before the login redirects to %q; want interaction_required", to)
	}
	accept := func(want int) {
		if a := f.post(f.admin.URL+settings.AcceptPath, Acceptance{id, "alice"}); a.status != want {
			t.Errorf("accept = %s; want %d", a, want)
		}
	}
	accept(http.StatusOK)
	accept(http.StatusNotFound) // nobody logs in over somebody else
	if to := f.get(callback).header.Get("Location"); !strings.Contains(to, "code=") {
		t.Errorf("callback after the login redirects to %q; want a code", to)
	}
	if to := f.get(callback).header.Get("Location"); strings.Contains(to, "code=") {
		t.Errorf("second callback redirects to %q; want no second code", to)
	}
}

// verify checks a JWT against the published keys.
func (f *fixture) verify(token string) jwt.Claims {
	f.Helper()
	var keys jose.JSONWebKeySet
	f.decode(f.get(f.endpoints.JWKS), &keys)
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		f.Fatalf("parse %q: %v", token, err)
	}
	var claims jwt.Claims
	if err := parsed.Claims(keys, &claims); err != nil {
		f.Fatalf("verify: %v", err)
	}
	if claims.Issuer != f.endpoints.Issuer {
		f.Errorf("iss = %q; want %q", claims.Issuer, f.endpoints.Issuer)
	}
	for _, key := range keys.Keys {
		if !key.IsPublic() {
			f.Error("JWKS gives away a private key")
		}
	}
	return claims
}

func TestJWTClaims(t *testing.T) {
	f := open(t, quick(t, settings.V2, "tokens=jwt"))
	c := f.register(oauth.AuthBasic, 60)
	token := f.token(c, "read write").AccessToken
	claims := f.verify(token)
	seen := f.introspect(c, token)
	if claims.Subject != c.ClientID || claims.ID == "" || claims.Expiry.Time().Unix() != seen.Exp {
		t.Errorf("claims = %+v; want the client as subject, a jti, and the exp of introspection %d", claims, seen.Exp)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var own struct {
		Scope    string `json:"scope"`
		ClientID string `json:"client_id"`
	}
	if err := parsed.UnsafeClaimsWithoutVerification(&own); err != nil || own.Scope != "read write" ||
		own.ClientID != c.ClientID {
		t.Errorf("own claims = %+v (%v); want scope and client_id (RFC 9068 section 2.2)", own, err)
	}
}

func TestAdminRefusals(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	for _, test := range []struct{ what, body, want string }{
		{"not JSON", `grant_types=x`, "body"},
		{"unknown member", `{"grant_types":["client_credentials"],"secret":"x"}`, "secret"},
		{"no grant", `{}`, "grant_types is empty"},
		{"unknown grant", `{"grant_types":["password"]}`, `"password"`},
		{"unknown method", `{"grant_types":["client_credentials"],"token_endpoint_auth_method":"tls"}`, `"tls"`},
		{"public client_credentials", `{"grant_types":["client_credentials"],"token_endpoint_auth_method":"none"}`,
			"confidential"},
		{"private_key_jwt without keys",
			`{"grant_types":["client_credentials"],"token_endpoint_auth_method":"private_key_jwt"}`, "give jwks"},
		{"assertions without keys", `{"grant_types":["urn:ietf:params:oauth:grant-type:jwt-bearer"]}`, "give jwks"},
		{"no keys", `{"grant_types":["client_credentials"],"jwks":{"keys":[]}}`, "public keys"},
		{"a shared key", `{"grant_types":["client_credentials"],"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}}`,
			"public keys"},
		{"foreign algorithm", `{"grant_types":["client_credentials"],"token_endpoint_auth_signing_alg":"none"}`,
			`"none"`},
		{"tls_client_auth without TLS",
			`{"grant_types":["client_credentials"],"token_endpoint_auth_method":"tls_client_auth",
			"tls_client_auth_subject_dn":"CN=x"}`, "tls_client_auth"},
		{"subject of nothing", `{"grant_types":["client_credentials"],"tls_client_auth_subject_dn":"CN=x"}`,
			"tls_client_auth_subject_dn"},
		{"audience of two words", `{"grant_types":["client_credentials"],"audience":["a b"]}`, `"a b"`},
		{"refresh alone", `{"grant_types":["refresh_token"]}`, "authorization_code"},
		{"code without redirect", `{"grant_types":["authorization_code"]}`, "redirect_uris"},
		{"relative redirect", `{"grant_types":["authorization_code"],"redirect_uris":["/x"]}`, `"/x"`},
		{"negative lifetime", `{"grant_types":["client_credentials"],"access_token_lifetime":-1}`, "-1"},
	} {
		a := f.send(oauth.Request{Method: "POST", URL: f.admin.URL + settings.ClientsPath, Body: []byte(test.body),
			Header: http.Header{"Content-Type": {"application/json"}}})
		if a.status != http.StatusBadRequest ||
			!strings.Contains(string(a.body), strings.ReplaceAll(test.want, `"`, `\"`)) {
			t.Errorf("%s = %s; want 400 with %s", test.what, a, test.want)
		}
	}
	// A form of a web page cannot register clients.
	a := f.send(oauth.Request{Method: "POST", URL: f.admin.URL + settings.ClientsPath,
		Body: []byte(`{"grant_types":["client_credentials"]}`), Header: http.Header{"Content-Type": {"text/plain"}}})
	if a.status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain = %s; want 415", a)
	}
	if a := f.get(f.endpoints.Issuer + settings.IntrospectorsPath); a.status != http.StatusNotFound {
		t.Errorf("admin path on the public listener = %s; want 404", a)
	}
}
