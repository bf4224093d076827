package authserver

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// proof signs a DPoP proof, changed: nil takes a claim out, typ sets the type.
func (f *fixture) proof(k key, method, address, accessToken string, change map[string]any) string {
	typ := "dpop+jwt"
	claims := map[string]any{"jti": randomToken(8), "htm": method, "htu": address, "iat": f.clock.now().Unix()}
	if accessToken != "" {
		sum := sha256.Sum256([]byte(accessToken))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	for name, value := range change {
		if name == "typ" {
			typ = value.(string)
			continue
		}
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return compact(jose.SigningKey{Algorithm: k.alg, Key: k.private},
		(&jose.SignerOptions{EmbedJWK: true}).WithType(jose.ContentType(typ)), claims)
}

// bound asks for a token with a proof.
func (f *fixture) bound(c oauth.Credential, form url.Values, proof string) answer {
	f.Helper()
	return f.ask(f.endpoints.Token, c, form, http.Header{"Dpop": {proof}})
}

func (f *fixture) userinfo(scheme, token, proof string) answer {
	f.Helper()
	r := oauth.Request{Method: http.MethodGet, URL: f.endpoints.Userinfo,
		Header: http.Header{"Authorization": {scheme + " " + token}}}
	if proof != "" {
		r.Header.Set("DPoP", proof)
	}
	return f.send(r)
}

func TestDPoP(t *testing.T) {
	for _, tokens := range []string{settings.TokensOpaque, settings.TokensJWT} {
		for _, alg := range []jose.SignatureAlgorithm{jose.ES256, jose.RS256} {
			t.Run(tokens+"/"+string(alg), func(t *testing.T) {
				testDPoP(open(t, quick(t, settings.V2, "tokens="+tokens)), newKey(t, alg))
			})
		}
	}
}

func testDPoP(f *fixture, k key) {
	e := f.endpoints
	c := f.register(oauth.AuthBasic, 0)
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"openid"}}
	good := func() string { return f.proof(k, "POST", e.Token, "", nil) }
	once := good()
	a := f.bound(c, form, once)
	token := f.granted(a)
	if token.TokenType != "DPoP" {
		f.Errorf("token = %s; want token_type DPoP (RFC 9449 section 5)", a)
	}
	if got := f.introspect(f.resource(), token.AccessToken); got.TokenType != "DPoP" ||
		got.Cnf.Thumbprint != k.thumbprint() {
		f.Errorf("introspect = %+v; want DPoP bound to %s", got, k.thumbprint())
	}
	if f.server.settings.Tokens == settings.TokensJWT {
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token.AccessToken, ".")[1])
		if err != nil || !strings.Contains(string(payload), `"cnf":{"jkt":"`+k.thumbprint()+`"}`) {
			f.Errorf("claims %s (%v); want cnf", payload, err)
		}
	}
	if plain := f.granted(f.ask(e.Token, c, form, nil)); plain.TokenType != "Bearer" ||
		f.introspect(f.resource(), plain.AccessToken).Cnf != (confirmation{}) {
		f.Errorf("token without a proof = %+v; want a bearer token", plain)
	}
	f.refused("proof used twice", f.bound(c, form, once), http.StatusBadRequest, "invalid_dpop_proof")
	f.refused("two proofs", f.ask(e.Token, c, form, http.Header{"Dpop": {good(), good()}}), http.StatusBadRequest,
		"invalid_dpop_proof")
	now := f.clock.now()
	bad := map[string]map[string]any{
		"another type": {"typ": "JWT"}, "another method": {"htm": "GET"}, "another address": {"htu": e.Revocation},
		"no jti":  {"jti": nil},
		"no time": {"iat": nil}, "an old one": {"iat": now.Add(-proofWindow - time.Minute).Unix()},
		"one of the future": {"iat": now.Add(proofWindow + time.Minute).Unix()},
	}
	for what, change := range bad {
		f.refused("proof with "+what, f.bound(c, form, f.proof(k, "POST", e.Token, "", change)), http.StatusBadRequest,
			"invalid_dpop_proof")
	}
	f.refused("no JWT", f.bound(c, form, "x"), http.StatusBadRequest, "invalid_dpop_proof")
	f.refused("shared key", f.bound(c, form,
		compact(jose.SigningKey{Algorithm: jose.HS256, Key: make([]byte, 32)},
			(&jose.SignerOptions{}).WithType("dpop+jwt"),
			map[string]any{"jti": "x", "htm": "POST", "htu": e.Token, "iat": now.Unix()})), http.StatusBadRequest,
		"invalid_dpop_proof")
	f.refused("no key inside", f.bound(c, form,
		compact(jose.SigningKey{Algorithm: k.alg, Key: k.private}, (&jose.SignerOptions{}).WithType("dpop+jwt"),
			map[string]any{"jti": "x", "htm": "POST", "htu": e.Token, "iat": now.Unix()})), http.StatusBadRequest,
		"invalid_dpop_proof")
	tampered := good()
	f.refused("broken signature", f.bound(c, form, tampered[:len(tampered)-6]+"AAAAAA"), http.StatusBadRequest,
		"invalid_dpop_proof")
	// Query and fragment do not count (section 4.3).
	f.granted(f.bound(c, form, f.proof(k, "POST", e.Token+"?x=y#z", "", nil)))

	// At the resource.
	proof := func(change map[string]any) string { return f.proof(k, "GET", e.Userinfo, token.AccessToken, change) }
	first := proof(nil)
	if a := f.userinfo("DPoP", token.AccessToken, first); a.status != http.StatusOK ||
		string(a.body) != `{"sub":"`+c.ClientID+"\"}\n" {
		f.Errorf("userinfo = %s; want the subject", a)
	}
	f.refused("proof used twice", f.userinfo("DPoP", token.AccessToken, first), http.StatusUnauthorized,
		"invalid_dpop_proof")
	f.refused("no proof", f.userinfo("DPoP", token.AccessToken, ""), http.StatusUnauthorized, "invalid_dpop_proof")
	f.refused("bound token as a bearer's", f.userinfo("Bearer", token.AccessToken, proof(nil)), http.StatusUnauthorized,
		"invalid_token")
	f.refused("proof without ath", f.userinfo("DPoP", token.AccessToken, proof(map[string]any{"ath": nil})),
		http.StatusUnauthorized, "invalid_dpop_proof")
	f.refused("proof for another token", f.userinfo("DPoP", token.AccessToken, proof(map[string]any{"ath": "x"})),
		http.StatusUnauthorized, "invalid_dpop_proof")
	f.refused("proof for the token endpoint", f.userinfo("DPoP", token.AccessToken, good()), http.StatusUnauthorized,
		"invalid_dpop_proof")
	a = f.userinfo("DPoP", token.AccessToken,
		f.proof(newKey(f.T, jose.ES256), "GET", e.Userinfo, token.AccessToken, nil))
	f.refused("proof of another key", a, http.StatusUnauthorized, "invalid_token")
	if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, `DPoP algs="ES256 RS256`) ||
		!strings.Contains(got, `error="invalid_token"`) {
		f.Errorf("WWW-Authenticate = %q; want the DPoP challenge of section 7.1", got)
	}
	bearer := f.granted(f.ask(e.Token, c, form, nil)).AccessToken
	f.refused("bearer token as a bound one", f.userinfo("DPoP", bearer, f.proof(k, "GET", e.Userinfo, bearer, nil)),
		http.StatusUnauthorized, "invalid_token")
}

