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
	"github.com/oauthbench/oauthbench/internal/oauth"
)

func TestJWTBearer(t *testing.T) {
	everywhere(t, func(f *fixture) {
		e := f.endpoints
		k := newKey(f.T, jose.ES256)
		may := func(b *Registration) {
			b.Keys, b.GrantTypes, b.Scope = k.set(), []string{bearerGrant}, "read write"
		}
		c, other := f.client(may), f.client(may)
		grant := func(by oauth.Credential, text, scope string) answer {
			form := url.Values{"grant_type": {bearerGrant}, "assertion": {text}}
			if scope != "" {
				form.Set("scope", scope)
			}
			return f.ask(e.Token, by, form, nil)
		}
		about := func(change map[string]any) string { return k.sign(f.claims(c.ClientID, "acct:bob", change)) }
		// Client authentication is optional (RFC 7523 section 3.1).
		for _, by := range []oauth.Credential{c, {}} {
			text := about(nil)
			token := f.granted(grant(by, text, "read"))
			if got := f.introspect(c, token.AccessToken); !got.Active || got.Sub != "acct:bob" || got.Scope != "read" ||
				got.ClientID != c.ClientID || token.RefreshToken != "" {
				f.Errorf("introspect = %+v; want bob's, scope read, no refresh token", got)
			}
			f.refused("assertion used twice", grant(by, text, "read"), http.StatusBadRequest, "invalid_grant")
			f.wantActive("token of an assertion used twice", token.AccessToken, true)
		}
		if all := f.granted(grant(c, about(nil), "")); all.Scope != "read write" {
			f.Errorf("scope without a request = %q; want all", all.Scope)
		}
		f.granted(grant(c, about(map[string]any{"aud": e.Issuer}), ""))
		// What a client proves itself with says nothing of the assertions that it grants by.
		shared := f.client(func(b *Registration) {
			may(b)
			b.AuthMethod, b.SigningAlg = oauth.AuthSecretJWT, oauth.HS256
		})
		f.granted(grant(oauth.Credential{}, k.sign(f.claims(shared.ClientID, "acct:bob", nil)), "read"))
		f.refused("more scope", grant(c, about(nil), "admin"), http.StatusBadRequest, "invalid_scope")
		for what, change := range f.badClaims() {
			f.refused("assertion with "+what, grant(c, about(change), ""), http.StatusBadRequest, "invalid_grant")
		}
		for what, text := range map[string]string{
			"no subject": about(map[string]any{"sub": nil}), "an unknown issuer": about(map[string]any{"iss": "x"}),
			"no JWT":        "x",
			"a foreign key": newKey(f.T, jose.ES256).sign(f.claims(c.ClientID, "acct:bob", nil)),
		} {
			f.refused("assertion with "+what, grant(c, text, ""), http.StatusBadRequest, "invalid_grant")
		}
		f.refused("assertion of another client", grant(other, about(nil), ""), http.StatusBadRequest, "invalid_grant")
		stranger := f.client(func(b *Registration) { b.Keys = k.set() })
		f.refused("client without the grant",
			grant(oauth.Credential{}, k.sign(f.claims(stranger.ClientID, "acct:bob", nil)), ""), http.StatusBadRequest,
			"unauthorized_client")
		c.Secret = "wrong"
		f.refused("wrong secret", grant(c, about(nil), ""), http.StatusUnauthorized, "invalid_client")
	})
}

