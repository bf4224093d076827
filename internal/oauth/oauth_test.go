package oauth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// RFC 6749 section 2.3.1: id and secret are form-encoded before Base64.
func TestBasicCredentialsAreFormEncoded(t *testing.T) {
	r := ClientCredentials("http://x/t", Credential{Method: AuthBasic, ClientID: "a:b", Secret: "c d&"}, "")
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("a%3Ab:c+d%26"))
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("Authorization %q; want %q", got, want)
	}
	if strings.Contains(string(r.Body), "secret") || strings.Contains(string(r.Body), "scope") {
		t.Errorf("body %q; want the grant alone", r.Body)
	}
}

func TestAnswersThatSayNothingAreRefused(t *testing.T) {
	for body, ok := range map[string]bool{
		`{"active":false}`: true, `{"active":true}`: true,
		`{}`: false, `{"active":null}`: false, `<html>`: false, ``: false, // RFC 7662 section 2.2 requires active
	} {
		if a, err := ParseIntrospection([]byte(body)); (err == nil) != ok || ok &&
			a.Active != strings.Contains(body, "true") {
			t.Errorf("introspection %q: %+v, %v", body, a, err)
		}
	}
	for body, ok := range map[string]bool{
		`{"access_token":"x","token_type":"bearer"}`: true,
		// RFC 6749 section 5.1
		`{"access_token":"x"}`: false, `{"token_type":"bearer"}`: false, `[]`: false,
	} {
		if _, err := ParseToken([]byte(body)); (err == nil) != ok {
			t.Errorf("token %q: %v", body, err)
		}
	}
}

// An answer that cannot be read may hold a token, and errors end in logs: they tell what
// is wrong with it and quote none of it.
func TestErrorsQuoteNoTokens(t *testing.T) {
	read := map[string]func([]byte) error{
		"token":      func(b []byte) error { _, err := ParseToken(b); return err },
		"introspect": func(b []byte) error { _, err := ParseIntrospection(b); return err },
		"device":     func(b []byte) error { _, err := ParseDevice(b); return err },
		"userinfo":   func(b []byte) error { _, err := ParseUserinfo(b); return err },
	}
	for _, c := range []struct{ reader, body, want string }{
		{"token", `{"access_token":7,"token_type":"bearer"}`, "token response in which access_token is a number"},
		{"token", `{"access_token":"s3cret","token_type":"bearer","scope":{"s3cret":1}}`,
			"token response in which scope is an object"},
		{"token", `{"access_token":"s3cret","token_type":"bearer","scope":[["s3cret"]]}`,
			"token response in which scope is a list with a list in it"},
		{"token", `{"access_token":"s3cret","access_token":"s3cret2","token_type":"b"}`,
			"token response in which access_token is given twice, with different values"},
		{"token", `access_token=s3cret&token_type=bearer`, "token response is not JSON"},
		{"token", `{"access_token":"s3cret","token_type":`, "token response is not JSON"},
		{"token", `"s3cret"`, "token response is no JSON object"},
		{"token", ``, "token response is empty"},
		{"token", `<html>Bad gateway</html>`, `token response is not JSON: "<html>Bad gateway</html>"`},
		{"token", "\x1f\x8b\x08s3cret", "token response is compressed with gzip and cannot be unpacked"},
		{"introspect", `{"active":"true","token":"s3cret"}`, "introspection response in which active is a string"},
		{"introspect", `{"active":true,"active":false}`,
			"introspection response in which active is given twice, with different values"},
		{"introspect", `{"Active":true}`, "introspection response without active"},
		{"introspect", `{"active":true,"exp":"s3cret"}`,
			"introspection response in which exp is a string that is no number"},
		{"introspect", `{"active":true,"exp":true}`, "introspection response in which exp is a boolean"},
		{"introspect", `{"active":true,"iss":["s3cret"]}`, "introspection response in which iss is a list"},
		{"introspect", `eyJh.s3cret!.x`, "introspection response is a JWT whose claims cannot be decoded"},
		{"device", `{"device_code":"s3cret","expires_in":"s3cret"}`,
			"device authorization response in which expires_in is a string that is no number"},
		{"userinfo", `s3cret.jwt.x`, "userinfo response is not JSON"},
	} {
		err := read[c.reader]([]byte(c.body))
		if err == nil || err.Error() != c.want || !errors.As(err, new(*Refused)) ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s %s: %v; want %s", c.reader, c.body, err, c.want)
		}
	}
}

// RFC 8414 section 3.3: metadata that speaks for another issuer must not be used.
func TestDiscoverRefusesAnotherIssuer(t *testing.T) {
	issuer := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":"http://x/t"}`, issuer)
	}))
	defer s.Close()
	issuer = s.URL
	if e, err := DiscoverMetadata(t.Context(), s.Client(), s.URL+"/"); err != nil || e.Token != "http://x/t" {
		t.Errorf("its own metadata: %+v, %v", e, err)
	}
	issuer = "https://mallory.example"
	if _, err := DiscoverMetadata(t.Context(), s.Client(), s.URL); err == nil ||
		!strings.Contains(err.Error(), "mallory") {
		t.Errorf("another's metadata: %v; want an error that names it", err)
	}
}

// A refresh token that says what it is is known as such, with the client whose it is.
func TestRefreshOf(t *testing.T) {
	jwt := func(claims string) string {
		return "eyJhbGciOiJIUzUxMiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	for token, want := range map[string]bool{
		jwt(`{"typ":"Refresh","azp":"c"}`): true, jwt(`{"typ":"Offline","azp":"c"}`): true,
		jwt(`{"typ":"Bearer","azp":"c"}`): false, jwt(`{}`): false, jwt(`no JSON`): false, "opaque": false,
		"eyJ.%%%.x": false,
	} {
		if client, is := RefreshOf(token); is != want || is && client != "c" {
			t.Errorf("%s is a refresh token of %q: %v; want %v", token, client, is, want)
		}
	}
}

// A hint is said in the request, and none is when there is none.
func TestIntrospectionHint(t *testing.T) {
	for _, hint := range [][]string{nil, {"refresh_token"}} {
		r := Introspect("https://as.example/introspect", Credential{}, "t", hint...)
		form, err := url.ParseQuery(string(r.Body))
		if err != nil || form.Get("token") != "t" || form.Get("token_type_hint") != strings.Join(hint, "") {
			t.Errorf("with the hint %q it asks %q, %v", hint, r.Body, err)
		}
	}
}
