package reference

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

func register(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
	if spec.AccessTokenLifetime%time.Second != 0 {
		return oauth.Credential{}, fmt.Errorf("access token lifetime %s: use whole seconds", spec.AccessTokenLifetime)
	}
	ask := map[string]any{
		"client_name": spec.Name, "token_endpoint_auth_method": spec.AuthMethod, "grant_types": spec.GrantTypes,
		"scope": spec.Scope,
	}
	for name, value := range map[string]string{"token_endpoint_auth_signing_alg": spec.SigningAlg,
		"tls_client_auth_subject_dn": spec.SubjectDN} {
		if value != "" {
			ask[name] = value
		}
	}
	if spec.Audience != nil {
		ask["audience"] = spec.Audience
	}
	if spec.Keys != nil {
		ask["jwks"] = spec.Keys
	}
	if spec.AccessTokenLifetime != 0 {
		ask["access_token_lifetime"] = int64(spec.AccessTokenLifetime / time.Second)
	}
	if slices.Contains(spec.GrantTypes, "authorization_code") {
		ask["redirect_uris"] = stack.Redirects(spec)
	}
	var got struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := a.Call(ctx, http.MethodPost, a.Admin+settings.ClientsPath, "", ask, &got); err != nil {
		return oauth.Credential{}, err
	}
	secret := !slices.Contains([]string{oauth.AuthNone, oauth.AuthPrivateKeyJWT, oauth.AuthTLS}, spec.AuthMethod)
	if got.ID == "" || secret && got.Secret == "" {
		return oauth.Credential{}, errors.New("the answer names no client_id or no client_secret")
	}
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, nil
}

func introspection(ctx context.Context, a *stack.Access) (oauth.Credential, error) {
	var got struct {
		Token string `json:"token"`
	}
	if err := a.Call(ctx, http.MethodGet, a.Admin+settings.IntrospectorsPath, "", nil, &got); err != nil {
		return oauth.Credential{}, err
	}
	return oauth.Credential{Method: oauth.AuthBearer, Secret: got.Token}, nil
}

// authorize answers for the login page through the admin interface.
func authorize(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization) (*url.URL, error) {
	login, err := b.Follow(ctx, oauth.Authorize(settings.Endpoints(a.Issuer, a.Version).Authorization, ask).URL)
	if err != nil {
		return nil, err
	}
	var next struct {
		RedirectTo string `json:"redirect_to"`
	}
	accept := map[string]string{"id": login.Query().Get("id"), "subject": ask.Subject}
	if err := a.Call(ctx, http.MethodPost, a.Admin+settings.AcceptPath, "", accept, &next); err != nil {
		return nil, err
	}
	return b.Follow(ctx, next.RedirectTo)
}

// approve answers for the page at which users type their codes.
func approve(ctx context.Context, a *stack.Access, _ *stack.Browser, ask oauth.DeviceApproval) error {
	accept := map[string]string{"user_code": ask.UserCode, "subject": ask.Subject, "scope": ask.Scope}
	return a.Call(ctx, http.MethodPost, a.Admin+settings.AcceptDevicePath, "", accept, nil)
}

// certificate is a certificate as the server tells it.
type certificate struct {
	Certificate string `json:"certificate"` // PEM
	Key         string `json:"private_key"` // PEM; "" for that of the authority
}

// trust asks the server for its authority.
func trust(ctx context.Context, a *stack.Access) error {
	var got certificate
	if err := a.Call(ctx, http.MethodGet, a.Admin+settings.AuthorityPath, "", nil, &got); err != nil {
		return err
	}
	return a.Trust([]byte(got.Certificate))
}

// clientCertificate has the server make a certificate for a client.
func clientCertificate(ctx context.Context, a *stack.Access, commonName string) (tls.Certificate, error) {
	var got certificate
	ask := map[string]string{"common_name": commonName}
	if err := a.Call(ctx, http.MethodPost, a.Admin+settings.CertificatesPath, "", ask, &got); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair([]byte(got.Certificate), []byte(got.Key))
}
