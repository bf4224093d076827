package containers

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// fillTwice fills the database of a server, and once more: a second time must not collide with the
// first. The speed is logged, not tested: a shared machine cannot promise it.
func fillTwice(t *testing.T, s *Stack, target string) {
	t.Helper()
	d := Dataset{Clients: 1000, Tokens: 200_000, Revoked: 0.05}
	for range 2 {
		begin := time.Now()
		f, err := s.Fill(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d rows in %v, %.0f rows/s, %v in all; before %v, after %v",
			d, f.Written, f.Elapsed.Round(time.Millisecond), f.Rate(),
			time.Since(begin).Round(time.Millisecond), f.Before, f.After)
		least := d.Clients + d.Tokens
		if strings.HasPrefix(target, "keycloak:") { // It keeps tokens only when they are revoked.
			least = d.Clients + int64(float64(d.Tokens)*d.Revoked)
			if _, err := s.Fill(t.Context(), Dataset{Tokens: 10}); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("fill with tokens that no row keeps: error %v; want that there is no rule", err)
			}
		}
		if f.Written < least {
			t.Errorf("%d rows were written; want at least %d", f.Written, least)
		}
	}
}

// findConsents fills in what users agreed to before, and has some return from the login page: the
// server finds the consents of those who have any, the copied ones too, and of nobody else.
func findConsents(t *testing.T, s *Stack) {
	t.Helper()
	if !s.Capabilities().Has(oauth.LoginReturn) {
		return
	}
	ctx := t.Context()
	client, err := s.RegisterClient(ctx, oauth.ClientSpec{Name: "logins", AuthMethod: oauth.AuthBasic, Scope: "read",
		GrantTypes: []string{"authorization_code", "refresh_token"}})
	if err != nil {
		t.Fatal(err)
	}
	ask := oauth.Authorization{ClientID: client.ClientID, RedirectURI: "http://127.0.0.1/callback", Scope: "read",
		State: "state-of-a-test"}
	if _, err := s.Fill(ctx, Dataset{Consents: 40}); err != nil {
		t.Fatal(err)
	}
	const users = 3
	if err := s.FillConsents(ctx, ask, users); err != nil {
		t.Fatal(err)
	}
	for user, agreed := range map[string]bool{"user-0": true, "user-1": true, "user-2": true, "user-3": false} {
		ask.Subject = user
		r, err := s.ReturnFromLogin(ctx, ask)
		if err != nil {
			t.Fatal(err)
		}
		to := redirection(t, r)
		page := strings.TrimSuffix(s.Endpoints().Introspection, "/introspect") + "/auth/requests/consent?" +
			url.Values{"consent_challenge": {to.Query().Get("consent_challenge")}}.Encode()
		answer, err := http.Get(page)
		if err != nil {
			t.Fatal(err)
		}
		var request struct {
			Skip    bool   `json:"skip"`
			Subject string `json:"subject"`
		}
		err = json.NewDecoder(answer.Body).Decode(&request)
		_ = answer.Body.Close()
		if err != nil || request.Subject != user || request.Skip != agreed {
			t.Errorf("%s is sent to %v: %+v, %v; want that consent is skipped: %t", user, to, request, err, agreed)
		}
	}
}

// redirection is where the answer to a browser's request leads.
func redirection(t *testing.T, r oauth.Request) *url.URL {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.Method, r.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.Header
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	to, err := answer.Location()
	if err != nil {
		t.Fatalf("the return from a login is answered with %s: %v", answer.Status, err)
	}
	return to
}
