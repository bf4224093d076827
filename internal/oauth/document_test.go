package oauth

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	strict "github.com/go-jose/go-jose/v4/json" // minds case and refuses a name that is given twice
)

// Answers as servers send them say what they mean; what is odd is noted, once, and
// without its value.
func TestOddAnswersAreRead(t *testing.T) {
	const right = `"access_token":"s3cret","token_type":"Bearer"`
	const number, text, list = "(RFC 6749 section 5.1: a number)", "not a string (RFC 6749 section 5.1)",
		"RFC 7662 section 2.2"
	token := func(more string) string { return "{" + right + more + "}" }
	for _, c := range []struct {
		body, want string
		seconds    int64
		scope      string
	}{
		{token(`,"expires_in":3599,"scope":"a b"`), "", 3599, "a b"},
		{token(`,"expires_in":null,"scope":null,"refresh_token":null`), "", 0, ""},
		{token(`,"expires_in":"3599"`), "expires_in is a string " + number, 3599, ""},
		{token(`,"expires_in":"3599.9"`), "expires_in is a string " + number, 3599, ""},
		{token(`,"expires_in":3600.0`), "expires_in has a fraction " + number, 3600, ""},
		{token(`,"expires_in":3.6e3`), "expires_in is written with an exponent " + number, 3600, ""},
		{token(`,"expires_in":99999999999999999999`), "expires_in is beyond 64 bits " + number, 1 << 62, ""},
		{token(`,"expires_in":"s3cret"`), "expires_in is a string that is no number, and was left out " + number, 0,
			""},
		{token(`,"expires_in":[3600]`), "expires_in is a list, and was left out " + number, 0, ""},
		{token(`,"scope":["a","b"]`), "scope is a list, " + text, 0, "a b"},
		{token(`,"scope":"a,b"`), "scope is separated by commas (RFC 6749 section 3.3: by spaces)", 0, "a b"},
		{token(`,"scope":"a, b"`), "scope is separated by commas (RFC 6749 section 3.3: by spaces)", 0, "a b"},
		{token(`,"scope":"a,b c"`), "", 0, "a,b c"},
		{token(`,"scope":[]`), "scope is a list, " + text, 0, ""},
		{token(`,"scope":["a",null,7]`),
			"scope is a list, " + text + ";scope is a list with null in it (RFC 6749 section 5.1: strings);scope is " +
				"a list with numbers in it (RFC 6749 section 5.1: strings)", 0, "a 7"},
		{token(`,"scope":7`), "scope is a number, " + text, 0, "7"},
		{token(`,"expires_in":60,"expires_in":60`), "expires_in is given twice", 60, ""},
		{"\xef\xbb\xbf" + token(""), "the answer begins with a byte order mark (RFC 8259 section 8.1: without)", 0, ""},
		{" \r\n" + token("") + "\n", "", 0, ""},
		{packed(gzipped, token(`,"expires_in":5`)), "the answer is compressed with gzip, which was not asked for", 5,
			""},
		{packed(deflated, token(`,"expires_in":5`)), "the answer is compressed with deflate, which was not asked for",
			5, ""},
		{packed(inflated, token(`,"expires_in":5`)), "the answer is compressed with deflate, which was not asked for",
			5, ""},
	} {
		got, err := ParseToken([]byte(c.body))
		if odd := strings.Join(got.Odd, ";"); err != nil || got.AccessToken != "s3cret" || got.ExpiresIn != c.seconds ||
			got.Scope != c.scope || odd != c.want {
			t.Errorf("%q: %+v, %v; want %d s, scope %q and %q", c.body, got, err, c.seconds, c.scope, c.want)
		}
	}
	signed := "eyJhbGciOiJSUzI1NiJ9." +
		base64.RawURLEncoding.EncodeToString(
			[]byte(`{"iss":"as","aud":"rs","token_introspection":{"active":true,"exp":7}}`)) + ".c2ln"
	for body, want := range map[string]Introspection{
		`{"active":true,"exp":1796870496.546935,"client_id":12,"sub":7,"aud":"a"}`: {Active: true, Exp: 1796870496,
			ClientID: "12", Subject: "7", Audience: Audience{"a"}, Odd: Oddities{
				"client_id is a number, not a string (" + list + ")", "exp has a fraction (" + list + ": an integer)",
				"sub is a number, not a string (" + list + ")"}},
		`{"active":true,"aud":["a","b"],"scope":["read","write"]}`: {Active: true, Audience: Audience{"a", "b"},
			Scope: "read write", Odd: Oddities{"scope is a list, not a string (" + list + ")"}},
		// When it was issued decides nothing.
		`{"active":true,"iat":"2026-01-01T00:00:00Z"}`: {Active: true, Odd: Oddities{
			"iat is a string that is no number, and was left out (" + list + ": a number)"}},
		// What an inactive token was is nobody's business.
		`{"active":false,"exp":true}`: {},
		signed: {Active: true, Exp: 7,
			Odd: Oddities{"the answer is a signed JWT (RFC 9701), whose signature was not checked"}},
	} {
		if got, err := ParseIntrospection([]byte(body)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", body, got, err, want)
		}
	}
	m, err := ParseMetadata([]byte(
		`{"issuer":"https://as","token_endpoint":"https://as/t","userinfo_endpoint":null,
		"device_authorization_endpoint":false,"grant_types_supported":"a b",
		"token_endpoint_auth_methods_supported":true,"dpop_signing_alg_values_supported":["ES256",7]}`))
	if err != nil || !slices.Equal(m.Grants, []string{"a", "b"}) || m.AuthMethods != nil ||
		!slices.Equal(m.ProofAlgs, []string{"ES256"}) || len(m.Odd) != 4 {
		t.Errorf("metadata: %+v, %v", m, err)
	}
}

