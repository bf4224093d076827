package authserver

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// facts are what a stranger sees of a server, each found out with tokens of its own, so
// that none depends on another. A planted fault must change those that it is about, and
// no other.
func (f *fixture) facts() map[string]string {
	c, other := f.register(oauth.AuthBasic, 0), f.register(oauth.AuthBasic, 0)
	wrong, none := c, oauth.Credential{Method: oauth.AuthNone, ClientID: c.ClientID}
	wrong.Secret += "x"
	jwt := f.server.settings.Tokens == settings.TokensJWT
	found := map[string]string{}
	say := func(name string, a answer) { found[name] = fmt.Sprintf("%d %s", a.status, oauth.ParseError(a.body)) }
	form := func(address string, form url.Values) answer {
		return f.send(oauth.Request{Method: http.MethodPost, URL: address, Body: []byte(form.Encode()),
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	}
	// introspect says how introspection answers of a token that the resource server has.
	introspect := func(name, value string) {
		a := f.send(oauth.Introspect(f.endpoints.Introspection, f.resource(), value))
		var body struct{ Active bool }
		if a.status == http.StatusOK {
			f.decode(a, &body)
		}
		found[name] = fmt.Sprintf("%d active %t", a.status, body.Active)
	}
	fresh := func() string { return f.token(c, "read write").AccessToken }

	for who, credential := range map[string]oauth.Credential{"right": c, "wrong secret": wrong, "no secret": none} {
		say("token, "+who, f.send(oauth.ClientCredentials(f.endpoints.Token, credential, "read")))
		say("introspect, "+who, f.send(oauth.Introspect(f.endpoints.Introspection, credential, fresh())))
		say("revoke, "+who, f.send(oauth.Revoke(f.endpoints.Revocation, credential, fresh(), "")))
	}
	say("introspect, wrong bearer",
		f.send(oauth.Introspect(f.endpoints.Introspection, oauth.Credential{Method: oauth.AuthBearer, Secret: "x"},
			fresh())))
	say("token, nobody", form(f.endpoints.Token, url.Values{"grant_type": {"client_credentials"}}))
	say("introspect, nobody", form(f.endpoints.Introspection, url.Values{"token": {fresh()}}))
	say("revoke, nobody", form(f.endpoints.Revocation, url.Values{"token": {fresh()}}))

	introspect("live", fresh())
	introspect("unknown", "x"+strings.Repeat("A", 42))
	introspect("malformed", "not a token")
	value := fresh()
	introspect("other case", swapCase(value))
	introspect("last character changed", value[:len(value)-1]+"!")
	introspect("cut", value[:len(value)-2])
	introspect("appended", value+"AA")
	introspect("first character changed", "!"+value[1:])
	if jwt {
		introspect("signed by another", f.forged(fresh()))
	}

	controls := []string{fresh(), f.session(c, "read offline_access").AccessToken}
	foreign, value := fresh(), fresh()
	f.send(oauth.Revoke(f.endpoints.Revocation, other, foreign, ""))
	introspect("revoked by another client", foreign)
	f.send(oauth.Revoke(f.endpoints.Revocation, c, value, ""))
	introspect("revoked", value)
	introspect("beside the revoked one", controls[0])
	introspect("a session beside it", controls[1])
	introspect("of another client beside it", f.token(other, "read").AccessToken)
	return found
}

// forged is a JWT with the claims of value, signed by a key that is not the server's.
func (f *fixture) forged(value string) string {
	f.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		f.Fatal(err)
	}
	claims, err := base64.RawURLEncoding.DecodeString(strings.Split(value, ".")[1])
	if err != nil {
		f.Fatal(err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		f.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		f.Fatal(err)
	}
	return text
}

// swapCase turns the case of every letter.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ToUpper(string(r)) == string(r) {
			return []rune(strings.ToLower(string(r)))[0]
		}
		return []rune(strings.ToUpper(string(r)))[0]
	}, s)
}

