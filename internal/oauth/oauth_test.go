package oauth

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
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
		if a, err := ParseIntrospection([]byte(body)); (err == nil) != ok || ok && a.Active != strings.Contains(body, "true") {
			t.Errorf("introspection %q: %+v, %v", body, a, err)
		}
	}
	for body, ok := range map[string]bool{
		`{"access_token":"x","token_type":"bearer"}`: true,
		`{"access_token":"x"}`:                       false, `{"token_type":"bearer"}`: false, `[]`: false, // RFC 6749 section 5.1
	} {
		if _, err := ParseToken([]byte(body)); (err == nil) != ok {
			t.Errorf("token %q: %v", body, err)
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
	if e, err := Discover(t.Context(), s.Client(), s.URL+"/"); err != nil || e.Token != "http://x/t" {
		t.Errorf("its own metadata: %+v, %v", e, err)
	}
	issuer = "https://mallory.example"
	if _, err := Discover(t.Context(), s.Client(), s.URL); err == nil || !strings.Contains(err.Error(), "mallory") {
		t.Errorf("another's metadata: %v; want an error that names it", err)
	}
}
