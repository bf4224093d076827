package authserver

import (
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

func TestHashers(t *testing.T) {
	for _, query := range []string{"hasher=bcrypt&bcrypt_cost=5", "hasher=pbkdf2&pbkdf2_rounds=1000"} {
		s := quick(t, settings.V1, query)
		hash, err := hashSecret(s, "secret")
		if err != nil {
			t.Fatal(err)
		}
		if err := verifySecret(hash, "secret"); err != nil {
			t.Errorf("%s: verify = %v; want nil", query, err)
		}
		if err := verifySecret(hash, "Secret"); err != errWrongSecret {
			t.Errorf("%s: verify a wrong secret = %v; want errWrongSecret", query, err)
		}
		if again, _ := hashSecret(s, "secret"); again == hash {
			t.Errorf("%s: two hashes of one secret are equal; want a salt", query)
		}
	}
	for what, hash := range map[string]string{
		"empty, of a public client": "",
		"unknown":                   "$argon2id$x",
		"cut off":                   "$pbkdf2-sha256$i=1$",
		"no rounds":                 "$pbkdf2-sha256$l=1$AA$AA",
		"not base64":                "$pbkdf2-sha256$i=1$??$AA",
		"no key":                    "$pbkdf2-sha256$i=1$AA$",
	} {
		if err := verifySecret(hash, ""); err == nil || err == errWrongSecret {
			t.Errorf("verify with a hash that is %s = %v; want an error", what, err)
		}
	}
}
