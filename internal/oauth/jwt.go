package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Keys are a server's public keys (RFC 7517 section 5).
type Keys struct{ set jose.JSONWebKeySet }

// ParseKeys reads a JWK Set. It refuses an empty one, keys that cannot be read, and
// one that gives away a private or symmetric key.
func ParseKeys(body []byte) (Keys, error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(body, &set); err != nil {
		return Keys{}, fmt.Errorf("key set cannot be read: %w", err)
	}
	if len(set.Keys) == 0 {
		return Keys{}, errors.New("key set without keys")
	}
	for _, k := range set.Keys {
		if !k.IsPublic() {
			return Keys{}, errors.New("key set with a private key")
		}
	}
	return Keys{set}, nil
}

// Claims are those of a JWT access token (RFC 9068 section 2.2).
type Claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience Audience `json:"aud"`
	Expires  float64  `json:"exp"` // seconds since the epoch; NumericDate may have a fraction
	ClientID string   `json:"client_id"`
	Scope    string   `json:"scope"`
}

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
		return Claims{}, fmt.Errorf("claims of a JWT: %w", err)
	}
	return c, nil
}
