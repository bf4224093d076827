package authserver

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// document reads a JSON object as it came over the wire, which may be compressed and
// begin with a byte order mark, and notes both.
func (f *fixture) document(name string, a answer, shapes map[string]string) map[string]any {
	f.Helper()
	body := a.body
	shapes[name+" encoding"] = a.header.Get("Content-Encoding")
	if a.header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			f.Fatal(err)
		}
		if body, err = io.ReadAll(r); err != nil {
			f.Fatal(err)
		}
	}
	rest, marked := bytes.CutPrefix(body, []byte("\xef\xbb\xbf"))
	shapes[name+" mark"] = fmt.Sprint(marked)
	var members map[string]any
	if err := json.Unmarshal(rest, &members); err != nil {
		f.Fatalf("%s = %s: %v", name, a, err)
	}
	shapes[name+" members"] = strings.Join(slices.Sorted(maps.Keys(members)), " ")
	return members
}

// shapes are how tokens and answers look, by names. Times are told from when the
// server issued them, to whole seconds.
func (f *fixture) shapes() map[string]string {
	shapes := map[string]string{}
	f.http.Transport.(*http.Transport).DisableCompression = true // it would hide that a body was packed
	c := f.register(oauth.AuthBasic, 0)
	begun := time.Now()
	a := f.rawToken(c, "read write")
	token := f.document("token", a, shapes)
	value, _ := token["access_token"].(string)
	for _, name := range []string{"token_type", "expires_in", "scope"} {
		shapes["token "+name] = fmt.Sprintf("%T %v", token[name], token[name])
	}
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		f.Fatal(err)
	}
	shapes["date"] = minutes(date.Sub(begun))
	header, claims := f.jwt(value)
	shapes["jwt header"] = strings.Join(slices.Sorted(maps.Keys(header)), " ")
	shapes["jwt key known"] = fmt.Sprint(f.signedByServer(value))
	shapes["jwt members"] = strings.Join(slices.Sorted(maps.Keys(claims)), " ")
	issued, _ := claims["iat"].(float64)
	shapes["jwt iat"] = minutes(time.Unix(int64(issued), 0).Sub(begun))
	shapes["jwt nbf"] = fmt.Sprint(claims["nbf"].(float64) - issued)
	expires := claims["exp"].(float64)
	_, fraction := math.Modf(expires)
	shapes["jwt exp"] = fmt.Sprintf("%s and %g", minutes(time.Unix(int64(expires), 0).Sub(time.Unix(int64(issued), 0))),
		fraction)
	shapes["jwt sub"] = fmt.Sprint(claims["sub"] == c.ClientID)
	second := f.document("again", f.rawToken(c, "read write"), map[string]string{})
	again, _ := second["access_token"].(string)
	shapes["token again"] = fmt.Sprint(again != value)
	_, claimsAgain := f.jwt(again)
	shapes["jwt jti again"] = fmt.Sprint(claimsAgain["jti"] != claims["jti"] || again == value)

	seen := f.document("introspect", f.send(oauth.Introspect(f.endpoints.Introspection, f.resource(), again)), shapes)
	shapes["introspect active"] = fmt.Sprint(seen["active"])
	shapes["introspect scope"] = fmt.Sprintf("%T %v", seen["scope"], seen["scope"])
	shapes["introspect iat"] = fmt.Sprintf("%T", seen["iat"])
	if expires, ok := seen["exp"].(float64); ok {
		_, fraction := math.Modf(expires)
		shapes["introspect exp"] = fmt.Sprintf("%s and %g",
			minutes(time.Duration((expires-issued)*float64(time.Second))), fraction)
	} else {
		shapes["introspect exp"] = fmt.Sprintf("%T", seen["exp"])
	}
	shapes["introspect sub"] = fmt.Sprint(seen["sub"] == c.ClientID)
	former := f.document("introspect former", f.send(oauth.Introspect(f.endpoints.Introspection, f.resource(), value)),
		map[string]string{})
	shapes["former active"] = fmt.Sprint(former["active"])
	return shapes
}

func (f *fixture) rawToken(c oauth.Credential, scope string) answer {
	f.Helper()
	return f.send(oauth.ClientCredentials(f.endpoints.Token, c, scope))
}

// minutes tells a duration by whole minutes, as all the faults here have them.
func minutes(d time.Duration) string { return d.Round(time.Minute).String() }

func (f *fixture) jwt(value string) (header, claims map[string]any) {
	f.Helper()
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(strings.Split(value, ".")[i])
		if err != nil {
			f.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			f.Fatal(err)
		}
	}
	return header, claims
}

// signedByServer tells whether a key of the key set has signed a JWT.
func (f *fixture) signedByServer(value string) bool {
	f.Helper()
	var set jose.JSONWebKeySet
	f.decode(f.get(f.endpoints.JWKS), &set)
	signed, err := jose.ParseSigned(value, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		f.Fatal(err)
	}
	for _, key := range set.Keys {
		if _, err := signed.Verify(key); err == nil && signed.Signatures[0].Header.KeyID == key.KeyID {
			return true
		}
	}
	return false
}

