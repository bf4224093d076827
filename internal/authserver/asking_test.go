package authserver

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Names of grants and token types on the wire.
const (
	bearerGrant   = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"
	deviceGrant   = "urn:ietf:params:oauth:grant-type:device_code"
	accessType    = "urn:ietf:params:oauth:token-type:access_token"
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// ask posts a form as the client of c; form may be changed.
func (f *fixture) ask(address string, c oauth.Credential, form url.Values, header http.Header) answer {
	f.Helper()
	r := oauth.Introspect(address, c, "") // the credential as this package's client side sends it
	own, err := url.ParseQuery(string(r.Body))
	if err != nil {
		f.Fatal(err)
	}
	own.Del("token")
	for key, values := range form {
		own[key] = values
	}
	r.Body = []byte(own.Encode())
	for key, values := range header {
		r.Header[key] = values
	}
	return f.send(r)
}

// client registers a client with what a test changes of a confidential one that may do
// everything.
func (f *fixture) client(change func(*Registration)) oauth.Credential {
	f.Helper()
	b := Registration{
		Name: "test", AuthMethod: oauth.AuthBasic,
		GrantTypes: []string{"client_credentials", "authorization_code", "refresh_token"},
		Scope:      "read write openid", RedirectURIs: []string{settings.RedirectURI},
	}
	change(&b)
	a := f.post(f.admin.URL+settings.ClientsPath, b)
	if a.status != http.StatusCreated {
		f.Fatalf("register = %s", a)
	}
	var c Registered
	f.decode(a, &c)
	return oauth.Credential{Method: b.AuthMethod, ClientID: c.ID, Secret: c.Secret}
}

// key is a key pair of a client.
type key struct {
	private crypto.Signer
	alg     jose.SignatureAlgorithm
	id      string
}

func newKey(t testing.TB, alg jose.SignatureAlgorithm) key {
	t.Helper()
	var private crypto.Signer
	var err error
	if alg == jose.RS256 {
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key{private, alg, "k-" + string(alg)}
}

func (k key) set() json.RawMessage {
	text, err := json.Marshal(jose.JSONWebKeySet{
		Keys: []jose.JSONWebKey{{Key: k.private.Public(), KeyID: k.id, Use: "sig"}}})
	if err != nil {
		panic(err)
	}
	return text
}

func (k key) thumbprint() string {
	sum, err := (&jose.JSONWebKey{Key: k.private.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}

// sign makes a JWT of claims.
func (k key) sign(claims map[string]any) string {
	return compact(jose.SigningKey{Algorithm: k.alg, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}}, nil, claims)
}

func compact(k jose.SigningKey, o *jose.SignerOptions, claims map[string]any) string {
	signer, err := jose.NewSigner(k, o)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		panic(err)
	}
	out, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return out
}

// claims are those of a good assertion of issuer about subject, changed: nil takes one out.
func (f *fixture) claims(issuer, subject string, change map[string]any) map[string]any {
	now := f.clock.now()
	c := map[string]any{
		"iss": issuer, "sub": subject, "aud": f.endpoints.Token, "jti": randomToken(8),
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	}
	for name, value := range change {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

// badClaims are what no assertion may have.
func (f *fixture) badClaims() map[string]map[string]any {
	now := f.clock.now()
	return map[string]map[string]any{
		"another audience":  {"aud": "https://other.example"},
		"no audience":       {"aud": nil},
		"no end":            {"exp": nil},
		"an end that is by": {"exp": now.Add(-time.Second).Unix()},
		"too late an end":   {"exp": now.Add(48 * time.Hour).Unix()},
		"no jti":            {"jti": nil},
		"a later beginning": {"nbf": now.Add(time.Hour).Unix()},
	}
}
