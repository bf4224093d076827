package authserver

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
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

// sealedPrefix begins a secret that is kept encrypted: a hash cannot verify an HMAC.
const sealedPrefix = "$sealed$"
