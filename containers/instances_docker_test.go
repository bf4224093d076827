package containers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// A further instance on the database of the first issues tokens that the first calls active,
// at addresses of its own, and leaves the database when it is closed. What it revokes the
// first calls inactive, though it has been asked about it before.
func TestInstancesShareADatabase(t *testing.T) {
	for _, target := range []string{"reference:v2", "keycloak:26.7.3?cache=ispn"} {
		t.Run(target, func(t *testing.T) { shareDatabase(t, target) })
	}
}

func shareDatabase(t *testing.T, target string) {
	first := start(t, target, optionsOf(t, target))
	spec, err := ParseSpec(target)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	second, err := first.Rehearsed().Successor(ctx, spec, optionsOf(t, target), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := second.Rehearsed().Launch(ctx); err != nil {
		t.Fatal(err)
	}
	a, b := first.Endpoints(), second.Endpoints()
	if a.Token == b.Token || a.Issuer != b.Issuer {
		t.Errorf("the first is at %+v, the second at %+v; want one issuer and two addresses", a, b)
	}
	cred, err := first.RegisterClient(ctx, oauth.ClientSpec{
		Name: "instances", AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}, Scope: "read",
	})
	if err != nil {
		t.Fatal(err)
	}
	resource, err := first.IntrospectionCredential(ctx)
	if err != nil {
		t.Fatal(err)
	}
	status, body := send(t, ctx, oauth.ClientCredentials(b.Token, cred, "read"))
	token, err := oauth.ParseToken([]byte(body))
	if status != http.StatusOK || err != nil {
		t.Fatalf("token of the second: %d %s, %v", status, body, err)
	}
	if status, body := send(t, ctx, oauth.Introspect(a.Introspection, resource, token.AccessToken)); status !=
		http.StatusOK || !strings.Contains(string(body), `"active":true`) {
		t.Errorf("the first says of it %d %s", status, body)
	}
	if status, body := send(t, ctx, oauth.Revoke(b.Revocation, cred, token.AccessToken, "access_token")); status !=
		http.StatusOK {
		t.Errorf("the second revokes it with %d %s", status, body)
	}
	eventually(t, "the first calls inactive what the second revoked", func() bool {
		return !introspect(t, ctx, a, resource, token.AccessToken).Active
	})
	if spent := second.Spent(); !spent.Server.Known || spent.Database.Known {
		t.Errorf("the second spent %+v; want its server alone", spent)
	}
	if all := second.Causes(); len(all) > 0 {
		t.Errorf("the second is healthy, and says %v", all)
	}
}

// eventually waits for what another process must learn.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not even after 10 s: %s", what)
		}
	}
}
