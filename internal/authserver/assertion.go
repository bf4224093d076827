package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/zitadel/oidc/v3/pkg/op"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/oauth"
)

// assertionLimit is how far ahead an assertion may expire, since it is remembered
// until then.
const assertionLimit = 24 * time.Hour

// publicAlgorithms are those that clients sign assertions with (RFC 7518 section 3.1).
func publicAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.ES256}
}

// assertion is a JWT of RFC 7523 that has been read, but not verified.
type assertion struct {
	token  *jwt.JSONWebToken
	claims jwt.Claims
}

func parseAssertion(text string) (assertion, error) {
	var a assertion
	var err error
	if a.token, err = jwt.ParseSigned(text, append(publicAlgorithms(), jose.HS256)); err != nil {
		return a, errors.New("assertion is not a JWT signed with RS256, ES256 or HS256")
	}
	if err := a.token.UnsafeClaimsWithoutVerification(&a.claims); err != nil {
		return a, errors.New("assertion has claims that cannot be read")
	}
	return a, nil
}

// verify checks signature and claims (RFC 7523 section 3) but neither iss nor sub.
// Its error is for the client to read.
func (a assertion) verify(keys []any, audience []string, now time.Time) error {
	var claims jwt.Claims // those that the signature covers
	signed := slices.ContainsFunc(keys, func(key any) bool { return a.token.Claims(key, &claims) == nil })
	switch {
	case !signed:
		return errors.New("assertion is not signed by the client")
	case !slices.ContainsFunc(claims.Audience, func(aud string) bool { return slices.Contains(audience, aud) }):
		return errors.New("assertion is for another audience")
	case claims.Expiry == nil || !now.Before(claims.Expiry.Time()):
		return errors.New("assertion has expired, or does not")
	case claims.Expiry.Time().After(now.Add(assertionLimit)):
		return fmt.Errorf("assertion expires in more than %s", assertionLimit)
	case claims.NotBefore != nil && now.Add(time.Minute).Before(claims.NotBefore.Time()):
		return errors.New("assertion is not valid yet")
	case claims.ID == "":
		return errors.New("assertion without jti")
	}
	return nil
}

// ownNames are what assertions call this server (RFC 7523 section 3): its issuer or
// one of its endpoints that clients authenticate at.
func (p protocol) ownNames(ctx context.Context) []string {
	issuer := op.IssuerFromContext(ctx)
	return []string{issuer, issuer + settings.TokenPath, issuer + settings.IntrospectionPath,
		issuer + settings.RevocationPath, issuer + settings.DeviceAuthorizationPath}
}

// publicKeys are the registered keys of c that may have signed a.
func (c *client) publicKeys(a assertion) ([]any, error) {
	header := a.token.Headers[0] // a compact JWT has one
	if c.Keys == "" || header.Algorithm == string(jose.HS256) {
		return nil, nil
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(c.Keys), &set); err != nil {
		return nil, fmt.Errorf("keys of client %q: %w", c.ID, err)
	}
	var keys []any
	for _, key := range set.Keys {
		if header.KeyID == "" || key.KeyID == header.KeyID {
			keys = append(keys, key.Key)
		}
	}
	return keys, nil
}

// sealedPrefix begins a secret that is kept encrypted: a hash cannot verify an HMAC.
const sealedPrefix = "$sealed$"

// sharedKey is the secret of c as the key of a, which must be an HMAC.
func (s *Server) sharedKey(c *client, a assertion) ([]any, error) {
	if a.token.Headers[0].Algorithm != string(jose.HS256) {
		return nil, nil
	}
	secret, err := s.crypto.Decrypt(strings.TrimPrefix(c.SecretHash, sealedPrefix))
	if err != nil {
		return nil, fmt.Errorf("secret of client %q: %w", c.ID, err)
	}
	return []any{[]byte(secret)}, nil
}

// assertionKeys are the keys that c authenticates with. Its registered algorithm is for
// that alone, not for the assertions of a grant (RFC 7591 section 2).
func (s *Server) assertionKeys(c *client, a assertion) ([]any, error) {
	if c.SigningAlg != "" && c.SigningAlg != a.token.Headers[0].Algorithm {
		return nil, nil
	}
	if c.Method == oauth.AuthSecretJWT {
		return s.sharedKey(c, a)
	}
	return c.publicKeys(a)
}
