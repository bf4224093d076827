package authserver

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// asserted are the parameters of a client that authenticates with an assertion.
func asserted(text string, more url.Values) url.Values {
	form := url.Values{"client_assertion_type": {assertionType}, "client_assertion": {text}}
	for key, values := range more {
		form[key] = values
	}
	return form
}

var credentialsGrant = url.Values{"grant_type": {"client_credentials"}, "scope": {"read"}}

// assertionSigners are all ways to sign client assertions.
func assertionSigners(f *fixture) map[string]struct {
	id   string
	sign func(map[string]any) string
} {
	type signing = struct {
		id   string
		sign func(map[string]any) string
	}
	all := map[string]signing{}
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256} {
		k := newKey(f.T, alg)
		c := f.client(func(b *Registration) {
			b.AuthMethod, b.Keys, b.SigningAlg = oauth.AuthPrivateKeyJWT, k.set(), string(alg)
		})
		if c.Secret != "" {
			f.Errorf("a client with %s got a secret", oauth.AuthPrivateKeyJWT)
		}
		all["private_key_jwt "+string(alg)] = signing{c.ClientID, k.sign}
	}
	c := f.client(func(b *Registration) { b.AuthMethod = oauth.AuthSecretJWT })
	all["client_secret_jwt"] = signing{c.ClientID, func(claims map[string]any) string {
		return compact(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(c.Secret)}, nil, claims)
	}}
	return all
}

// OpenID Connect Core 1.0 section 9: at token, introspection and revocation endpoint.
func TestClientAssertions(t *testing.T) {
	faulty(t, "", func(f *fixture) {
		e, none := f.endpoints, oauth.Credential{}
		for what, s := range assertionSigners(f) {
			for _, aud := range []any{e.Issuer, e.Token, []string{"https://other.example", e.Issuer}} {
				text := s.sign(f.claims(s.id, s.id, map[string]any{"aud": aud}))
				token := f.granted(f.ask(e.Token, none, asserted(text, credentialsGrant), nil)).AccessToken
				f.refused(what+" again", f.ask(e.Token, none, asserted(text, credentialsGrant), nil),
					http.StatusUnauthorized, "invalid_client")
				of := url.Values{"token": {token}}
				if a := f.ask(e.Introspection, none, asserted(s.sign(f.claims(s.id, s.id, nil)), of),
					nil); !strings.Contains(string(a.body), `"active":true`) {
					f.Errorf("%s: introspect = %s", what, a)
				}
				if a := f.ask(e.Revocation, none,
					asserted(s.sign(f.claims(s.id, s.id, map[string]any{"aud": e.Revocation})), of),
					nil); a.status != http.StatusOK {
					f.Errorf("%s: revoke = %s", what, a)
				}
				f.wantActive(what+": revoked token", token, false)
			}
			for bad, change := range f.badClaims() {
				a := f.ask(e.Token, none, asserted(s.sign(f.claims(s.id, s.id, change)), credentialsGrant), nil)
				f.refused(what+" with "+bad, a, http.StatusUnauthorized, "invalid_client")
			}
			// The client_id is optional, but must not be another's.
			f.granted(f.ask(e.Token, none,
				asserted(s.sign(f.claims(s.id, s.id, nil)),
					url.Values{"grant_type": {"client_credentials"}, "client_id": {s.id}}), nil))
			for bad, a := range map[string]answer{
				"another client_id": f.ask(e.Token, none,
					asserted(s.sign(f.claims(s.id, s.id, nil)),
						url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}}), nil),
				"another issuer": f.ask(e.Token, none,
					asserted(s.sign(f.claims("x", s.id, nil)), credentialsGrant), nil),
				"an unknown client": f.ask(e.Token, none, asserted(s.sign(f.claims("x", "x", nil)), credentialsGrant),
					nil),
				"a foreign key": f.ask(e.Token, none,
					asserted(newKey(f.T, jose.ES256).sign(f.claims(s.id, s.id, nil)), credentialsGrant), nil),
				"no JWT": f.ask(e.Token, none, asserted("x", credentialsGrant), nil),
				"its name as a HMAC": f.ask(e.Token, none,
					asserted(compact(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(strings.Repeat(s.id, 3))}, nil,
						f.claims(s.id, s.id, nil)), credentialsGrant), nil),
				"nothing but an id": f.ask(e.Token, oauth.Credential{Method: oauth.AuthNone, ClientID: s.id},
					credentialsGrant, nil),
				"a secret of its own": f.ask(e.Token,
					oauth.Credential{Method: oauth.AuthBasic, ClientID: s.id, Secret: "x"}, credentialsGrant, nil),
			} {
				f.refused(what+" with "+bad, a, http.StatusUnauthorized, "invalid_client")
			}
		}
	})
}

// A client is held to the algorithm and to the method that it is registered for.
func TestAssertionsAreOfTheRegisteredKind(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	k := newKey(t, jose.RS256)
	c := f.client(func(b *Registration) {
		b.AuthMethod, b.Keys, b.SigningAlg = oauth.AuthPrivateKeyJWT, k.set(), "ES256"
	})
	a := f.ask(f.endpoints.Token, oauth.Credential{},
		asserted(k.sign(f.claims(c.ClientID, c.ClientID, nil)), credentialsGrant), nil)
	f.refused("RS256 of a client with ES256", a, http.StatusUnauthorized, "invalid_client")
	basic := f.client(func(b *Registration) { b.Keys = k.set() })
	a = f.ask(f.endpoints.Token, oauth.Credential{},
		asserted(k.sign(f.claims(basic.ClientID, basic.ClientID, nil)), credentialsGrant), nil)
	f.refused("assertion of a basic client", a, http.StatusUnauthorized, "invalid_client")
}

// A secret that must be kept is kept encrypted, and good for assertions alone.
func TestSealedSecret(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	c := f.client(func(b *Registration) { b.AuthMethod = oauth.AuthSecretJWT })
	stored, err := f.server.client(t.Context(), c.ClientID)
	if err != nil || len(c.Secret) < 32 || !strings.HasPrefix(stored.SecretHash, sealedPrefix) ||
		strings.Contains(stored.SecretHash, c.Secret) {
		t.Errorf("stored %+v (%v) for a secret of %d bytes; want it encrypted, 32 bytes at least", stored, err,
			len(c.Secret))
	}
	for _, method := range []string{oauth.AuthBasic, oauth.AuthPost} {
		c.Method = method
		f.refused(method, f.ask(f.endpoints.Token, c, credentialsGrant, nil), http.StatusUnauthorized, "invalid_client")
	}
}
