package authserver

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// errWrongSecret says that a secret does not match its hash.
var errWrongSecret = errors.New("wrong client secret")

const pbkdf2Prefix = "$pbkdf2-sha256$"

// hashSecret hashes a client secret. The result names its algorithm and cost, so
// that verifySecret needs no settings: secrets hashed by v1 stay valid under v2.
func hashSecret(s settings.Settings, secret string) (string, error) {
	if s.Hasher == settings.HasherBCrypt {
		hash, err := bcrypt.GenerateFromPassword([]byte(secret), s.BCryptCost)
		return string(hash), err
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	key, err := pbkdf2.Key(sha256.New, secret, salt, s.PBKDF2Rounds, sha256.Size)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("%si=%d$%s$%s", pbkdf2Prefix, s.PBKDF2Rounds, b64.EncodeToString(salt), b64.EncodeToString(key)),
		nil
}

// verifySecret gives errWrongSecret when secret is not the one that was hashed, and
// another error when the hash itself cannot be read. It takes the time that the
// hash asks for.
func verifySecret(hash, secret string) error {
	if !strings.HasPrefix(hash, pbkdf2Prefix) {
		err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(secret))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return errWrongSecret
		}
		return err
	}
	var rounds int
	parts := strings.Split(strings.TrimPrefix(hash, pbkdf2Prefix), "$")
	if len(parts) != 3 {
		return fmt.Errorf("secret hash has %d parts, want 3", len(parts))
	}
	if _, err := fmt.Sscanf(parts[0], "i=%d", &rounds); err != nil {
		return fmt.Errorf("secret hash: rounds %q: %w", parts[0], err)
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[1])
	want, wantErr := base64.RawStdEncoding.DecodeString(parts[2])
	if err := errors.Join(saltErr, wantErr); err != nil {
		return fmt.Errorf("secret hash: %w", err)
	}
	got, err := pbkdf2.Key(sha256.New, secret, salt, rounds, len(want))
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(got, want) != 1 {
		return errWrongSecret
	}
	return nil
}

// randomToken is n random bytes, URL-safe.
func randomToken(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