func TestTokenExchange(t *testing.T) {
	for _, tokens := range []string{settings.TokensOpaque, settings.TokensJWT} {
		t.Run(tokens, func(t *testing.T) {
			f := open(t, quick(t, settings.V2, "tokens="+tokens))
			front := f.register(oauth.AuthBasic, 0)
			back := f.client(func(b *Registration) {
				b.GrantTypes, b.Audience = []string{exchangeGrant, "client_credentials"},
					[]string{"https://api.example", "https://log.example"}
			})
			user := f.session(front, "read write offline_access")
			form := func(change url.Values) url.Values {
				v := url.Values{"grant_type": {exchangeGrant}, "subject_token": {user.AccessToken},
					"subject_token_type": {accessType}, "scope": {"read"}}
				for name, values := range change {
					v[name] = values
				}
				return v
			}
			exchange := func(change url.Values) answer { return f.ask(f.endpoints.Token, back, form(change), nil) }

			a := exchange(url.Values{"audience": {"https://api.example"}, "requested_token_type": {accessType}})
			token := f.granted(a)
			if !strings.Contains(string(a.body), `"issued_token_type":"`+accessType+`"`) ||
				token.TokenType != "Bearer" || token.Scope != "read" || token.ExpiresIn != 3600 {
				t.Errorf("exchange = %s; want an access token with its type (RFC 8693 section 2.2.1)", a)
			}
			want := introspection{
				Active: true, Scope: "read", ClientID: back.ClientID, TokenType: "Bearer", TokenUse: accessToken,
				Sub: "acct:alice", Aud: "https://api.example", Iss: f.endpoints.Issuer,
			}
			got := f.introspect(back, token.AccessToken)
			if want.Exp, want.Iat = got.Exp, got.Iat; got != want {
				t.Errorf("introspect = %+v; want %+v", got, want)
			}
			if tokens == settings.TokensJWT {
				if claims := f.verify(token.AccessToken); claims.Subject != "acct:alice" ||
					!slices.Equal(claims.Audience, jwt.Audience{"https://api.example"}) {
					t.Errorf("claims = %+v; want alice's, for the API", claims)
				}
			}
			// Without a scope it stays the same; several audiences are a list.
			all := f.granted(exchange(url.Values{"scope": {""},
				"audience": {"https://api.example https://log.example"}}))
			var wide wideIntrospection
			f.decode(f.send(oauth.Introspect(f.endpoints.Introspection, back, all.AccessToken)), &wide)
			if wide.Scope != user.Scope ||
				!slices.Equal(wide.Aud, []string{"https://api.example", "https://log.example"}) {
				t.Errorf("introspect = %+v; want scope %q, both audiences", wide, user.Scope)
			}
			// Section 4.1: who acts for alice.
			acting := f.granted(exchange(url.Values{"actor_token": {f.token(back, "read").AccessToken},
				"actor_token_type": {accessType}}))
			if got := f.introspect(back, acting.AccessToken); got.Act.Subject != back.ClientID ||
				got.Sub != "acct:alice" {
				t.Errorf("introspect = %+v; want alice, for whom the client acts", got)
			}
			// An exchanged token can be exchanged again, and lives by itself.
			f.granted(exchange(url.Values{"subject_token": {token.AccessToken}}))
			f.refused("more scope than before",
				exchange(url.Values{"subject_token": {token.AccessToken}, "scope": {"write"}}), http.StatusBadRequest,
				"invalid_scope")

			f.revoke(front, user.RefreshToken, "")
			f.wantActive("exchanged token", token.AccessToken, true)
			for what, change := range map[string]url.Values{
				"revoked subject": {},
				"unknown subject": {"subject_token": {"x.y"}},
				"refresh token":   {"subject_token": {f.session(front, "read offline_access").RefreshToken}},
				"subject of a type": {"subject_token": {token.AccessToken},
					"subject_token_type": {"urn:ietf:params:oauth:token-type:id_token"}},
				"revoked actor": {"subject_token": {token.AccessToken}, "actor_token": {user.AccessToken},
					"actor_token_type": {accessType}},
				"ask for an ID token": {"subject_token": {token.AccessToken},
					"requested_token_type": {"urn:ietf:params:oauth:token-type:id_token"}},
				"no type of the token": {"subject_token": {token.AccessToken}, "subject_token_type": {""}},
			} {
				f.refused(what, exchange(change), http.StatusBadRequest, "invalid_request")
			}
			f.refused("foreign audience", exchange(url.Values{"subject_token": {token.AccessToken},
				"audience": {"https://bank.example"}}), http.StatusBadRequest, "invalid_target")
			f.refused("client without the grant", f.ask(f.endpoints.Token, front, form(nil), nil),
				http.StatusBadRequest, "unauthorized_client")
		})
	}
}

// The audience of a grant is that of its tokens, also after a refresh.
func TestAudience(t *testing.T) {
	everywhere(t, func(f *fixture) {
		const api = "https://api.example"
		c := f.client(func(b *Registration) { b.Audience = []string{api} })
		plain := f.granted(f.ask(f.endpoints.Token, c,
			url.Values{"grant_type": {"client_credentials"}, "audience": {api}}, nil))
		f.refused("foreign audience", f.ask(f.endpoints.Token, c,
			url.Values{"grant_type": {"client_credentials"}, "audience": {"x"}}, nil), http.StatusBadRequest,
			"invalid_target")
		f.audience = api
		session := f.session(c, "read offline_access")
		next := f.granted(f.send(oauth.Refresh(f.endpoints.Token, c, session.RefreshToken)))
		for what, token := range map[string]string{"client_credentials": plain.AccessToken, "code": session.AccessToken,
			"refresh": next.AccessToken} {
			if got := f.introspect(f.resource(), token); got.Aud != api {
				f.Errorf("%s: introspect = %+v; want the audience %s", what, got, api)
			}
			if f.server.settings.Tokens == settings.TokensJWT {
				if got := f.verify(token).Audience; !slices.Equal(got, jwt.Audience{api}) {
					f.Errorf("%s: aud = %v; want %s", what, got, api)
				}
			}
		}
		f.audience = "x"
		if back := f.authorize(c, "read", nil); back.Query().Get("error") != "invalid_target" {
			f.Errorf("authorize for a foreign audience redirects to %s; want invalid_target", back)
		}
	})
}
