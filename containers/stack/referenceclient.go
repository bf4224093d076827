package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"oauthbench/internal/oauth"
)

// referenceCapabilities are those of a generation: v1 is older than the device flow,
// token exchange and DPoP. tls_client_auth comes with tls=on.
func referenceCapabilities(version string) oauth.Capabilities {
	all := oauth.Capabilities{
		oauth.GrantClientCredentials, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode, oauth.GrantJWTBearer,
		oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS, oauth.HasDiscovery,
		oauth.CanSetLifetime, oauth.KillsAccessTokens, oauth.IntrospectsRefresh,
		oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone, oauth.AuthSecretJWT, oauth.AuthPrivateKeyJWT,
	}
	if version != "v1" {
		all = append(all, oauth.GrantDeviceCode, oauth.GrantTokenExchange, oauth.HasDPoP)
	}
	return all
}

func referenceEndpoints(issuer, version string) oauth.Endpoints {
	e := oauth.Endpoints{
		Issuer: issuer, Authorization: issuer + "/oauth2/auth", Token: issuer + "/oauth2/token", Introspection: issuer + "/oauth2/introspect",
		Revocation: issuer + "/oauth2/revoke", Userinfo: issuer + "/userinfo", JWKS: issuer + "/.well-known/jwks.json",
	}
	if version != "v1" {
		e.DeviceAuthorization = issuer + "/oauth2/device/auth"
	}
	return e
}

func registerReferenceClient(ctx context.Context, s *Stack, spec oauth.ClientSpec) (oauth.Credential, error) {
	if spec.AccessTokenLifetime%time.Second != 0 {
		return oauth.Credential{}, fmt.Errorf("access token lifetime %s: use whole seconds", spec.AccessTokenLifetime)
	}
	ask := map[string]any{
		"client_name": spec.Name, "token_endpoint_auth_method": spec.AuthMethod, "grant_types": spec.GrantTypes, "scope": spec.Scope,
	}
	for name, value := range map[string]string{"token_endpoint_auth_signing_alg": spec.SigningAlg, "tls_client_auth_subject_dn": spec.SubjectDN} {
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
		ask["redirect_uris"] = redirects(spec)
	}
	var got struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := s.call(ctx, http.MethodPost, s.site.admin+"/admin/clients", ask, &got); err != nil {
		return oauth.Credential{}, err
	}
	secret := !slices.Contains([]string{oauth.AuthNone, oauth.AuthPrivateKeyJWT, oauth.AuthTLS}, spec.AuthMethod)
	if got.ID == "" || secret && got.Secret == "" {
		return oauth.Credential{}, errors.New("the answer names no client_id or no client_secret")
	}
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, nil
}

func introspectReference(ctx context.Context, s *Stack) (oauth.Credential, error) {
	var got struct {
		Token string `json:"token"`
	}
	if err := s.call(ctx, http.MethodGet, s.site.admin+"/admin/introspection-token", nil, &got); err != nil {
		return oauth.Credential{}, err
	}
	return oauth.Credential{Method: oauth.AuthBearer, Secret: got.Token}, nil
}

// authorizeReference answers for the login page through the admin interface.
func authorizeReference(ctx context.Context, s *Stack, b *browser, a oauth.Authorization) (string, error) {
	login, err := b.follow(ctx, oauth.Authorize(s.Endpoints().Authorization, a).URL)
	if err != nil {
		return "", err
	}
	var next struct {
		RedirectTo string `json:"redirect_to"`
	}
	accept := map[string]string{"id": login.Query().Get("id"), "subject": a.Subject}
	if err := s.call(ctx, http.MethodPost, s.site.admin+"/admin/login/accept", accept, &next); err != nil {
		return "", err
	}
	var back *url.URL
	if back, err = b.follow(ctx, next.RedirectTo); err != nil {
		return "", err
	}
	return back.String(), nil
}

// approveReference answers for the page at which users type their codes.
func approveReference(ctx context.Context, s *Stack, _ *browser, a oauth.DeviceApproval) error {
	accept := map[string]string{"user_code": a.UserCode, "subject": a.Subject, "scope": a.Scope}
	return s.call(ctx, http.MethodPost, s.site.admin+"/admin/device/accept", accept, nil)
}
