package keycloak

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// What a server of a deployment shows, and what a client shows it, are of one authority, which is made
// anew of the deployment's secret each time; another deployment's is another.
func TestCertificatesOfOneSecret(t *testing.T) {
	at := place()
	files, _, err := secured(at)
	if err != nil {
		t.Fatal(err)
	}
	server, err := tls.X509KeyPair([]byte(files[certificateFile]), []byte(files[keyFile]))
	if err != nil {
		t.Fatal(err)
	}
	a, err := stack.NewAccess("26.7.3", at)
	if err != nil {
		t.Fatal(err)
	}
	client, err := clientCertificate(t.Context(), a, "oauthbench")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(client.Certificate[0])
	if err != nil || leaf.Subject.String() != "CN=oauthbench" {
		t.Fatalf("the client is called %v, %v", leaf.Subject, err)
	}
	other := at
	other.Secret = strings.Repeat("b", 64)
	for _, of := range []struct {
		secret string
		good   bool
	}{{at.Secret, true}, {other.Secret, false}} {
		ca, err := authorityOf(of.secret)
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AddCert(ca.certificate)
		for what, check := range map[string]x509.VerifyOptions{
			"server": {Roots: pool, DNSName: "127.0.0.1"},
			"client": {Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}},
		} {
			shown := leaf
			if what == "server" {
				shown = server.Leaf
			}
			if _, err := shown.Verify(check); (err == nil) != of.good {
				t.Errorf("%s: %v; want it good %v", what, err, of.good)
			}
		}
	}
}

// With tls=on clients can prove themselves by a certificate, and the protocol is at another port; the
// management is not.
func TestTLSIsASetting(t *testing.T) {
	for value, port := range map[string]int{"on": securePort, "off": publicPort} {
		p := program(t, "keycloak:26.7.3?tls="+value)
		if p.Secure != (value == "on") || p.Public != port || p.Capabilities.Has(oauth.AuthTLS) != p.Secure ||
			(p.Certificate != nil) != p.Secure || p.Settings["tls"] != value {
			t.Errorf("tls=%s: secure %v at %d, %v", value, p.Secure, p.Public, p.Settings)
		}
		c := p.Serve(place())
		if _, told := c.Env["KC_HTTPS_CERTIFICATE_FILE"]; told != p.Secure || (len(c.Files) > 0) != p.Secure {
			t.Errorf("tls=%s: certificate told %v, files %d", value, told, len(c.Files))
		}
	}
	spec := specFor(oauth.GrantClientCredentials, oauth.AuthTLS)
	spec.SubjectDN = "CN=oauthbench"
	_, cred, got := registered(t, stack.Values{"tls": "on"}, spec)
	attributes := got["attributes"].(object)
	if got["clientAuthenticatorType"] != "client-x509" || attributes["x509.subjectdn"] != "CN=oauthbench" ||
		cred.Secret != "" {
		t.Errorf("%v, secret %q; want a client known by its subject, without a secret", got, cred.Secret)
	}
}
