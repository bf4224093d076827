package authserver

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// RFC 8705 section 2.1: over a real listener, at token, introspection and revocation
// endpoint.
func TestClientCertificates(t *testing.T) {
	faulty(t, "tls=on", func(f *fixture) {
		c := f.client(func(b *Registration) { b.AuthMethod, b.SubjectDN = oauth.AuthTLS, "CN=bench" })
		public := f.client(func(b *Registration) {
			b.AuthMethod, b.GrantTypes = oauth.AuthNone, []string{"authorization_code"}
		})
		secret := f.register(oauth.AuthPost, 0)
		// What the client side would send for it.
		named := oauth.Credential{Method: oauth.AuthNone, ClientID: c.ClientID}
		plain := f.http
		f.http = f.withCertificate("bench")
		token := f.granted(f.ask(f.endpoints.Token, named, credentialsGrant, nil)).AccessToken
		if got := f.introspect(named, token); !got.Active || got.ClientID != c.ClientID {
			f.Errorf("introspect = %+v; want it active", got)
		}
		f.revoke(named, token, "")
		f.wantActive("revoked token", token, false)
		// A certificate does not get in the way of other methods, and opens nothing for them.
		f.token(secret, "read")
		f.introspect(secret, token)
		f.refused("introspection by a public client",
			f.send(oauth.Introspect(f.endpoints.Introspection,
				oauth.Credential{Method: oauth.AuthNone, ClientID: public.ClientID}, token)), http.StatusUnauthorized,
			"invalid_client")
		f.refused("introspection by nobody",
			f.send(oauth.Introspect(f.endpoints.Introspection, oauth.Credential{}, token)), http.StatusUnauthorized,
			"invalid_client")
		f.refused("introspection of nothing", f.send(oauth.Introspect(f.endpoints.Introspection, named, "")),
			http.StatusBadRequest, "invalid_request")

		for what, client := range map[string]*http.Client{"no certificate": plain,
			"another's certificate": f.withCertificate("other")} {
			f.http = client
			f.refused(what, f.ask(f.endpoints.Token, named, credentialsGrant, nil), http.StatusUnauthorized,
				"invalid_client")
			f.refused(what+" at introspection", f.send(oauth.Introspect(f.endpoints.Introspection, named, token)),
				http.StatusUnauthorized, "invalid_client")
			f.refused(what+" at revocation", f.send(oauth.Revoke(f.endpoints.Revocation, named, token, "")),
				http.StatusUnauthorized, "invalid_client")
		}
	})
}

// withCertificate is a client that shows a certificate for CN=name.
func (f *fixture) withCertificate(name string) *http.Client {
	f.Helper()
	a := f.post(f.admin.URL+settings.CertificatesPath, CertificateRequest{name})
	var got Certificate
	f.decode(a, &got)
	pair, err := tls.X509KeyPair([]byte(got.Certificate), []byte(got.Key))
	if err != nil {
		f.Fatal(err)
	}
	config := f.http.Transport.(*http.Transport).TLSClientConfig.Clone()
	config.Certificates = []tls.Certificate{pair}
	transport := &http.Transport{TLSClientConfig: config}
	f.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// A certificate of another authority ends the handshake, and so does a server of one.
func TestForeignAuthority(t *testing.T) {
	f, foreign := open(t, quick(t, settings.V2, "tls=on")), open(t, quick(t, settings.V2, "tls=on"))
	stranger := foreign.withCertificate("bench")
	config := func(c *http.Client) *tls.Config { return c.Transport.(*http.Transport).TLSClientConfig }
	config(stranger).RootCAs = config(f.http).RootCAs
	if resp, err := stranger.Get(f.endpoints.JWKS); err == nil {
		resp.Body.Close()
		t.Errorf("with a foreign certificate: %s; want no connection", resp.Status)
	}
	if resp, err := foreign.http.Get(f.endpoints.JWKS); err == nil {
		resp.Body.Close()
		t.Errorf("a foreign server was trusted: %s", resp.Status)
	}
}

// The authority outlives a restart, and its key is told to nobody.
func TestAuthorityStays(t *testing.T) {
	o := place(t, quick(t, settings.V2, "tls=on"))
	f := openAt(t, o)
	before := f.get(f.admin.URL + settings.AuthorityPath)
	var told Certificate
	f.decode(before, &told)
	if told.Key != "" || strings.Contains(string(before.body), "PRIVATE") ||
		told.Certificate != f.server.AuthorityPEM() {
		t.Errorf("authority = %s; want its certificate alone", before)
	}
	f.close()
	if f = openAt(t, o); f.server.AuthorityPEM() != told.Certificate {
		t.Error("a restart changed the authority")
	}
	if _, err := open(t, quick(t, settings.V2, "")).server.TLS(); err == nil {
		t.Error("a server without tls=on has a certificate")
	}
}

// start begins to serve, with TLS when the settings say so.
func (f *fixture) start(public *httptest.Server) {
	f.Helper()
	if !f.server.settings.TLS {
		public.Start()
		return
	}
	config, err := f.server.TLS()
	if err != nil {
		f.Fatal(err)
	}
	public.TLS = config
	public.StartTLS()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(f.server.AuthorityPEM()))
	f.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool}
}

