package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"oauthbench/internal/oauth"
)

// hydraClient is what we say and hear of a client.
type hydraClient struct {
	ID            string          `json:"client_id,omitempty"`
	Secret        string          `json:"client_secret,omitempty"`
	Name          string          `json:"client_name,omitempty"`
	GrantTypes    []string        `json:"grant_types,omitempty"`
	ResponseTypes []string        `json:"response_types,omitempty"`
	RedirectURIs  []string        `json:"redirect_uris,omitempty"`
	Scope         string          `json:"scope,omitempty"`
	Audience      []string        `json:"audience,omitempty"`
	AuthMethod    string          `json:"token_endpoint_auth_method,omitempty"`
	SigningAlg    string          `json:"token_endpoint_auth_signing_alg,omitempty"`
	Keys          json.RawMessage `json:"jwks,omitempty"`
	// Lifetimes by grant, since 2.0.
	ClientCredentialsTTL string `json:"client_credentials_grant_access_token_lifespan,omitempty"`
	RefreshTTL           string `json:"refresh_token_grant_access_token_lifespan,omitempty"`
	CodeTTL              string `json:"authorization_code_grant_access_token_lifespan,omitempty"`
}

func registerHydraClient(ctx context.Context, s *Stack, release hydraRelease, spec oauth.ClientSpec) (oauth.Credential, error) {
	ask := hydraClient{
		Name: spec.Name, GrantTypes: spec.GrantTypes, Scope: spec.Scope, AuthMethod: spec.AuthMethod,
		Audience: spec.Audience, SigningAlg: spec.SigningAlg, Keys: spec.Keys,
	}
	if slices.Contains(spec.GrantTypes, string(oauth.GrantAuthorizationCode)) {
		ask.ResponseTypes, ask.RedirectURIs = []string{"code"}, redirects(spec)
	}
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		if release.first() {
			return oauth.Credential{}, fmt.Errorf("access token lifetime %s of one client: Hydra 1.x has one for all, set with access_ttl=%s: %w", ttl, ttl, errors.ErrUnsupported)
		}
		text := ttl.Round(time.Second).String()
		ask.ClientCredentialsTTL, ask.RefreshTTL, ask.CodeTTL = text, text, text
	}
	var got hydraClient
	if err := s.call(ctx, http.MethodPost, s.site.admin+release.admin()+"/clients", ask, &got); err != nil {
		return oauth.Credential{}, err
	}
	secret := spec.AuthMethod != oauth.AuthNone && spec.AuthMethod != oauth.AuthPrivateKeyJWT
	if got.ID == "" || secret && got.Secret == "" {
		return oauth.Credential{}, errors.New("the answer of Hydra names no client_id or no client_secret")
	}
	if slices.Contains(spec.GrantTypes, string(oauth.GrantJWTBearer)) {
		if err := trustHydraIssuer(ctx, s, release, got.ID, spec); err != nil {
			return oauth.Credential{}, err
		}
	}
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, nil
}

// trustHydraIssuer lets assertions speak for any user that are signed with the client's
// keys and name the client as their issuer (RFC 7523 section 3).
func trustHydraIssuer(ctx context.Context, s *Stack, release hydraRelease, issuer string, spec oauth.ClientSpec) error {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(spec.Keys, &set); err != nil {
		return fmt.Errorf("keys of the client: %w", err)
	}
	for _, key := range set.Keys {
		trust := map[string]any{
			"issuer": issuer, "allow_any_subject": true, "scope": append([]string{}, strings.Fields(spec.Scope)...),
			"jwk": key, "expires_at": time.Now().Add(7 * 24 * time.Hour).UTC(),
		}
		if err := s.call(ctx, http.MethodPost, s.site.admin+release.admin()+"/trust/grants/jwt-bearer/issuers", trust, nil); err != nil {
			return err
		}
	}
	return nil
}

// authorizeHydra answers for the login and the consent application, which Hydra
// leaves to others, through the admin interface.
func authorizeHydra(ctx context.Context, s *Stack, b *browser, a oauth.Authorization, release hydraRelease) (string, error) {
	at, err := b.follow(ctx, oauth.Authorize(s.Endpoints().Authorization, a).URL)
	if err != nil {
		return "", err
	}
	return agreeHydra(ctx, s, b, at, a.Subject, a.Scope, release)
}

// agreeHydra logs the user in and agrees, from where the browser has been sent to log
// in, and returns where it is sent at last.
func agreeHydra(ctx context.Context, s *Stack, b *browser, at *url.URL, subject, scope string, release hydraRelease) (string, error) {
	answers := []struct {
		challenge, path string
		body            any
	}{
		{"login_challenge", "login/accept", map[string]any{"subject": subject}},
		{"consent_challenge", "consent/accept", map[string]any{"grant_scope": strings.Fields(scope)}},
	}
	for _, answer := range answers {
		next, err := acceptHydra(ctx, s, at, answer.challenge, answer.path, answer.body, release)
		if err != nil {
			return "", err
		}
		if at, err = b.follow(ctx, next); err != nil {
			return "", err
		}
	}
	return at.String(), nil
}

// acceptHydra accepts a challenge in the place of the application that it was sent to,
// and returns where the browser goes on.
func acceptHydra(ctx context.Context, s *Stack, at *url.URL, name, path string, body any, release hydraRelease) (string, error) {
	challenge := at.Query().Get(name)
	if challenge == "" {
		return "", fmt.Errorf("redirect of Hydra without %s: %s", name, at.Query().Get("error_description"))
	}
	var next struct {
		RedirectTo string `json:"redirect_to"`
	}
	accept := s.site.admin + release.admin() + "/oauth2/auth/requests/" + path + "?" + url.Values{name: {challenge}}.Encode()
	err := s.call(ctx, http.MethodPut, accept, body, &next)
	return next.RedirectTo, err
}

// approveHydra answers for the application at which users type their codes, too.
func approveHydra(ctx context.Context, s *Stack, b *browser, a oauth.DeviceApproval, release hydraRelease) error {
	verify := s.site.issuer + "/oauth2/device/verify?" + url.Values{"user_code": {a.UserCode}}.Encode()
	at, err := b.follow(ctx, verify)
	if err != nil {
		return err
	}
	next, err := acceptHydra(ctx, s, at, "device_challenge", "device/accept", map[string]any{"user_code": a.UserCode}, release)
	if err != nil {
		return err
	}
	if at, err = b.follow(ctx, next); err != nil {
		return err
	}
	_, err = agreeHydra(ctx, s, b, at, a.Subject, a.Scope, release)
	return err
}
