package authserver

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthbench/oauthbench/internal/authserver/store"
)

// keys are the secrets of one deployment. They live in its database, so that tokens
// outlive a restart and an upgrade.
type keys struct {
	signing    *rsa.PrivateKey // RS256, which RFC 9068 section 4 and OpenID Connect ask of every server
	signingID  string
	encryption [32]byte // of opaque access tokens and authorization codes
	resource   string   // bearer token of the resource server, RFC 7662 section 2.1
}

const signingBits = 2048

// loadKeys reads the keys, and makes those that are missing.
func loadKeys(ctx context.Context, d *store.Database) (keys, error) {
	der, err := loadKey(ctx, d, "signing", func() ([]byte, error) {
		key, err := rsa.GenerateKey(rand.Reader, signingBits)
		if err != nil {
			return nil, err
		}
		return x509.MarshalPKCS1PrivateKey(key), nil
	})
	if err != nil {
		return keys{}, err
	}
	encryption, err := loadKey(ctx, d, "encryption", func() ([]byte, error) {
		key := make([]byte, 32)
		_, err := rand.Read(key)
		return key, err
	})
	if err != nil {
		return keys{}, err
	}
	var k keys
	if k.signing, err = x509.ParsePKCS1PrivateKey(der); err != nil {
		return keys{}, fmt.Errorf("signing key: %w", err)
	}
	if copy(k.encryption[:], encryption) != len(k.encryption) {
		return keys{}, fmt.Errorf("encryption key has %d bytes, want %d", len(encryption), len(k.encryption))
	}
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&k.signing.PublicKey))
	k.signingID = base64.RawURLEncoding.EncodeToString(sum[:12])
	mac := hmac.New(sha256.New, encryption)
	mac.Write([]byte("resource server"))
	k.resource = base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	return k, nil
}

func loadKey(ctx context.Context, d *store.Database, name string, generate func() ([]byte, error)) ([]byte, error) {
	var text string
	err := d.Write.QueryRowContext(ctx, d.Bind(`SELECT value FROM deployment_keys WHERE name = ?`), name).Scan(&text)
	if err == nil {
		return base64.StdEncoding.DecodeString(text)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%s key: %w", name, err)
	}
	value, err := generate()
	if err != nil {
		return nil, fmt.Errorf("%s key: %w", name, err)
	}
	text = base64.StdEncoding.EncodeToString(value)
	if _, err := d.Write.ExecContext(ctx, d.Bind(`INSERT INTO deployment_keys (name, value) VALUES (?, ?)`), name,
		text); err != nil {
		return nil, fmt.Errorf("%s key: %w", name, err)
	}
	return value, nil
}

// signingKey and publicKey are the two halves as op wants to see them.
type signingKey struct{ keys }

func (k signingKey) ID() string                                  { return k.signingID }
func (k signingKey) Key() any                                    { return k.signing }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

type publicKey struct{ keys }

func (k publicKey) ID() string                         { return k.signingID }
func (k publicKey) Key() any                           { return &k.signing.PublicKey }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
