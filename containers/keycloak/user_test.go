package keycloak

import (
	"strings"
	"testing"

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
	had.Action = a.Issuer + had.Action // the fake's is relative, Keycloak's is not
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