func gzipped(w io.Writer) io.WriteCloser  { return gzip.NewWriter(w) }
func deflated(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }

// inflated is what some servers call deflate: without the header that it has by its name.
func inflated(w io.Writer) io.WriteCloser {
	packer, err := flate.NewWriter(w, flate.DefaultCompression)
	if err != nil {
		panic(err)
	}
	return packer
}

func packed(with func(io.Writer) io.WriteCloser, text string) string {
	var b bytes.Buffer
	w := with(&b)
	if _, err := io.WriteString(w, text); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// A few kilobytes that unpack to gigabytes are refused.
func TestBombsAreRefused(t *testing.T) {
	_, err := ParseToken([]byte(packed(gzipped, strings.Repeat(" ", 4*unpackedLimit))))
	if err == nil || !strings.Contains(err.Error(), "cannot be unpacked") {
		t.Errorf("%v; want a refusal", err)
	}
}

// Errors are read in the forms in which servers tell of them.
func TestRefusalsAreRead(t *testing.T) {
	for body, want := range map[string]Refusal{
		`{"error":"invalid_client","error_description":"no such client"}`: {"invalid_client", "no such client"},
		`{"error":{"code":"invalid_scope","message":"no such scope"}}`:    {"invalid_scope", "no such scope"},
		`{"title":"Too many","detail":"wait a minute"}`:                   {"", "wait a minute"},
		`{"error":7}`:                     {},
		`<html>`:                          {},
		"\xef\xbb\xbf" + `{"error":"e"}`:  {"e", ""},
		packed(gzipped, `{"error":"e"}`):  {"e", ""},
		`{"error":"e","error":"another"}`: {},
	} {
		if got := ParseRefusal([]byte(body)); got != want {
			t.Errorf("%q: %+v; want %+v", body, got, want)
		}
	}
}

// What a server says is shown on one line, cut, without control characters, and without
// what was sent to it or looks like a token.
func TestQuote(t *testing.T) {
	r := Introspect("http://as/i", Credential{Method: AuthBasic, ClientID: "id", Secret: "se/cret+1="}, "t0ken")
	for text, want := range map[string]string{
		"no such client":                            `"no such client"`,
		"a\nb\x1b[31m\u202e":                        `"a b\x1b[31m\u202e"`,
		"::error::x":                                `"::error::x"`,
		"secret se/cret+1= or se%2Fcret%2B1%3D":     `"secret *** or ***"`,
		"header " + r.Header.Get("Authorization"):   `"header Basic ***"`,
		"token t0ken unknown":                       `"token *** unknown"`,
		"trace 0123456789abcdef0123456789abcdef.":   `"trace ***"`,
		"unsupported_grant_type_client_credentials": `"unsupported_grant_type_client_credentials"`,
		"bad \xff byte":                             `"bad � byte"`,
	} {
		if got := Quote(text, r.Secrets()...); got != want {
			t.Errorf("%q: %s; want %s", text, got, want)
		}
	}
	if got := []rune(Quote(strings.Repeat("ä ", 500))); len(got) > quoteLimit+3 {
		t.Errorf("%d characters", len(got))
	}
}

// Times that no calendar has are taken for the nearest that one has.
func TestAt(t *testing.T) {
	if first, last := At(math.MinInt64), At(math.MaxInt64); !first.Before(At(0)) || !last.After(At(1e11)) ||
		last.Year() < 9999 {
		t.Errorf("%v, %v", first, last)
	}
}

// Whatever a strict reader accepts is read alike, with nothing odd about it; and what is
// read or refused never shows a value.
func FuzzTolerantReadsAlike(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"x","token_type":"bearer","expires_in":60,"scope":"a ` +
			`b","refresh_token":"y","more":{"a":[1,"}"]}}`,
		`{"access_token":"\u0041\n","token_type":"bearer","expires_in":-1}`, `{"active":true,"exp":7,"sub":"s"}`,
		`{"active":false}`,
		`{"a":[],"b":{},"c":"\\\"","access_token":"x","token_type":"b"}`, "\xef\xbb\xbf{}", `{"active":true,"exp":"7"}`,
		`[`, `{"scope":[1]}`,
		`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`, `{"issuer":"https://x","token_endpoint":7}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var token struct {
			AccessToken  string `json:"access_token"`
			TokenType    string `json:"token_type"`
			ExpiresIn    int64  `json:"expires_in"`
			RefreshToken string `json:"refresh_token"`
			Scope        string `json:"scope"`
			IssuedType   string `json:"issued_token_type"`
		}
		if strict.Unmarshal(body, &token) == nil && token.AccessToken != "" && token.TokenType != "" {
			got, err := ParseToken(body)
			want := Token{token.AccessToken, token.TokenType, token.ExpiresIn, token.RefreshToken, token.Scope,
				token.IssuedType, nil}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%q: %+v, %v; want %+v", body, got, err, want)
			}
		}
		var state struct {
			Active   *bool  `json:"active"`
			Exp      int64  `json:"exp"`
			ClientID string `json:"client_id"`
			Subject  string `json:"sub"`
			Wrapped  any    `json:"token_introspection"`
		}
		got, err := ParseIntrospection(body)
		if strict.Unmarshal(body, &state) == nil && state.Active != nil && state.Wrapped == nil && err == nil {
			if got.Active != *state.Active || got.Active &&
				(got.Exp != state.Exp || got.ClientID != state.ClientID || got.Subject != state.Subject) {
				t.Errorf("%q: %+v; want %+v", body, got, state)
			}
		}
		// These must not panic, whatever they are given.
		ParseKeys(body)
		ParseMetadata(body)
		ParseDevice(body)
		ParseUserinfo(body)
		ParseRefusal(body)
		ReadJWT("eyJ" + string(body))
		Quote(string(body), string(body))
	})
}
