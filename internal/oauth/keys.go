package oauth

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Keys are a server's public keys (RFC 7517 section 5), as far as signatures can be
// checked with them.
type Keys struct {
	usable []jose.JSONWebKey
	// unusable are the ids of keys that are of kinds that are not known here or cannot be
	// read: whether they signed something cannot be told.
	unusable []string
	nameless bool // one of these has no id
	Private  bool // The set gives away a private or a symmetric key (RFC 7517 section 9.2).
	Odd      Oddities
}

// PEM are the keys as files have them (RFC 7468 section 13).
func (k Keys) PEM() [][]byte {
	var all [][]byte
	for _, key := range k.usable {
		if der, err := x509.MarshalPKIXPublicKey(key.Key); err == nil {
			all = append(all, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		}
	}
	return all
}

// ErrNoKeys is ParseKeys' error about an empty set.
var ErrNoKeys = errors.New("key set without keys")

// Usable is how many keys signatures can be checked with.
func (k Keys) Usable() int { return len(k.usable) }

// ParseKeys reads a JWK Set. It refuses an empty one. Private and symmetric keys, which no set
// may have, are left out and told. Keys that are of unknown kinds or cannot be read are left out, as
// section 5 would have it, and so are members that no signature needs: certificates
// beside a key are not our business.
func ParseKeys(body []byte) (Keys, error) {
	d := readDocument("key set", "RFC 7517 section 5", body, false)
	list := d.value("keys")
	if is := kindOf(list); is != kindList && is != kindNull {
		d.wrongKind("keys", is)
	}
	if d.refused != nil {
		return Keys{}, d.err()
	}
	var k Keys
	count := 0
	if list != nil {
		for _, raw := range elementsOf(list) {
			count++
			k.add(d, raw)
		}
	}
	if count == 0 {
		return Keys{}, ErrNoKeys
	}
	k.Odd = d.odd
	return k, nil
}

// needed are the members of a key that signatures are checked with (RFC 7517 section 4,
// RFC 7518 section 6, RFC 8037 section 2).
var needed = []string{"kty", "crv", "n", "e", "x", "y", "kid", "alg"}

// add takes one key of a set, or notes why not.
func (k *Keys) add(set *document, raw []byte) {
	if is := kindOf(raw); is != kindObject {
		set.note("keys is a list with " + string(is) + " in it, which was left out (RFC 7517 section 5: objects)")
		return
	}
	one := &document{what: "key", source: "RFC 7517 section 4", members: membersOf(raw)}
	// Private and symmetric keys have one of these, of whatever kind they are (RFC 7518
	// section 6, RFC 8037 section 2, and priv of post-quantum keys).
	for _, secret := range []string{"d", "k", "priv"} {
		if one.value(secret) != nil {
			k.Private = true
			return
		}
	}
	id := one.text("kid")
	if one.text("use") == "enc" {
		return
	}
	public := map[string]string{}
	for _, name := range needed {
		if value := one.text(name); value != "" {
			public[name] = value
		}
	}
	for _, number := range []string{"n", "e", "x", "y"} {
		if plain := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(public[number]); plain != public[number] {
			one.note(number + " of a key is not in base64url without padding (RFC 7518 section 2)")
			public[number] = plain
		}
	}
	set.odd = append(set.odd, slices.DeleteFunc(one.odd, func(o string) bool { return slices.Contains(set.odd, o) })...)
	var key jose.JSONWebKey
	if one.refused == nil && known(public["kty"], public["crv"]) {
		text, err := json.Marshal(public)
		if err == nil && json.Unmarshal(text, &key) == nil {
			k.usable = append(k.usable, key)
			return
		}
		set.note("a key cannot be read, and was left out (RFC 7517 section 5)")
	}
	if id == "" {
		k.nameless = true
	} else {
		k.unusable = append(k.unusable, id)
	}
}

// known tells whether signatures of a kind of key can be checked.
func known(kind, curve string) bool {
	switch kind {
	case "EC":
		return slices.Contains([]string{"P-256", "P-384", "P-521"}, curve)
	case "OKP":
		return curve == "Ed25519"
	default:
		return kind == "RSA"
	}
}

// fitting are the keys that may have signed with an algorithm: those with the id, all when
// none is named, and those without an id in any case. A set may be large.
func (k Keys) fitting(id string) []jose.JSONWebKey {
	if id == "" {
		return k.usable
	}
	var some []jose.JSONWebKey
	for _, key := range k.usable {
		if key.KeyID == id || key.KeyID == "" {
			some = append(some, key)
		}
	}
	return some
}

// opaque tells whether a key that cannot be used may be the one with this id.
func (k Keys) opaque(id string) bool {
	return k.nameless || slices.Contains(k.unusable, id) || id == "" && len(k.unusable) > 0
}

// signatures are the algorithms that access tokens may be signed with. None is for
// shared keys: a public key must never be taken for a secret.
var signatures = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}

// Errors of a JWT that no resource server would take.
var (
	ErrUnsigned   = errors.New("JWT without a signature (alg none)")
	ErrSignature  = errors.New("JWT that the server's keys did not sign")
	ErrUnknownKey = errors.New("JWT signed by a key that is not published")
)

// Unverified is why a signature could not be checked, "" when it was. All of it is the
// server's right, so that it convicts nobody.
type Unverified string

// The reasons, each from a small fixed set.
const (
	OtherAlgorithm Unverified = "its algorithm is for shared keys or not known here"
	NonceInHeader  Unverified = "a nonce in its header says that only its audience can check it"
	NoKey          Unverified = "no usable key is published for it"
	Extended       Unverified = "its header has extensions (crit) that are not known here"
)

// Verify checks the signature of a JWT (RFC 9068 section 4).
func (k Keys) Verify(j JWT) (Unverified, error) {
	switch {
	case strings.EqualFold(j.Algorithm, "none"):
		return "", ErrUnsigned
	case j.Nonce:
		return NonceInHeader, nil
	case j.Critical:
		return Extended, nil
	case !slices.Contains(signatures, jose.SignatureAlgorithm(j.Algorithm)):
		return OtherAlgorithm, nil
	case len(k.usable) == 0:
		return NoKey, nil
	}
	signed, err := jose.ParseSigned(j.token, signatures)
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrSignature, err)
	}
	fitting := k.fitting(j.KeyID)
	for _, key := range fitting {
		if _, err := signed.Verify(key); err == nil {
			return "", nil
		}
	}
	switch {
	case k.opaque(j.KeyID):
		return NoKey, nil
	case len(fitting) == 0:
		return "", ErrUnknownKey
	default:
		return "", ErrSignature
	}
}
