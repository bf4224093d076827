package process

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/oauthbench/oauthbench/internal/authserver"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

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
