package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// form is the body of a request.
func form(t *testing.T, r Request) url.Values {
	t.Helper()
	v, err := url.ParseQuery(string(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Each request of a client that signs carries another assertion, which its public key
// verifies and which says what RFC 7523 section 3 wants.
func TestClientAssertions(t *testing.T) {
	for _, alg := range []string{RS256, ES256} {
		key, err := NewKey(alg)
		if err != nil {
			t.Fatal(err)
		}
		published, err := ParseKeys(key.Set())
		if err != nil {
			t.Fatal(err)
		}
		cred := Credential{Method: AuthPrivateKeyJWT, ClientID: "c", Key: key, Audience: "https://as https://as/token"}
		seen := map[string]bool{}
		for range 3 {
			v := form(t, ClientCredentials("https://as/token", cred, ""))
			if v.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" ||
				v.Get("client_secret") != "" {
				t.Errorf("%s: %v", alg, v)
			}
			if _, err := verified(published, v.Get("client_assertion")); err != nil {
				t.Errorf("%s: %v", alg, err)
			}
			claims := claimsIn(t, v.Get("client_assertion"))
			exp, iat := claims["exp"].(float64), claims["iat"].(float64)
			if claims["iss"] != "c" || claims["sub"] != "c" || len(claims["aud"].([]any)) != 2 ||
				exp-iat != AssertionLifetime.Seconds() {
				t.Errorf("%s: claims %v", alg, claims)
			}
			seen[claims["jti"].(string)] = true
		}
		if len(seen) != 3 {
			t.Errorf("%s: %d different jti in 3 requests", alg, len(seen))
		}
	}
}

func TestSecretAssertions(t *testing.T) {
	cred := Credential{Method: AuthSecretJWT, ClientID: "c", Secret: strings.Repeat("s", 32)}
	if err := cred.Check(); err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSigned(form(t, ClientCredentials("https://as/token", cred, "")).Get("client_assertion"),
		[]jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed.Verify([]byte(cred.Secret)); err != nil {
		t.Error(err)
	}
	if _, err := signed.Verify([]byte(strings.Repeat("t", 32))); err == nil {
		t.Error("another secret verifies it")
	}
	if (Credential{Method: AuthPrivateKeyJWT}).Check() == nil {
		t.Error("a client without a key can sign")
	}
}

// RFC 9449 section 4.2: what a proof says, and that its own key signed it.
func TestProofs(t *testing.T) {
	key, err := NewKey(ES256)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_800_000_000, 0)
	r, err := Userinfo("https://as/userinfo?x=1#y", "token").WithProof(key, at, "token")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSigned(r.Header.Get("DPoP"), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	header := signed.Signatures[0].Protected
	if header.JSONWebKey == nil || !header.JSONWebKey.IsPublic() || header.ExtraHeaders[jose.HeaderType] != "dpop+jwt" {
		t.Fatalf("header %+v", header)
	}
	if _, err := signed.Verify(header.JSONWebKey); err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256([]byte("token"))
	claims := claimsIn(t, r.Header.Get("DPoP"))
	if claims["htm"] != "GET" || claims["htu"] != "https://as/userinfo" || claims["iat"] != 1.8e9 ||
		claims["ath"] != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("claims %v", claims)
	}
	if r.Header.Get("Authorization") != "DPoP token" {
		t.Errorf("authorization %q; want the scheme of section 7.1", r.Header.Get("Authorization"))
	}
}

func claimsIn(t *testing.T, token string) map[string]any {
	t.Helper()
	var claims map[string]any
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// verified is a JWT whose signature was checked.
func verified(keys Keys, token string) (JWT, error) {
	j, err := ReadJWT(token)
	if err != nil {
		return j, err
	}
	why, err := keys.Verify(j)
	if err == nil && why != "" {
		err = errors.New(string(why))
	}
	return j, err
}

// Whatever is not signed by one of the published keys is refused.
func TestOnlyPublishedKeysVerify(t *testing.T) {
	own, err := NewKey(ES256)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewKey(ES256)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ParseKeys(own.Set())
	if err != nil {
		t.Fatal(err)
	}
	sign := func(k *Key) string {
		token, err := k.Grant("iss", "sub", Audience{"aud"})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	if j, err := verified(keys, sign(own)); err != nil || j.Claims.Issuer != "iss" || j.Claims.Subject != "sub" {
		t.Errorf("%+v, %v", j, err)
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + ".e30."
	for name, token := range map[string]string{"another key": sign(other), "no signature": none, "nonsense": "a.b.c"} {
		if _, err := verified(keys, token); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
	for name, set := range map[string]string{
		"empty": `{"keys":[]}`, "not a set": `[]`,
	} {
		if _, err := ParseKeys([]byte(set)); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

// Keys of kinds that are not known are left out (RFC 7517 section 5), and the others still
// verify; a secret is told of whatever kind it is, and verifies nothing.
func TestUnknownKindsOfKeysAreLeftOut(t *testing.T) {
	own, err := NewKey(ES256)
	if err != nil {
		t.Fatal(err)
	}
	token, err := own.Grant("iss", "sub", nil)
	if err != nil {
		t.Fatal(err)
	}
	with := func(more string) []byte {
		return []byte(strings.Replace(string(own.Set()), `{"keys":[`, `{"keys":[`+more+`,`, 1))
	}
	for more, public := range map[string]bool{
		`{"kty":"OKP","crv":"X25519","use":"enc","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"}`: true,
		`{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}`:                                               true,
		`{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}`:                                           true,
		`{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA","priv":"AAAA"}`:                                 false,
		`{"kty":"OKP","crv":"X25519","x":"AAAA","d":"AAAA"}`:                                         false,
		`{"kty":"oct","k":"c2VjcmV0"}`:                                                               false,
		`{"kty":"EC","crv":"P-256","x":"AA"}`:                                                        true,
		`{"kid":"without a kind"}`:                                                                   true,
		`7`:                                                                                          true,
		`{"kty":"RSA","n":"AQAB","e":"AQAB","x5c":["MII negative serial"],"x5t":7}`:                  true,
	} {
		keys, err := ParseKeys(with(more))
		if err != nil || keys.Private == public {
			t.Errorf("%s: error %v, private %v; want private %v", more, err, keys.Private, !public)
			continue
		}
		if _, err := verified(keys, token); err != nil {
			t.Errorf("beside %s: %v", more, err)
		}
	}
}

// RFC 7636 section 4.2: the challenge is the hash of the verifier, whose length is in
// the range of section 4.1.
func TestVerifiers(t *testing.T) {
	verifier, challenge := NewVerifier()
	sum := sha256.Sum256([]byte(verifier))
	if challenge != base64.RawURLEncoding.EncodeToString(sum[:]) || len(verifier) < 43 || len(verifier) > 128 {
		t.Errorf("%q, %q", verifier, challenge)
	}
	if again, _ := NewVerifier(); again == verifier {
		t.Error("the same verifier twice")
	}
}

func TestCapabilitiesOfMetadata(t *testing.T) {
	m, err := ParseMetadata([]byte(
		`{"issuer":"https://as","token_endpoint":"https://as/t","introspection_endpoint":"https://as/i",
		"jwks_uri":"https://as/k",
		"grant_types_supported":["client_credentials","urn:ietf:params:oauth:grant-type:device_code"],
		"token_endpoint_auth_methods_supported":["private_key_jwt"],"dpop_signing_alg_values_supported":["ES256"]}`))
	if err != nil {
		t.Fatal(err)
	}
	can := m.Capabilities()
	if missing := can.Missing(GrantClientCredentials, GrantDeviceCode, AuthPrivateKeyJWT, HasDPoP, HasIntrospection,
		HasJWKS); len(missing) > 0 {
		t.Errorf("%v lacks %v", can, missing)
	}
	for _, c := range []Capability{HasRevocation, HasUserinfo, GrantTokenExchange, AuthBasic} {
		if can.Has(c) {
			t.Errorf("%s is not in the metadata", c)
		}
	}
	if _, err := ParseMetadata([]byte(`{}`)); err == nil {
		t.Error("metadata without issuer was taken")
	}
}

// What cannot be verified convicts nobody, and what can be is not excused.
func TestWhatCannotBeVerifiedIsSaid(t *testing.T) {
	own, err := NewKey(ES256)
	if err != nil {
		t.Fatal(err)
	}
	set, err := ParseKeys(own.Set())
	if err != nil {
		t.Fatal(err)
	}
	unknownKind, err := ParseKeys([]byte(`{"keys":[{"kty":"AKP","kid":"pq","pub":"AAAA"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	token := func(header string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + ".e30.AAAA"
	}
	for _, c := range []struct {
		header string
		keys   Keys
		why    Unverified
		err    error
	}{
		{`{"alg":"HS256"}`, set, OtherAlgorithm, nil},
		{`{"alg":"ML-DSA-44"}`, set, OtherAlgorithm, nil},
		{`{"alg":"ES256","nonce":"n"}`, set, NonceInHeader, nil},
		{`{"alg":"ES256","crit":["b64"],"b64":false}`, set, Extended, nil},
		{`{"alg":"none","crit":["b64"]}`, set, "", ErrUnsigned},
		{`{"alg":"ES256","kid":"pq"}`, unknownKind, NoKey, nil},
		{`{"alg":"ES256"}`, Keys{}, NoKey, nil},
		{`{"alg":"ES256"}`, set, "", ErrSignature},
		{`{"alg":"ES256","kid":"another"}`, set, "", ErrUnknownKey},
		{`{"alg":"NONE","nonce":"n"}`, set, "", ErrUnsigned},
	} {
		j, err := ReadJWT(token(c.header))
		if err != nil {
			t.Fatal(err)
		}
		if why, err := c.keys.Verify(j); why != c.why || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v; want %q, %v", c.header, why, err, c.why, c.err)
		}
	}
}
