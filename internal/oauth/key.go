package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Signing algorithms of assertions and proofs (RFC 7518 section 3.1).
const (
	RS256 = "RS256"
	ES256 = "ES256"
	HS256 = "HS256"
)

// Key is a client's own key pair. It is drawn from the system's randomness, not from
// a run's seed: the seed is stored with the run, and whoever has it would have the key.
// Safe for concurrent use.
type Key struct {
	alg    string
	signer jose.Signer
	proof  jose.Signer // of DPoP proofs: carries the public key, RFC 9449 section 4.2
	public jose.JSONWebKey
}

// NewKey makes a key for RS256 (2048 bits) or ES256.
func NewKey(alg string) (*Key, error) {
	var private crypto.Signer
	var err error
	switch alg {
	case RS256:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		err = fmt.Errorf("unknown algorithm: use %s or %s", RS256, ES256)
	}
	if err != nil {
		return nil, fmt.Errorf("key for %q: %w", alg, err)
	}
	id := random()
	with := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg),
		Key: jose.JSONWebKey{Key: private, KeyID: id, Algorithm: alg, Use: "sig"}}
	k := &Key{alg: alg, public: jose.JSONWebKey{Key: private.Public(), KeyID: id, Algorithm: alg, Use: "sig"}}
	if k.signer, err = jose.NewSigner(with, (&jose.SignerOptions{}).WithType("JWT")); err != nil {
		return nil, err
	}
	with.Key = private // a proof names its key by value, so without a key id
	k.proof, err = jose.NewSigner(with, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	return k, err
}

// Alg is the key's signing algorithm.
func (k *Key) Alg() string { return k.alg }

// Set is the JWK Set (RFC 7517 section 5) that holds the public key.
func (k *Key) Set() json.RawMessage {
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{k.public}})
	if err != nil {
		panic("a key of our own cannot be encoded: " + err.Error())
	}
	return text
}

// Thumbprint is the key's SHA-256 thumbprint (RFC 7638), as jkt confirms it.
func (k *Key) Thumbprint() string {
	sum, err := k.public.Thumbprint(crypto.SHA256)
	if err != nil {
		panic("a key of our own has no thumbprint: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}

// Assertion is a JWT bearer assertion (RFC 7523 section 3) with a jti of its own.
type Assertion struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience Audience `json:"aud"`
	ID       string   `json:"jti"`
	Issued   unixTime `json:"iat"`
	Expires  unixTime `json:"exp"`
}

type unixTime int64

func newAssertion(issuer, subject string, audience Audience, at time.Time) Assertion {
	return Assertion{issuer, subject, audience, random(), unixTime(at.Unix()),
		unixTime(at.Add(AssertionLifetime).Unix())}
}

// AssertionLifetime is how long assertions are good for. They are made before the
// clock starts, so trials must be shorter. Servers refuse much longer ones.
const AssertionLifetime = 55 * time.Minute

// Grant is an assertion of issuer about subject for the JWT bearer grant.
func (k *Key) Grant(issuer, subject string, audience Audience) (string, error) {
	return sign(k.signer, newAssertion(issuer, subject, audience, time.Now()))
}

// Proof is a DPoP proof (RFC 9449 section 4.2) for one request that is sent at a
// time. accessToken is bound to the proof of a resource request; "" at the token
// endpoint. The address loses query and fragment.
func (k *Key) Proof(method, address string, at time.Time, accessToken string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	u.RawQuery, u.Fragment = "", ""
	claims := map[string]any{"jti": random(), "htm": method, "htu": u.String(), "iat": at.Unix()}
	if accessToken != "" {
		sum := sha256.Sum256([]byte(accessToken))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return sign(k.proof, claims)
}

func sign(with jose.Signer, claims any) (string, error) {
	text, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := with.Sign(text)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// random is 128 bits that nobody can guess.
func random() string { return rand.Text() }
