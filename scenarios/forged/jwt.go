package forged

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// forgeJWT makes near misses of a signed JWT; none of what is no JWT.
func forgeJWT(token string) []Tampered {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	header, payload, signature := decode(parts[0]), decode(parts[1]), decode(parts[2])
	var members map[string]any
	if json.Unmarshal(header, &members) != nil || len(payload) == 0 || len(signature) == 0 {
		return nil
	}
	signature[len(signature)/2] ^= 1
	all := []Tampered{
		{"signature flipped", parts[0] + "." + parts[1] + "." + encode(signature)},
		{"signature left out", parts[0] + "." + parts[1] + "."},
		// Readers of ECDSA once took r = s = 0 for right (CVE-2022-21449).
		{"signature of zeros", parts[0] + "." + parts[1] + "." + encode(make([]byte, len(signature)))},
		{"alg none over its claims", unsigned(members, "none") + "." + parts[1] + "."},
		{"alg none in mixed case", unsigned(members, "nOnE") + "." + parts[1] + "."},
	}
	if other := resigned(members, payload, false); other != "" {
		all = append(all, Tampered{"signed by another key", other})
	}
	if unknown := resigned(renamed(members), payload, false); unknown != "" {
		all = append(all, Tampered{"signed by another key of another name", unknown})
	}
	if own := resigned(members, payload, true); own != "" {
		all = append(all, Tampered{"signed by a key in its own header", own})
	}
	return all
}

// renamed is a header with a key id that no published key has.
func renamed(members map[string]any) map[string]any {
	other := maps.Clone(members)
	other["kid"] = "oauthbench-unknown"
	return other
}

// Confuse makes of a signed JWT one that takes the server's public key for a shared secret:
// a reader that lets the header choose between RS256 and HS256 believes it. false for what is
// no JWT.
func Confuse(token string, publicKey []byte) (near Tampered, ok bool) {
	parts := strings.Split(token, ".")
	var members map[string]any
	if len(parts) != 3 || json.Unmarshal(decode(parts[0]), &members) != nil {
		return near, false
	}
	signed := sign(jose.HS256, publicKey, members, decode(parts[1]), false)
	return Tampered{"HS256 with the public key as its secret", signed}, signed != ""
}

func decode(part string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil
	}
	return b
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// unsigned is the header of an unsecured JWS (RFC 7515 appendix A.5), otherwise as it was.
func unsigned(members map[string]any, none string) string {
	header := map[string]any{"alg": none}
	if typ, ok := members["typ"]; ok {
		header["typ"] = typ
	}
	text, err := json.Marshal(header)
	if err != nil {
		panic("a header of strings cannot be encoded: " + err.Error())
	}
	return encode(text)
}

// resigned signs the claims with a key of our own under the algorithm and the key id of
// the token, and shows the key in the header when it is embedded; "" for algorithms that have
// no public key.
func resigned(members map[string]any, payload []byte, embedded bool) string {
	alg, _ := members["alg"].(string)
	key := otherKey(alg)
	if key == nil {
		return ""
	}
	return sign(jose.SignatureAlgorithm(alg), key, members, payload, embedded)
}

// sign signs claims under a header that is otherwise as it was; "" when that cannot be.
func sign(alg jose.SignatureAlgorithm, key any, members map[string]any, payload []byte, embedded bool) string {
	options := &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{}, EmbedJWK: embedded}
	for _, name := range []string{"kid", "typ"} {
		if text, ok := members[name].(string); ok {
			options.ExtraHeaders[jose.HeaderKey(name)] = text
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		return ""
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return ""
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		return ""
	}
	return text
}

// otherKey is a key for an algorithm that no server publishes; nil for none.
func otherKey(alg string) any {
	switch jose.SignatureAlgorithm(alg) {
	case jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512:
		return rsaKey()
	case jose.ES256:
		return ecKeys[0]()
	case jose.ES384:
		return ecKeys[1]()
	case jose.ES512:
		return ecKeys[2]()
	case jose.EdDSA:
		return edKey()
	}
	return nil
}

// Keys are made once, when they are first needed.
var (
	rsaKey = sync.OnceValue(func() any { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	edKey  = sync.OnceValue(func() any {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return must(private, err)
	})
	ecKeys = [...]func() any{ecKey(elliptic.P256()), ecKey(elliptic.P384()), ecKey(elliptic.P521())}
)

func ecKey(curve elliptic.Curve) func() any {
	return sync.OnceValue(func() any { return must(ecdsa.GenerateKey(curve, rand.Reader)) })
}

func must[K any](key K, err error) any {
	if err != nil {
		panic("the system gives no randomness: " + err.Error())
	}
	return key
}

// Tampered is a near miss of a token.
type Tampered struct {
	How   string // from a small fixed set, such as "last character changed"
	Token string
}
