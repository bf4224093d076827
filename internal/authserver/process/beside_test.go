//go:build unix

package process

import (
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Several instances share what one of them knows and one issuer, through a restart of each,
// and the data are gone when the first is closed, not before.
func TestInstancesShareTheirData(t *testing.T) {
	options := childOptions(t, "serve", quick(t, settings.V2, ""))
	first := start(t, options)
	options.Beside = first
	second := start(t, options)
	c, err := first.RegisterClient(t.Context(), oauth.ClientSpec{Name: "x", AuthMethod: oauth.AuthBasic,
		GrantTypes: []string{"client_credentials"}, Scope: "read"})
	if err != nil {
		t.Fatal(err)
	}
	resource, err := second.IntrospectionCredential(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, b := first.Endpoints(), second.Endpoints()
	if a.Token == b.Token || a.Issuer != b.Issuer || first.PID() == second.PID() {
		t.Errorf("the first is at %+v, the second at %+v", a, b)
	}
	token := mint(t, second, c)
	for _, p := range []*Process{second, first} {
		if err := p.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if again := second.Endpoints(); again != b {
		t.Errorf("after restarts the second is at %+v; want %+v", again, b)
	}
	if !isActive(t, first, resource, token) || !isActive(t, second, resource, mint(t, first, c)) {
		t.Error("an instance does not know a token of the other")
	}
	if err := second.Close(); err != nil || len(left(t)) != 1 {
		t.Errorf("after the second was closed: %v, data in %v; want those of the first", err, left(t))
	}
	if !isActive(t, first, resource, token) {
		t.Error("the first forgot its token with the second")
	}
	if err := first.Close(); err != nil || len(left(t)) != 0 {
		t.Errorf("after the first was closed: %v, left %v", err, left(t))
	}
}
