package authserver

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// VerifyClient authenticates a client by the one method it is registered for (RFC
// 7591 section 2). A failure is 401 (RFC 6749 section 5.2), where op would answer 400.
func (p protocol) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	if r.Data.ClientAssertion != "" {
		return p.desk.verifyAssertedClient(ctx, r.Data)
	}
	method := oauth.AuthNone
	switch {
	case r.Header.Get("Authorization") != "":
		method = oauth.AuthBasic
	case r.Data.ClientSecret != "":
		method = oauth.AuthPost
	}
	c, err := p.desk.knownClient(ctx, r.Data.ClientID)
	if err != nil {
		return nil, err
	}
	if method == oauth.AuthNone && c.Method == oauth.AuthTLS {
		return c, c.verifyCertificate(peerCertificate(ctx))
	}
	if p.desk.excused(ctx, c, method) {
		return c, nil
	}
	if c.Method != method {
		return nil, invalidClient("client is registered for " + c.Method)
	}
	if method == oauth.AuthNone {
		return c, nil
	}
	if err := verifySecret(c.SecretHash, r.Data.ClientSecret); errors.Is(err, errWrongSecret) {
		return nil, invalidClient("wrong client secret")
	} else if err != nil {
		return nil, serverError(err)
	}
	return c, nil
}

func (d desk) knownClient(ctx context.Context, id string) (*client, error) {
	c, err := d.server.client(ctx, id)
	if errors.Is(err, store.ErrNoClient) {
		return nil, invalidClient("unknown client")
	}
	if err != nil {
		return nil, serverError(err)
	}
	return c, nil
}

// verifyAssertedClient is client_secret_jwt and private_key_jwt (OpenID Connect Core
// 1.0 section 9, RFC 7523 sections 2.2 and 3). An assertion counts once.
func (d desk) verifyAssertedClient(ctx context.Context, given *op.ClientCredentials) (op.Client, error) {
	a, err := parseAssertion(given.ClientAssertion)
	if err != nil {
		return nil, invalidClient(err.Error())
	}
	if a.claims.Issuer != a.claims.Subject || given.ClientID != "" && given.ClientID != a.claims.Subject {
		return nil, invalidClient("assertion names another client")
	}
	c, err := d.knownClient(ctx, a.claims.Subject)
	if err != nil {
		return nil, err
	}
	if c.Method != oauth.AuthSecretJWT && c.Method != oauth.AuthPrivateKeyJWT {
		return nil, invalidClient("client is registered for " + c.Method)
	}
	keys, err := d.server.assertionKeys(c, a)
	if err != nil {
		return nil, serverError(err)
	}
	if err := a.verify(keys, ownNames(ctx), d.server.now()); err != nil {
		return nil, invalidClient(err.Error())
	}
	if unused, err := d.server.assertions.Use(ctx, c.ID, a.claims.ID, a.claims.Expiry.Time()); err != nil {
		return nil, serverError(err)
	} else if !unused {
		return nil, invalidClient("assertion was used before")
	}
	return c, nil
}

// verifyCertificate is tls_client_auth (RFC 8705 section 2.1). That the chain is good
// the TLS handshake has found out.
func (c *client) verifyCertificate(certificate *x509.Certificate) error {
	switch {
	case certificate == nil:
		return invalidClient("client is registered for " + oauth.AuthTLS + " and shows no certificate")
	case certificate.Subject.String() != c.SubjectDN:
		return invalidClient("certificate is another client's")
	}
	return nil
}

// certificateKey is where a request's context has the client certificate.
type certificateKey struct{}

func peerCertificate(ctx context.Context) *x509.Certificate {
	certificate, _ := ctx.Value(certificateKey{}).(*x509.Certificate)
	return certificate
}

// withCertificate puts a client certificate of r, if there is one, into its context,
// which is all that op hands on.
func withCertificate(r *http.Request) *http.Request {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), certificateKey{}, r.TLS.PeerCertificates[0]))
}

// credentials are those of a request as op reads them.
func credentials(header http.Header, form url.Values) (*op.ClientCredentials, error) {
	given := &op.ClientCredentials{
		ClientID: form.Get("client_id"), ClientSecret: form.Get("client_secret"),
		ClientAssertion: form.Get("client_assertion"), ClientAssertionType: form.Get("client_assertion_type"),
	}
	id, secret, ok := (&http.Request{Header: header}).BasicAuth()
	if !ok {
		return given, nil
	}
	var idErr, secretErr error
	given.ClientID, idErr = url.QueryUnescape(id)
	given.ClientSecret, secretErr = url.QueryUnescape(secret)
	if idErr != nil || secretErr != nil {
		return nil, oidc.ErrInvalidRequest().WithDescription("malformed basic credentials")
	}
	return given, nil
}

// ownNames are what assertions call this server (RFC 7523 section 3): its issuer or
// one of its endpoints that clients authenticate at.
func ownNames(ctx context.Context) []string {
	issuer := op.IssuerFromContext(ctx)
	return []string{issuer, issuer + settings.TokenPath, issuer + settings.IntrospectionPath,
		issuer + settings.RevocationPath, issuer + settings.DeviceAuthorizationPath}
}

// publicKeys are the registered keys of c that may have signed a.
func (c *client) publicKeys(a assertion) ([]any, error) {
	header := a.token.Headers[0] // a compact JWT has one
	if c.Keys == "" || header.Algorithm == string(jose.HS256) {
		return nil, nil
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(c.Keys), &set); err != nil {
		return nil, fmt.Errorf("keys of client %q: %w", c.ID, err)
	}
	var keys []any
	for _, key := range set.Keys {
		if header.KeyID == "" || key.KeyID == header.KeyID {
			keys = append(keys, key.Key)
		}
	}
	return keys, nil
}

// sharedKey is the secret of c as the key of a, which must be an HMAC.
func (s *Server) sharedKey(c *client, a assertion) ([]any, error) {
	if a.token.Headers[0].Algorithm != string(jose.HS256) {
		return nil, nil
	}
	secret, err := s.crypto.Decrypt(strings.TrimPrefix(c.SecretHash, sealedPrefix))
	if err != nil {
		return nil, fmt.Errorf("secret of client %q: %w", c.ID, err)
	}
	return []any{[]byte(secret)}, nil
}

// assertionKeys are the keys that c authenticates with. Its registered algorithm is for
// that alone, not for the assertions of a grant (RFC 7591 section 2).
func (s *Server) assertionKeys(c *client, a assertion) ([]any, error) {
	if c.SigningAlg != "" && c.SigningAlg != a.token.Headers[0].Algorithm {
		return nil, nil
	}
	if c.Method == oauth.AuthSecretJWT {
		return s.sharedKey(c, a)
	}
	return c.publicKeys(a)
}
