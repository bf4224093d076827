package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Keys are a server's public keys (RFC 7517 section 5).
type Keys struct{ set jose.JSONWebKeySet }

// ErrNoKeys is ParseKeys' error about an empty set.
var ErrNoKeys = errors.New("key set without keys")

// ParseKeys reads a JWK Set. It refuses an empty one, keys that cannot be read, and
// one that gives away a private or symmetric key. Keys of kinds that are not known here
// are left out, as section 5 would have it.
func ParseKeys(body []byte) (Keys, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return Keys{}, fmt.Errorf("key set cannot be read: %w", err)
	}
	if len(raw.Keys) == 0 {
		return Keys{}, ErrNoKeys
	}
	var set jose.JSONWebKeySet
	for _, text := range raw.Keys {
		var kind struct {
			Type  string `json:"kty"`
			Curve string `json:"crv"`
		}
		var members map[string]json.RawMessage
		if err := errors.Join(json.Unmarshal(text, &kind), json.Unmarshal(text, &members)); err != nil {
			return Keys{}, fmt.Errorf("key set cannot be read: %w", err)
		}
		// Private and symmetric keys have one of these, of whatever kind they are (RFC 7518
		// section 6, RFC 8037 section 2, and priv of post-quantum keys).
		for _, secret := range []string{"d", "k", "priv"} {
			if _, has := members[secret]; has {
				return Keys{}, errors.New("key set with a private key")
			}
		}
		if !known(kind.Type, kind.Curve) {
			continue
		}
		var k jose.JSONWebKey
		if err := json.Unmarshal(text, &k); err != nil {
			return Keys{}, fmt.Errorf("key set cannot be read: %w", err)
		}
		set.Keys = append(set.Keys, k)
	}
	return Keys{set}, nil
}

// known tells whether signatures of a kind of key can be checked. A key without a kind
// is none (RFC 7517 section 4.1).
func known(kind, curve string) bool {
	switch kind {
	case "EC":
		return slices.Contains([]string{"P-256", "P-384", "P-521"}, curve)
	case "OKP":
		return curve == "Ed25519"
	default:
		return kind == "RSA" || kind == ""
	}
}

// Claims are those of a JWT access token (RFC 9068 section 2.2).
type Claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience Audience `json:"aud"`
	Expires  float64  `json:"exp"` // seconds since the epoch; NumericDate may have a fraction
	ClientID string   `json:"client_id"`
	Scope    scopes   `json:"scope"`
}

// scopes are separated by spaces, as RFC 9068 section 2.2.3 has them. Servers whose JWTs
// do not claim to follow it have an array.
type scopes string

// UnmarshalJSON reads a string or an array of strings.
func (s *scopes) UnmarshalJSON(data []byte) error {
	var names []string
	if json.Unmarshal(data, &names) == nil {
		*s = scopes(strings.Join(names, " "))
		return nil
	}
	return json.Unmarshal(data, (*string)(s))
}

// ErrClaims is wrapped by Verify's error when a JWT was signed as it should be, and its
// claims are of other JSON types than RFC 7519 section 4.1 has.
var ErrClaims = errors.New("claims of a JWT")

// LooksLikeJWT tells whether a token has the form of a signed JWT.
func LooksLikeJWT(token string) bool {
	return strings.HasPrefix(token, "eyJ") && strings.Count(token, ".") == 2
}

// signatures are the algorithms that access tokens may be signed with. None is for
// shared keys: a public key must never be taken for a secret.
var signatures = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}

// Verify checks a JWT's signature and reads its claims (RFC 9068 section 4). It does
// not judge the claims.
func (k Keys) Verify(token string) (Claims, error) {
	signed, err := jose.ParseSigned(token, signatures)
	if err != nil {
		return Claims{}, fmt.Errorf("not a signed JWT: %w", err)
	}
	payload, err := signed.Verify(k.set)
	if err != nil {
		// A token without a key id, or a set without ids: any of the keys may be the one.
		for _, key := range k.set.Keys {
			if payload, err = signed.Verify(key); err == nil {
				break
			}
		}
	}
	if err != nil {
		return Claims{}, fmt.Errorf("signature of a JWT: %w", err)
	}
	var c Claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return Claims{}, fmt.Errorf("%w: %v", ErrClaims, err)
	}
	return c, nil
}
