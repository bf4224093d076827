package keycloak

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// A user logs in with the cookies of the login page, though they are for TLS alone, and is
// sent back with a code.
func TestAuthorize(t *testing.T) {
	f, a := startFake(t)
	ask := oauth.Authorization{ClientID: "c", RedirectURI: "http://127.0.0.1/callback", State: "s", Subject: "alice"}
	got, err := authorize(t.Context(), a, a.Browser(nil), ask)
	if err != nil || got.String() != "http://127.0.0.1/callback?code=c&state=s" {
		t.Errorf("authorize = %q, %v; want the callback with a code", got, err)
	}
	if f.name != "alice" || !strings.Contains(strings.Join(f.said, " "), "partialImport") {
		t.Errorf("%q logged in after %q; want alice, made by an import", f.name, f.said)
	}
	f.refuses = true
	if got, err := authorize(t.Context(), a, a.Browser(nil), ask); err == nil && got.Query().Has("code") {
		t.Errorf("a wrong password gave %q", got)
	}
}

// Whatever a user is called, it has a name at Keycloak that fits, always the same, and another
// than others'.
func TestLoginOf(t *testing.T) {
	seen := map[string]string{}
	for _, subject := range []string{"alice", "user-12", "user 12: sessions that are kept by everybody", "Alice", "al",
		"",
		"user 13: sessions that are kept by everybody", "0123456789012345678901234567890123456789"} {
		name := loginOf(subject)
		if name != loginOf(subject) || !plainName.MatchString(name) {
			t.Errorf("%q is called %q", subject, name)
		}
		if other, taken := seen[name]; taken {
			t.Errorf("%q and %q are both called %q", subject, other, name)
		}
		seen[name] = subject
	}
	if loginOf("alice") != "alice" {
		t.Errorf("alice is called %q", loginOf("alice"))
	}
}

// A device's user logs in and says yes, with the hidden field of the page that asks.
func TestApprove(t *testing.T) {
	f, a := startFake(t)
	ask := oauth.DeviceApproval{UserCode: "ABCD-EFGH", Subject: "bob"}
	if err := approve(t.Context(), a, a.Browser(nil), ask); err != nil || f.name != "bob" {
		t.Errorf("approve = %v by %q; want none by bob", err, f.name)
	}
	f.refuses = true
	if err := approve(t.Context(), a, a.Browser(nil), ask); err == nil {
		t.Error("a device was approved with a wrong password")
	}
}

// What browsers have is known again: a login, and a page that waits for its form.
func TestKeptLogins(t *testing.T) {
	f, a := startFake(t)
	k := keeper{}
	thing, err := k.beginLogin(t.Context(), a, a.Browser(nil), "carol")
	if err != nil {
		t.Fatal(err)
	}
	had, err := parseKept(thing)
	if err != nil {
		t.Fatal(err)
	}
	if good, err := k.loginGoesOn(t.Context(), a, a.Browser(nil), had.String()); err != nil || !good {
		t.Errorf("the login goes on: %v, %v; want that it does", good, err)
	}
	f.refuses = true
	if good, err := k.loginGoesOn(t.Context(), a, a.Browser(nil), had.String()); err != nil || good {
		t.Errorf("the login goes on: %v, %v; want that its page is shown anew", good, err)
	}
	if good, err := k.loginRemembered(t.Context(), a, a.Browser(nil), had.String()); err != nil || good {
		t.Errorf("the login is remembered: %v, %v; want that a form is shown", good, err)
	}
}

// What a user sends from the login page is one request, which is good with the page's cookies.
func TestSignIn(t *testing.T) {
	f, a := startFake(t)
	b := a.Browser(nil)
	r, err := signIn(t.Context(), a, b, oauth.Authorization{ClientID: "c", State: "s", Subject: "dave"})
	if err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string(r.Body))
	if err != nil || r.Method != http.MethodPost || f.name != "" {
		t.Fatalf("%s %s, %v; want what is sent, and that nobody has logged in yet", r.Method, r.Body, err)
	}
	if to, err := b.Submit(t.Context(), r.URL, form); err != nil || to.Query().Get("code") != "c" || f.name != "dave" {
		t.Errorf("sent to %v, %v, as %q; want the callback with a code, as dave", to, err, f.name)
	}
}

// Who asks about a token is its own client, another, or one that it names.
func TestPairsOfAskersAndIssuers(t *testing.T) {
	f, a := startFake(t)
	k := keeper{}
	for what, make := range map[string]func(context.Context, *stack.Access, *stack.Browser, string) (string, error){
		"own": k.makeOwn, "another": k.makeAnothers, "named": k.makeNamed,
	} {
		before := len(f.made["clients"])
		text, err := make(t.Context(), a, a.Browser(nil), "")
		if err != nil {
			t.Fatal(err)
		}
		had, err := parseKept(text)
		if err != nil {
			t.Fatal(err)
		}
		issuer := f.made["clients"][len(f.made["clients"])-1]
		names := strings.Contains(fmt.Sprint(issuer["protocolMappers"]), had.Asker) && had.Asker != ""
		if issuer["clientId"] != had.Client || (had.Asker == "") != (what == "own") || names != (what == "named") ||
			len(f.made["clients"])-before != map[bool]int{true: 1, false: 2}[what == "own"] {
			t.Errorf("%s: %+v, issued by %v", what, had, issuer)
		}
		if good, err := k.tokenAlive(t.Context(), a, nil, text); err != nil || !good {
			t.Errorf("%s: %v, %v", what, good, err)
		}
		if want := cmp.Or(had.Asker, had.Client); f.asker != want {
			t.Errorf("%s: %q asks; want %q", what, f.asker, want)
		}
	}
}

// A revocation that is written beneath a server is of the token's own id and end.
func TestBeneath(t *testing.T) {
	token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"jti":"trrtcc:1","exp":1900000000}`)) + ".x"
	script, arguments, err := beneath(token)
	if err != nil || !strings.Contains(script, "revoked_token") ||
		!slices.Equal(arguments, []any{"trrtcc:1", int64(1900000000)}) {
		t.Errorf("%q with %v, %v", script, arguments, err)
	}
	if _, _, err := beneath("opaque"); err == nil {
		t.Error("a token without an id was ended")
	}
}
