package oauth

import (
	"strings"
	"unicode"
)

// hashed is how many bytes of a secret BCrypt looks at.
const hashed = 72

// Wrong is a credential of the same form that proves nothing: with another secret, or
// signed by another key. ok is false where there is nothing that could be wrong.
func (c Credential) Wrong() (wrong Credential, ok bool) {
	switch c.Method {
	case AuthPrivateKeyJWT:
		if c.Key == nil {
			return c, false
		}
		key, err := NewKey(c.Key.Alg())
		c.Key = key
		return c, err == nil
	case AuthBasic, AuthPost, AuthSecretJWT, AuthBearer:
		if c.Secret == "" {
			return c, false
		}
		// All but the last character are right, so that one who compares beginnings accepts it.
		// BCrypt looks at the first 72 bytes only, and of a JWT the head says how to read it.
		secret := []byte(c.Secret)
		at := min(len(secret), hashed) - 1
		if c.Method == AuthBearer {
			at = len(secret) / 2
		}
		if secret[at] == 'x' {
			secret[at] = 'y'
		} else {
			secret[at] = 'x'
		}
		c.Secret = string(secret)
		return c, true
	}
	return c, false
}

// NearMiss is a credential that proves nothing and comes near to one that does.
type NearMiss struct {
	How string // from a small fixed set
	Credential
}

// NearMisses are credentials with a secret that a careless comparison takes for the right
// one; none for those that show no secret.
func (c Credential) NearMisses() []NearMiss {
	if c.Method != AuthBasic && c.Method != AuthPost || c.Secret == "" {
		return nil
	}
	var all []NearMiss
	add := func(how, secret string) {
		if secret != c.Secret {
			near := c
			near.Secret = secret
			all = append(all, NearMiss{how, near})
		}
	}
	add("a secret in other case", strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, c.Secret))
	add("an empty secret", "")
	if len(c.Secret) < hashed {
		add("a secret with a character appended", c.Secret+"x")
	}
	return all
}

// WrongOtherwise is Wrong, shown by the other of the two methods that show a secret: a server that guards one
// of them may forget the other. ok is false for credentials without a secret.
func (c Credential) WrongOtherwise() (wrong Credential, ok bool) {
	if c.Secret == "" {
		return Credential{}, false
	}
	switch c.Method {
	case AuthBasic:
		c.Method = AuthPost
	case AuthPost:
		c.Method = AuthBasic
	default:
		return Credential{}, false
	}
	return c.Wrong()
}