// Each planted fault changes the shapes that it is about, and no other.
func TestFaultsChangeTheirShapeOnly(t *testing.T) {
	for _, version := range settings.Versions() {
		clean := open(t, shaped(t, version, "")).shapes()
		for query, changed := range map[string]map[string]string{
			"fault.narrow_scope=1": {"token scope": "string read", "introspect scope": "string read"},
			"fault.wrong_scope=1": {"token scope": "string read write unasked",
				"introspect scope": "string read write unasked"},
			"fault.unknown_key=1": {"jwt key known": "false"},
			"fault.early_nbf=2m":  {"jwt nbf": "120"},
			"fault.short_exp=2m":  {"jwt exp": "2m0s and 0"},
			"fault.equal_jti=on": {"jwt jti again": "false",
				"jwt members": "aud client_id exp iat iss jti nbf nonce scope sub"},
			"fault.other_sub=1@token":       {"jwt sub": "false"},
			"fault.other_sub=1@introspect":  {"introspect sub": "false"},
			"fault.exp_fraction=on@token":   {"jwt exp": "1h0m0s and 0.5"},
			"fault.exp_fraction=on":         {"jwt exp": "1h0m0s and 0.5", "introspect exp": "1h0m0s and 0.5"},
			"fault.introspected_exp=late":   {"introspect exp": "8761h0m0s and 0"},
			"fault.number_strings=on@token": {"token expires_in": "string 3600"},
			"fault.number_strings=on": {"token expires_in": "string 3600", "introspect exp": "string",
				"introspect iat": "string"},
			"fault.scope_array=on": {"token scope": "[]interface {} [read write]",
				"introspect scope": "[]interface {} [read write]"},
			"fault.same_token=on":      {"token again": "false"},
			"fault.one_token=on":       {"former active": "false"},
			"fault.clock_skew=10m":     {"date": "10m0s", "jwt iat": "10m0s"},
			"fault.clock_skew=-10m":    {"date": "-10m0s", "jwt iat": "-10m0s"},
			"fault.bom=on@token":       {"token mark": "true"},
			"fault.gzip=on@introspect": {"introspect encoding": "gzip"},
		} {
			t.Run(version+"/"+query, func(t *testing.T) {
				got, want := open(t, shaped(t, version, query)).shapes(), maps.Clone(clean)
				maps.Copy(want, changed)
				for _, name := range slices.Sorted(maps.Keys(got)) {
					if got[name] != want[name] {
						t.Errorf("%s: %q; want %q", name, got[name], want[name])
					}
				}
			})
		}
	}
}

// shaped are settings of a server whose tokens can be looked into.
func shaped(t *testing.T, version, query string) settings.Settings {
	return quick(t, version, "tokens=jwt&"+query)
}

// Milliseconds are too many seconds for a duration.
func TestIntrospectionInMilliseconds(t *testing.T) {
	faulty(t, "fault.introspected_exp=ms", func(f *fixture) {
		token := f.token(f.register(oauth.AuthBasic, 0), "read")
		got := f.introspect(f.resource(), token.AccessToken)
		if seconds := float64(got.Exp) / 1000; math.Abs(seconds-float64(got.Iat)-3600) > 1 {
			f.Errorf("exp %d of a token issued at %d; want 3600 s later, in milliseconds", got.Exp, got.Iat)
		}
	})
}

// A token that is given again counts down, and is not given when it was revoked.
func TestSameTokenUntilItEnds(t *testing.T) {
	faulty(t, "fault.same_token=on", func(f *fixture) {
		c, other := f.register(oauth.AuthBasic, 0), f.register(oauth.AuthBasic, 0)
		first := f.token(c, "read")
		f.clock.advance(10 * time.Minute)
		again := f.token(c, "read")
		if again.AccessToken != first.AccessToken || again.ExpiresIn > 3000 {
			f.Errorf("after 10m: the same token %t, expires in %d; want the same for 50 minutes at most",
				again.AccessToken == first.AccessToken, again.ExpiresIn)
		}
		for what, token := range map[string]oauth.Token{"another client": f.token(other, "read"),
			"another scope": f.token(c, "write")} {
			if token.AccessToken == first.AccessToken {
				f.Errorf("%s got the same token", what)
			}
		}
		f.revoke(c, first.AccessToken, "")
		if f.token(c, "read").AccessToken == first.AccessToken {
			f.Error("a revoked token was given again")
		}
	})
}

// A share of JWTs is signed by the unknown key: some, not all, and the same ones again.
func TestUnknownKeyShare(t *testing.T) {
	const n = 200
	struck := func() (list []bool) {
		f := open(t, shaped(t, settings.V2, "fault.unknown_key=0.1"))
		c := f.register(oauth.AuthBasic, 0)
		for range n {
			list = append(list, !f.signedByServer(f.token(c, "read").AccessToken))
		}
		return list
	}
	first := struck()
	count := len(slices.DeleteFunc(slices.Clone(first), func(b bool) bool { return !b }))
	// Binomial: 20 with a standard deviation of 4.2; the seed makes it the same each time.
	if count < 5 || count > 40 || !slices.Equal(first, struck()) {
		t.Errorf("%d of %d JWTs by the unknown key; want about 20, the same ones each time", count, n)
	}
}
