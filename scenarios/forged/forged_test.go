package forged

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	mathrand "math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// lenient decodes as readers do that ignore unused bits and a character too many.
func lenient(part string) string {
	if len(part)%4 == 1 {
		part = part[:len(part)-1]
	}
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return "no Base64: " + part
	}
	return string(b)
}

// Whatever the length of a token, a near miss stands for other bytes, also to a reader
// that ignores unused bits.
func TestNearMissesStandForOtherBytes(t *testing.T) {
	for n := 1; n < 100; n++ {
		for range 20 {
			random := make([]byte, n)
			rand.Read(random)
			token := base64.RawURLEncoding.EncodeToString(random)
			for _, near := range Tamper(token) {
				if lenient(near.Token) == lenient(token) {
					t.Fatalf("%s: %q and %q are the same bytes", near.How, token, near.Token)
				}
			}
		}
	}
}

// A token of one case may be read in either case, so its case is left alone.
func TestCaseIsSwappedWhereItMatters(t *testing.T) {
	for token, swapped := range map[string]bool{
		hex.EncodeToString([]byte("sixteen bytes ok")): false,
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8":         false,
		rand.Text():                                    false,
		"ory_at_aBcDeFgHiJkLmNoPqRsTuVwX":              true,
	} {
		got := false
		for _, near := range Tamper(token) {
			got = got || near.How == "case swapped"
		}
		if got != swapped {
			t.Errorf("case of %s swapped: %v; want %v", token, got, swapped)
		}
	}
}

// Of a JWT there are forgeries with its claims that its key did not sign.
func TestForgedJWTs(t *testing.T) {
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.PS384, jose.ES256, jose.ES384, jose.ES512,
		jose.EdDSA} {
		token := resigned(map[string]any{"alg": string(alg), "kid": "1", "typ": "at+jwt"}, []byte(`{"sub":"me"}`),
			false)
		token = token[:len(token)-4] + "AAAA" // by yet another key, as it were
		forgeries := map[string]string{}
		for _, near := range forgeJWT(token) {
			forgeries[near.How] = near.Token
		}
		if len(forgeries) != 8 {
			t.Fatalf("%s: %v; want 8 forgeries", alg, forgeries)
		}
		confused, ok := Confuse(token, []byte("-----BEGIN PUBLIC KEY-----\nas published\n-----END PUBLIC KEY-----\n"))
		forgeries[confused.How] = confused.Token
		if !ok {
			t.Errorf("%s: nothing is signed with HS256", alg)
		}
		claims := strings.Split(token, ".")[1]
		for how, forgery := range forgeries {
			if parts := strings.Split(forgery, "."); len(parts) != 3 || parts[1] != claims || forgery == token {
				t.Errorf("%s: %s is %s of %s", alg, how, forgery, token)
			}
		}
		signed, err := jose.ParseSigned(forgeries["signed by another key"], []jose.SignatureAlgorithm{alg})
		if err != nil || signed.Signatures[0].Header.KeyID != "1" {
			t.Errorf("%s: signed by another key: %v", alg, err)
		}
	}
	if _, ok := Confuse("a.b.c", []byte("key")); ok {
		t.Error("no JWT was signed with HS256")
	}
	if got := forgeJWT("a.b.c"); got != nil {
		t.Errorf("forgeries of no JWT: %v", got)
	}
}

func TestUnknownTokensDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, token := range Unknown(100) {
		if seen[token] || len(token) != 43 {
			t.Fatalf("%q again, or of another length", token)
		}
		seen[token] = true
	}
}

// Tokens in the form of others have all that those have alike, and are none of them.
func TestTokensAlike(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	some := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789abcdef"[random.IntN(16)]
		}
		return string(b)
	}
	for name, c := range map[string]struct {
		one  func() string
		form string // "" where it cannot be told
	}{
		"UUIDs": {func() string { return some(8) + "-" + some(4) + "-4" + some(3) + "-" + some(4) + "-" + some(12) },
			`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`},
		"a prefix": {func() string { return "ory_at_" + some(43) + "." + some(43) },
			`^ory_at_[0-9a-f]{43}\.[0-9a-f]{43}$`},
		"other lengths, too": {func() string { return some(32 + random.IntN(8)/7) }, `^[0-9a-f]{32}$`},
		"short":              {func() string { return "token-" + some(6) }, ""},
		"encrypted": {func() string {
			return "eyJhbGciOiJkaXIifQ.." + some(16) + "." + some(64) + "." + some(22)
		}, ""},
		"all the same": {func() string { return strings.Repeat("a", 43) }, ""},
	} {
		issued := make([]string, 100)
		for i := range issued {
			issued[i] = c.one()
		}
		tokens, ok := Alike(issued, 25)
		if ok != (c.form != "") || ok && len(tokens) != 25 {
			t.Errorf("%s: %d tokens, %v", name, len(tokens), ok)
			continue
		}
		seen := map[string]bool{}
		for _, token := range tokens {
			if !regexp.MustCompile(c.form).MatchString(token) || slices.Contains(issued, token) || seen[token] {
				t.Errorf("%s: %q of another form, issued, or there already", name, token)
			}
			seen[token] = true
		}
	}
	if tokens, ok := Alike([]string{some(64), some(64)}, 1); ok {
		t.Errorf("two tokens tell a form: %q", tokens)
	}
	if tokens, ok := Alike(nil, 1); ok {
		t.Errorf("no token tells a form: %q", tokens)
	}
}
