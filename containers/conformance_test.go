package containers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// tested are the targets that every server wants to be tested with.
func tested() []string {
	var all []string
	for _, s := range Servers {
		all = append(all, s.Tested...)
	}
	return all
}

// TestConformance drives every server through what the scenarios rely on: fresh, started
// again, and on a database that has grown.
func TestConformance(t *testing.T) {
	for _, target := range tested() {
		t.Run(target, func(t *testing.T) {
			s := start(t, target, optionsOf(t, target))
			conform(t, s)
			keepPromises(t, s)
			if err := s.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			conform(t, s)
			fillTwice(t, s, target)
			findConsents(t, s)
			conform(t, s)
			text, _ := json.MarshalIndent(s.Deployment(), "", " ")
			t.Logf("%s", text)
		})
	}
}

func conform(t *testing.T, s *Stack) {
	t.Helper()
	ctx := t.Context()
	cred, err := s.RegisterClient(ctx, oauth.ClientSpec{
		Name: "conformance-" + engine.Random(4), AuthMethod: oauth.AuthBasic,
		GrantTypes: []string{"client_credentials"}, Scope: "read write",
	})
	if err != nil {
		t.Fatal(err)
	}
	resource, err := s.IntrospectionCredential(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at := s.Endpoints()
	status, body := send(t, ctx, oauth.ClientCredentials(at.Token, cred, "read"))
	if status != http.StatusOK {
		t.Fatalf("token: %d %s", status, body)
	}
	token, err := oauth.ParseToken(body)
	if err != nil {
		t.Fatal(err)
	}
	if got := introspect(t, ctx, at, resource, token.AccessToken); !got.Active {
		t.Fatal("a fresh token is not active")
	}
	// RFC 7009 section 2.1: a token is revoked by the client that it was issued to.
	other, err := s.RegisterClient(ctx, oauth.ClientSpec{
		Name: "other-" + engine.Random(4), AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"},
		Scope: "read write",
	})
	if err != nil {
		t.Fatal(err)
	}
	if other.ClientID != cred.ClientID { // Glewlwyd's stack has but one
		status, body = send(t, ctx, oauth.Revoke(at.Revocation, other, token.AccessToken, "access_token"))
		t.Logf("revocation by another client: %d %s", status, body)
		if got := introspect(t, ctx, at, resource, token.AccessToken); !got.Active {
			t.Error("another client has revoked a token")
		}
	}
	if status, body := send(t, ctx,
		oauth.Revoke(at.Revocation, cred, token.AccessToken, "access_token")); status != http.StatusOK {
		t.Fatalf("revoke: %d %s", status, body)
	}
	if got := introspect(t, ctx, at, resource, token.AccessToken); got.Active {
		t.Fatal("a revoked token is active")
	}
	if got := introspect(t, ctx, at, resource, "made-up-"+engine.Random(8)); got.Active {
		t.Fatal("a token that was never issued is active")
	}
	wrong := cred
	wrong.Secret = "wrong"
	if status, _ := send(t, ctx, oauth.ClientCredentials(at.Token, wrong, "read")); status < 400 || status > 499 {
		t.Fatalf("token with a wrong secret: %d", status)
	}
	rotate(t, s)
	found, err := oauth.DiscoverMetadata(ctx, http.DefaultClient, at.Issuer)
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	if found.Token != at.Token || found.JWKS != at.JWKS {
		t.Errorf("discovery says %+v; Endpoints say %+v", found, at)
	}
}

// rotate follows a refresh token through one rotation, where a code can be had.
func rotate(t *testing.T, s *Stack) {
	t.Helper()
	ctx := t.Context()
	cred, err := s.RegisterClient(ctx, oauth.ClientSpec{
		Name: "rotation-" + engine.Random(4), AuthMethod: oauth.AuthBasic,
		GrantTypes: []string{"authorization_code", "refresh_token"}, Scope: "offline_access read",
	})
	if err != nil {
		t.Fatal(err)
	}
	code, err := s.Authorize(ctx, oauth.Authorization{ClientID: cred.ClientID, Scope: "offline_access read",
		Subject: "alice"})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Logf("refresh tokens are not tested: %v", err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	at := s.Endpoints()
	// The client's secret in the header, the code in the body.
	request := oauth.ClientCredentials(at.Token, cred, "")
	request.Body = []byte(url.Values{"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {stack.CallbackURL}}.Encode())
	exchange := func(r oauth.Request) oauth.Token {
		t.Helper()
		status, body := send(t, ctx, r)
		if status != http.StatusOK {
			t.Fatalf("token: %d %s", status, body)
		}
		token, err := oauth.ParseToken(body)
		if err != nil || token.RefreshToken == "" {
			t.Fatalf("token answer %s, %v; want a refresh token", body, err)
		}
		return token
	}
	first := exchange(request)
	second := exchange(oauth.Refresh(at.Token, cred, first.RefreshToken))
	if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
		t.Error("a refresh gave the same tokens again")
	}
	if status, body := send(t, ctx, oauth.Refresh(at.Token, cred, first.RefreshToken)); status/100 != 4 {
		t.Errorf("a refresh token was used twice: %d %s", status, body)
	}
}

func introspect(t *testing.T, ctx context.Context, at oauth.Endpoints, cred oauth.Credential,
	token string) oauth.Introspection {
	t.Helper()
	status, body := send(t, ctx, oauth.Introspect(at.Introspection, cred, token))
	if status != http.StatusOK {
		t.Fatalf("introspect: %d %s", status, body)
	}
	answer, err := oauth.ParseIntrospection(body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func send(t *testing.T, ctx context.Context, r oauth.Request) (status int, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.Header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}
