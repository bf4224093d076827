//go:build unix

package process

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Users can be played at a process, over TLS and before and after a restart.
func TestUsersOfAProcess(t *testing.T) {
	for _, query := range []string{"", "tls=on"} {
		t.Run(query, func(t *testing.T) {
			p := start(t, childOptions(t, "serve", quick(t, settings.V2, query)))
			config, err := p.TLS()
			if err != nil || (config != nil) != (query != "") ||
				strings.HasPrefix(p.Endpoints().Token, "https:") != (query != "") {
				t.Fatalf("TLS() = %v, %v at %s", config, err, p.Endpoints().Token)
			}
			transport := &http.Transport{TLSClientConfig: config}
			defer transport.CloseIdleConnections()
			f := talk(t, p, &http.Client{Transport: transport})
			const callback = "http://127.0.0.1:1/back"
			c, err := p.RegisterClient(t.Context(), oauth.ClientSpec{
				Name: "x", AuthMethod: oauth.AuthNone,
				GrantTypes: []string{"authorization_code", "refresh_token", string(oauth.GrantDeviceCode)},
				Scope:      "read", RedirectURIs: []string{callback},
			})
			if err != nil {
				t.Fatal(err)
			}
			verifier, challenge := oauth.NewVerifier()
			asked := oauth.Authorization{ClientID: c.ClientID, RedirectURI: callback, Scope: "read offline_access",
				State: "s", Challenge: challenge, Subject: "acct:alice"}
			for range 2 {
				code, err := p.Authorize(t.Context(), asked)
				if err != nil {
					t.Fatal(err)
				}
				if token := f.granted(f.send(oauth.Code(f.endpoints.Token, c, code, callback,
					verifier))); token.RefreshToken == "" {
					t.Errorf("tokens = %+v; want a refresh token", token)
				}
				device, user := f.device(c, "read")
				if err := p.ApproveDevice(t.Context(),
					oauth.DeviceApproval{UserCode: user, Subject: "acct:bob", Scope: "read"}); err != nil {
					t.Fatal(err)
				}
				f.granted(f.send(oauth.DeviceToken(f.endpoints.Token, c, device)))
				device, user = f.device(c, "read")
				if err := p.RejectDevice(t.Context(), user); err != nil {
					t.Fatal(err)
				}
				if a := f.send(oauth.DeviceToken(f.endpoints.Token, c,
					device)); oauth.ParseError(a.body) != "access_denied" {
					t.Errorf("rejected device = %s; want access_denied", a)
				}
				transport.CloseIdleConnections()
				if err := p.Restart(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			asked.Scope = "admin"
			if code, err := p.Authorize(t.Context(), asked); err == nil ||
				!strings.Contains(err.Error(), "invalid_scope") {
				t.Errorf("Authorize for a foreign scope = %q, %v; want its error", code, err)
			}
			if err := p.ApproveDevice(t.Context(),
				oauth.DeviceApproval{UserCode: "x", Subject: "acct:bob"}); err == nil {
				t.Error("an unknown device was approved")
			}
		})
	}
}

// All that a specification of a client may ask for reaches the server.
func TestRegisterClientWithAll(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V2, "tls=on")))
	config, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	if config.Certificates = make([]tls.Certificate, 1); true {
		if config.Certificates[0], err = p.ClientCertificate(t.Context(), "CN=bench"); err != nil {
			t.Fatal(err)
		}
	}
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	f := talk(t, p, &http.Client{Transport: transport})
	k, err := oauth.NewKey("ES256")
	if err != nil {
		t.Fatal(err)
	}
	spec := oauth.ClientSpec{
		Name: "x", AuthMethod: oauth.AuthTLS, GrantTypes: []string{"client_credentials", string(oauth.GrantJWTBearer)},
		Scope:    "read",
		Audience: []string{"https://api.example"}, Keys: k.Set(), SubjectDN: "CN=bench",
	}
	c, err := p.RegisterClient(t.Context(), spec)
	if err != nil || c.Secret != "" || c.Method != oauth.AuthTLS {
		t.Fatalf("RegisterClient = %+v, %v; want no secret", c, err)
	}
	c.Method = oauth.AuthNone // what is sent for it
	f.granted(f.send(oauth.ClientCredentials(f.endpoints.Token, c, "",
		oauth.Param{Name: "audience", Value: "https://api.example"})))
	assertion, err := k.Grant(c.ClientID, "acct:bob", oauth.Audience{f.endpoints.Token})
	if err != nil {
		t.Fatal(err)
	}
	f.granted(f.send(oauth.JWTBearer(f.endpoints.Token, c, assertion, "")))

	spec.AuthMethod, spec.SubjectDN, spec.SigningAlg = oauth.AuthPrivateKeyJWT, "", "ES256"
	if c, err = p.RegisterClient(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	c.Key, c.Audience = k, f.endpoints.Token
	f.granted(f.send(oauth.ClientCredentials(f.endpoints.Token, c, "")))
	if _, err := p.ClientCertificate(t.Context(), "O=bench"); err == nil {
		t.Error("a certificate for a name that is not CN=")
	}
}

// What a generation cannot do is said, and refused as unsupported.
func TestCapabilities(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V1, "")))
	newer := []oauth.Capability{oauth.GrantDeviceCode, oauth.GrantTokenExchange, oauth.HasDPoP}
	if got := p.Capabilities().Missing(newer...); len(got) != len(newer) {
		t.Errorf("v1 lacks %v; want %v", got, newer)
	}
	if got := p.Capabilities().Missing(oauth.GrantJWTBearer, oauth.HasUserinfo, oauth.HasDiscovery,
		oauth.AuthPrivateKeyJWT, oauth.AuthNone); len(got) != 0 {
		t.Errorf("v1 lacks %v; want none of these", got)
	}
	if got := quick(t, settings.V2, "tls=on").Capabilities().Missing(append(newer, oauth.AuthTLS)...); len(got) != 0 {
		t.Errorf("v2 lacks %v; want all", got)
	}
	for _, spec := range []oauth.ClientSpec{
		{Name: "x", AuthMethod: oauth.AuthBasic, GrantTypes: []string{string(oauth.GrantDeviceCode)}},
		{Name: "x", AuthMethod: oauth.AuthTLS, GrantTypes: []string{"client_credentials"}, SubjectDN: "CN=x"},
	} {
		if _, err := p.RegisterClient(t.Context(), spec); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("register %+v = %v; want it unsupported", spec, err)
		}
	}
	if _, err := p.ClientCertificate(t.Context(), "CN=x"); err == nil || !strings.Contains(err.Error(), "tls=on") {
		t.Errorf("certificate without TLS = %v; want what to do", err)
	}
}