// Section 5: the refresh token of a public client is bound to its key, that of a
// confidential one is not.
func TestDPoPRefresh(t *testing.T) {
	f := open(t, quick(t, settings.V2, ""))
	k := newKey(t, jose.ES256)
	for _, method := range []string{oauth.AuthNone, oauth.AuthBasic} {
		c := f.register(method, 0)
		exchange := url.Values{
			"grant_type": {"authorization_code"}, "code": {f.code(c, "read offline_access")},
			"redirect_uri": {settings.RedirectURI}, "code_verifier": {verifier},
		}
		session := f.granted(f.bound(c, exchange, f.proof(k, "POST", f.endpoints.Token, "", nil)))
		refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {session.RefreshToken}}
		other := newKey(t, jose.ES256)
		if method == oauth.AuthNone {
			f.refused("refresh with another key",
				f.bound(c, refresh, f.proof(other, "POST", f.endpoints.Token, "", nil)), http.StatusBadRequest,
				"invalid_grant")
			f.refused("refresh without a proof", f.ask(f.endpoints.Token, c, refresh, nil), http.StatusBadRequest,
				"invalid_grant")
			other = k
		}
		next := f.granted(f.bound(c, refresh, f.proof(other, "POST", f.endpoints.Token, "", nil)))
		if got := f.introspect(f.resource(), next.AccessToken); got.Cnf.Thumbprint != other.thumbprint() {
			t.Errorf("%s: refreshed token is bound to %q; want the key that was proved", method, got.Cnf.Thumbprint)
		}
	}
}

// v1 has not the grants of v2, nor their endpoint.
func TestGrantsThatV1HasNot(t *testing.T) {
	f := open(t, quick(t, settings.V1, ""))
	c := f.register(oauth.AuthBasic, 0)
	for _, grant := range []string{deviceGrant, exchangeGrant} {
		a := f.ask(f.endpoints.Token, c,
			url.Values{"grant_type": {grant}, "device_code": {"x"}, "subject_token": {"x"},
				"subject_token_type": {accessType}}, nil)
		f.refused(grant, a, http.StatusBadRequest, "unsupported_grant_type")
	}
	if a := f.ask(f.endpoints.Issuer+settings.DeviceAuthorizationPath, c, nil, nil); a.status != http.StatusNotFound {
		t.Errorf("device authorization = %s; want 404", a)
	}
}

// v1 knows no DPoP: it ignores the header and issues bearer tokens.
func TestNoDPoPInV1(t *testing.T) {
	f := open(t, quick(t, settings.V1, ""))
	c := f.register(oauth.AuthBasic, 0)
	if token := f.granted(f.bound(c, url.Values{"grant_type": {"client_credentials"}},
		"x")); token.TokenType != "Bearer" {
		t.Errorf("token = %+v; want a bearer token", token)
	}
}

// No proof is forgotten while it could be used again, and none is kept for ever.
func TestProofsAreForgotten(t *testing.T) {
	var d dpop
	start := time.Unix(1_000_000, 0)
	id := sha256.Sum256([]byte("x"))
	if !d.firstUse(id, start) {
		t.Error("the first use counts as a second one")
	}
	for _, after := range []time.Duration{0, proofWindow, 2 * proofWindow, 2*proofWindow + 1} {
		if d.firstUse(id, start.Add(after)) {
			t.Errorf("after %s a second use counts as the first", after)
		}
	}
	d.firstUse(sha256.Sum256([]byte("y")), start.Add(4*proofWindow))
	d.firstUse(sha256.Sum256([]byte("z")), start.Add(6*proofWindow))
	if n := len(d.recent) + len(d.past); n != 2 {
		t.Errorf("%d proofs are kept; want the 2 of late", n)
	}
}
