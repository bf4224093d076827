package oauth

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
		// BCrypt looks at the first 72 bytes only, and of a JWT the head says how to read it.
		secret, at := []byte(c.Secret), 0
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
