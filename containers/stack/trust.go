package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// TLS is the configuration of clients that reach the server: they trust its authority
// alone. It is nil when the server speaks plain HTTP. It stays valid over a Restart.
func (s *Stack) TLS() *tls.Config {
	if s.trust == nil {
		return nil
	}
	return s.trust.Clone()
}

// ClientCertificate makes what a client shows that is registered for tls_client_auth
// with subjectDN, which must be of the form CN=name. The error wraps
// errors.ErrUnsupported when the server gives none.
func (s *Stack) ClientCertificate(ctx context.Context, subjectDN string) (tls.Certificate, error) {
	fail := func(err error) (tls.Certificate, error) {
		return tls.Certificate{}, fmt.Errorf("client certificate of %s for %q: %w", s.spec, subjectDN, err)
	}
	name, ok := strings.CutPrefix(subjectDN, "CN=")
	switch {
	case s.trust == nil:
		return fail(fmt.Errorf("it speaks plain HTTP: %w", errors.ErrUnsupported))
	case !ok || name == "":
		return fail(errors.New("use CN=name"))
	}
	var got referenceCertificate
	if err := s.call(ctx, http.MethodPost, s.site.admin+"/admin/client-certificate", map[string]string{"common_name": name}, &got); err != nil {
		return fail(err)
	}
	pair, err := tls.X509KeyPair([]byte(got.Certificate), []byte(got.Key))
	if err != nil {
		return fail(err)
	}
	return pair, nil
}

// referenceCertificate is a certificate as the reference server tells it.
type referenceCertificate struct {
	Certificate string `json:"certificate"` // PEM
	Key         string `json:"private_key"` // PEM; "" for that of the authority
}

// trustReference asks the reference server for its authority.
func trustReference(ctx context.Context, s *Stack) error {
	var got referenceCertificate
	if err := s.call(ctx, http.MethodGet, s.site.admin+"/admin/authority", nil, &got); err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(got.Certificate)) {
		return errors.New("the server told no certificate of its authority")
	}
	s.trust = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	s.http.CloseIdleConnections()
	s.http.Transport = &http.Transport{MaxIdleConnsPerHost: 4, TLSClientConfig: s.trust}
	return nil
}
