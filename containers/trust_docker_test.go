package containers

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Over TLS the reference server takes a certificate for a client's secret, before and
// after a restart; users are played over TLS too.
func TestReferenceOverTLS(t *testing.T) {
	const target = "reference:v2?tls=on&fault.lost_revocation=1"
	s := start(t, target, optionsOf(t, target))
	ctx := t.Context()
	if !s.Capabilities().Has(oauth.AuthTLS) || s.Deployment().Settings["tls"] != "on" ||
		s.Deployment().Settings["fault.lost_revocation"] != "1" {
		t.Errorf("capabilities %v, settings %v; want what was set", s.Capabilities(), s.Deployment().Settings)
	}
	c, err := s.RegisterClient(ctx, oauth.ClientSpec{
		Name: "tls-" + engine.Random(4), AuthMethod: oauth.AuthTLS, SubjectDN: "CN=bench", Scope: "read",
		GrantTypes: []string{"client_credentials", "authorization_code"},
	})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := s.ClientCertificate(ctx, "CN=bench")
	if err != nil {
		t.Fatal(err)
	}
	config := s.TLS()
	config.Certificates = []tls.Certificate{pair}
	for range 2 {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
		resp, err := client.PostForm(s.Endpoints().Token,
			url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if token, parseErr := oauth.ParseToken(body); err != nil || parseErr != nil || token.Scope != "read" {
			t.Errorf("token: %s %s (%v)", resp.Status, body, err)
		}
		code, err := s.Authorize(ctx, oauth.Authorization{ClientID: c.ClientID, Scope: "read", Subject: "alice"})
		if err != nil || code == "" {
			t.Errorf("authorize: %q, %v", code, err)
		}
		if err := s.Restart(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.ClientCertificate(ctx, "O=bench"); err == nil || !strings.Contains(err.Error(), "CN=") {
		t.Errorf("certificate for O=bench: %v", err)
	}
}