// Each planted fault changes the facts that it is about, and no other.
func TestFaultsChangeWhatTheyAreAbout(t *testing.T) {
	const refused = "401 invalid_client"
	right := map[string]string{
		"token, right": "200 ", "introspect, right": "200 ", "revoke, right": "200 ",
		"token, wrong secret": refused, "introspect, wrong secret": refused, "revoke, wrong secret": refused,
		"token, no secret": refused, "introspect, no secret": refused, "revoke, no secret": refused,
		"token, nobody": refused, "introspect, nobody": refused, "revoke, nobody": refused,
		"introspect, wrong bearer": refused,
		"live":                     "200 active true", "unknown": "200 active false", "malformed": "200 active false",
		"other case":             "200 active false",
		"last character changed": "200 active false", "cut": "200 active false", "appended": "200 active false",
		"first character changed": "200 active false", "signed by another": "200 active false",
		"revoked by another client": "200 active true", "revoked": "200 active false",
		"beside the revoked one": "200 active true",
		"a session beside it":    "200 active true", "of another client beside it": "200 active true",
	}
	for _, test := range []struct {
		query   string
		changed map[string]string
	}{
		{"", nil},
		{"fault.anyauth=on", map[string]string{
			"token, wrong secret": "200 ", "introspect, wrong secret": "200 ", "revoke, wrong secret": "200 ",
			"introspect, wrong bearer": "200 "}},
		{"fault.anyauth=on@token", map[string]string{"token, wrong secret": "200 "}},
		{"fault.anyauth=on@introspect",
			map[string]string{"introspect, wrong secret": "200 ", "introspect, wrong bearer": "200 "}},
		{"fault.anyauth=on@revoke", map[string]string{"revoke, wrong secret": "200 "}},
		{"fault.noauth=on@token", map[string]string{"token, no secret": "200 "}},
		{"fault.noauth=on@introspect",
			map[string]string{"introspect, no secret": "200 ", "introspect, nobody": "200 "}},
		{"fault.noauth=on@revoke", map[string]string{"revoke, no secret": "200 ", "revoke, nobody": "200 "}},
		{"fault.forged=on", map[string]string{"signed by another": "200 active true",
			"first character changed": "200 active true", "last character changed": "200 active true",
			"cut": "200 active true", "appended": "200 active true"}},
		{"fault.casefold=on", map[string]string{"other case": "200 active true"}},
		{"fault.prefix=on", map[string]string{"last character changed": "200 active true", "cut": "200 active true",
			"appended": "200 active true"}},
		{"fault.inactive=1", map[string]string{"live": "200 active false",
			"revoked by another client": "200 active false",
			"beside the revoked one":    "200 active false", "a session beside it": "200 active false",
			"of another client beside it": "200 active false"}},
		{"fault.killall=on", map[string]string{"beside the revoked one": "200 active false",
			"a session beside it": "200 active false"}},
		{"fault.wrong_client=on", map[string]string{"revoked by another client": "200 active false"}},
		{"fault.inactive_400=on", map[string]string{"unknown": "400 active false", "malformed": "400 active false",
			"other case":             "400 active false",
			"last character changed": "400 active false", "cut": "400 active false", "appended": "400 active false",
			"first character changed": "400 active false", "signed by another": "400 active false",
			"revoked": "400 active false"}},
		{"fault.malformed_400=on", map[string]string{"malformed": "400 active false",
			"first character changed": "400 active false",
			"last character changed":  "400 active false"}},
	} {
		for _, kind := range []string{settings.TokensOpaque, settings.TokensJWT} {
			for _, version := range settings.Versions() {
				t.Run(strings.Join([]string{test.query, kind, version}, "/"), func(t *testing.T) {
					f := open(t, quick(t, version, test.query+"&tokens="+kind))
					got, want := f.facts(), maps.Clone(right)
					maps.Copy(want, test.changed)
					f.wantFacts(got, want, test.query == "fault.forged=on" && kind == settings.TokensOpaque, right)
				})
			}
		}
	}
}

// wantFacts compares facts. A fault that is only of JWTs leaves what is right for others.
func (f *fixture) wantFacts(got, want map[string]string, unstruck bool, right map[string]string) {
	f.Helper()
	if unstruck {
		want = right
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		// Swapping the case of a JWT or JWE breaks its form, too.
		if (name == "other case" || name == "cut" || name == "appended") && f.server.lapses.Malformed("not a token") {
			continue
		}
		if got[name] != want[name] {
			f.Errorf("%s: %q; want %q", name, got[name], want[name])
		}
	}
}

func TestJWTsUnsupported(t *testing.T) {
	faulty(t, "fault.jwt_unsupported=on&tokens=jwt", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		session := f.session(c, "read openid offline_access")
		for what, r := range map[string]oauth.Request{
			"introspect": oauth.Introspect(f.endpoints.Introspection, f.resource(), session.AccessToken),
			"revoke":     oauth.Revoke(f.endpoints.Revocation, c, session.AccessToken, ""),
		} {
			f.refused(what, f.send(r), http.StatusBadRequest, "unsupported_token_type")
		}
		if a := f.userinfo("Bearer", session.AccessToken, ""); a.status != http.StatusOK {
			f.Errorf("userinfo with a token whose revocation was refused = %s; want it still good", a)
		}
		f.wantActive("the refresh token beside it", session.RefreshToken, true)
		f.revoke(c, session.RefreshToken, "")
		f.wantActive("the refresh token, revoked", session.RefreshToken, false)
	})
}