// What the discovery documents claim is what the server does.
func TestDiscovery(t *testing.T) {
	for _, test := range []struct {
		version, query                 string
		grants, methods, introspectors string
		device, proofs                 bool
	}{
		{settings.V1, "", "client_credentials authorization_code refresh_token " + bearerGrant,
			"none client_secret_basic client_secret_post client_secret_jwt private_key_jwt",
			"client_secret_basic client_secret_post client_secret_jwt private_key_jwt Bearer", false, false},
		{settings.V2, "tls=on",
			"client_credentials authorization_code refresh_token " + bearerGrant + " " + deviceGrant + " " +
				exchangeGrant,
			"none client_secret_basic client_secret_post client_secret_jwt private_key_jwt tls_client_auth",
			"client_secret_basic client_secret_post client_secret_jwt private_key_jwt tls_client_auth Bearer", true,
			true},
	} {
		f := open(t, quick(t, test.version, test.query))
		got, err := oauth.DiscoverMetadata(t.Context(), f.http, f.endpoints.Issuer)
		if err != nil || got.Endpoints != f.endpoints || (got.DeviceAuthorization != "") != test.device {
			t.Errorf("%s: DiscoverMetadata = %+v, %v; want %+v", test.version, got, err, f.endpoints)
		}
		for _, path := range []string{settings.MetadataPath, "/.well-known/openid-configuration"} {
			var m struct {
				Grants        []string `json:"grant_types_supported"`
				Types         []string `json:"response_types_supported"`
				Methods       []string `json:"token_endpoint_auth_methods_supported"`
				Revokers      []string `json:"revocation_endpoint_auth_methods_supported"`
				Introspectors []string `json:"introspection_endpoint_auth_methods_supported"`
				Challenge     []string `json:"code_challenge_methods_supported"`
				Proofs        []string `json:"dpop_signing_alg_values_supported"`
				Assertions    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
			}
			if err := json.Unmarshal(f.get(f.endpoints.Issuer+path).body, &m); err != nil {
				t.Fatal(err)
			}
			for what, pair := range map[string][2]string{
				"grants": {spaced(m.Grants), test.grants}, "methods": {spaced(m.Methods), test.methods},
				"revokers":      {spaced(m.Revokers), test.methods},
				"introspectors": {spaced(m.Introspectors), test.introspectors}, "types": {spaced(m.Types), "code"},
				"challenges": {spaced(m.Challenge), "S256"},
				"assertions": {spaced(m.Assertions), "RS256 ES256 HS256"},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s %s: %s = %s; want %s", test.version, path, what, pair[0], pair[1])
				}
			}
			if (len(m.Proofs) > 0) != test.proofs {
				t.Errorf("%s %s: DPoP with %v; want it to be there: %t", test.version, path, m.Proofs, test.proofs)
			}
		}
		if a := f.get(f.endpoints.Issuer + settings.HealthPath); a.status != http.StatusOK {
			t.Errorf("health = %s", a)
		}
	}
}
