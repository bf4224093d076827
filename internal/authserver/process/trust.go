package process

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"oauthbench/internal/authserver"
	"oauthbench/internal/authserver/settings"
)

// tls trusts the server's own authority alone; nil for a server that speaks plain HTTP.
func (a Addresses) tls() (*tls.Config, error) {
	if a.Authority == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(a.Authority)) {
		return nil, errors.New("child gave no certificate of its authority")
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// TLS is the configuration of clients that reach the server: they trust its authority
// alone. It is nil when the server speaks plain HTTP, and the caller's own. It stays
// valid over Restart and Upgrade.
func (p *Process) TLS() (*tls.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at.tls()
}

// ClientCertificate makes what a client shows that is registered for tls_client_auth
// with subjectDN, which must be of the form CN=name. It fails without tls=on.
func (p *Process) ClientCertificate(ctx context.Context, subjectDN string) (tls.Certificate, error) {
	fail := func(err error) (tls.Certificate, error) {
		return tls.Certificate{}, fmt.Errorf("client certificate for %q: %w", subjectDN, err)
	}
	name, ok := strings.CutPrefix(subjectDN, "CN=")
	if !ok || name == "" {
		return fail(errors.New("use CN=name"))
	}
	if !p.Settings().TLS {
		return fail(errors.New("the server speaks plain HTTP: set tls=on"))
	}
	var answer authserver.Certificate
	if err := p.call(ctx, http.MethodPost, settings.CertificatesPath, authserver.CertificateRequest{Name: name},
		&answer); err != nil {
		return fail(err)
	}
	pair, err := tls.X509KeyPair([]byte(answer.Certificate), []byte(answer.Key))
	if err != nil {
		return fail(err)
	}
	return pair, nil
}

// newAdminClient keeps its connections, since a workload may play thousands of users,
// and follows no redirection.
func newAdminClient(config *tls.Config) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (p *Process) httpClient() *http.Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.client
}
