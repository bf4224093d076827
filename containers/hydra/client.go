package hydra

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

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// client is what we say and hear of a client.
type client struct {
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

func register(ctx context.Context, a *stack.Access, v version, spec oauth.ClientSpec) (oauth.Credential, error) {
	body := client{
		Name: spec.Name, GrantTypes: spec.GrantTypes, Scope: spec.Scope, AuthMethod: spec.AuthMethod,
		Audience: spec.Audience, SigningAlg: spec.SigningAlg, Keys: spec.Keys,
	}
	if slices.Contains(spec.GrantTypes, string(oauth.GrantAuthorizationCode)) {
		body.ResponseTypes, body.RedirectURIs = []string{"code"}, stack.Redirects(spec)
	}
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		if v.first() {
			return oauth.Credential{}, fmt.Errorf(
				"access token lifetime %s of one client: Hydra 1.x has one for all, set with access_ttl=%s: %w", ttl,
				ttl, errors.ErrUnsupported)
		}
		text := ttl.Round(time.Second).String()
		body.ClientCredentialsTTL, body.RefreshTTL, body.CodeTTL = text, text, text
	}
	var got client
	if err := a.Call(ctx, http.MethodPost, a.Admin+v.admin()+"/clients", "", body, &got); err != nil {
		return oauth.Credential{}, err
	}
	secret := spec.AuthMethod != oauth.AuthNone && spec.AuthMethod != oauth.AuthPrivateKeyJWT
	if got.ID == "" || secret && got.Secret == "" {
		return oauth.Credential{}, errors.New("the answer of Hydra names no client_id or no client_secret")
	}
	if slices.Contains(spec.GrantTypes, string(oauth.GrantJWTBearer)) {
		if err := trustIssuer(ctx, a, v, got.ID, spec); err != nil {
			return oauth.Credential{}, err
		}
	}
	return oauth.Credential{Method: spec.AuthMethod, ClientID: got.ID, Secret: got.Secret}, nil
}

// trustIssuer lets assertions speak for any user that are signed with the client's
// keys and name the client as their issuer (RFC 7523 section 3).
func trustIssuer(ctx context.Context, a *stack.Access, v version, issuer string, spec oauth.ClientSpec) error {
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
		if err := a.Call(ctx, http.MethodPost, a.Admin+v.admin()+"/trust/grants/jwt-bearer/issuers", "", trust,
			nil); err != nil {
			return err
		}
	}
	return nil
}

// authorize answers for the login and the consent application, which Hydra
// leaves to others, through the admin interface.
func authorize(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization, v version) (*url.URL,
	error) {
	at, err := b.Follow(ctx, oauth.Authorize(endpoints(a.Site, v).Authorization, ask).URL)
	if err != nil {
		return nil, err
	}
	return agree(ctx, a, b, at, ask, false, v)
}

// remember has a user agree for good.
func remember(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization, v version) error {
	at, err := b.Follow(ctx, oauth.Authorize(endpoints(a.Site, v).Authorization, ask).URL)
	if err != nil {
		return err
	}
	last, err := agree(ctx, a, b, at, ask, true, v)
	if err == nil && last.Query().Get("code") == "" {
		err = fmt.Errorf("no code: %s", last.Query().Get("error_description"))
	}
	return err
}

// logIn has a user log in, and returns where the browser goes back to.
func logIn(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization, v version) (string,
	error) {
	at, err := b.Follow(ctx, oauth.Authorize(endpoints(a.Site, v).Authorization, ask).URL)
	if err != nil {
		return "", err
	}
	return accept(ctx, a, at, "login_challenge", "login/accept", map[string]any{"subject": ask.Subject}, v)
}

// agree logs the user in and agrees, to be asked again or for good, from where the browser has
// been sent to log in, and returns where it is sent at last.
func agree(ctx context.Context, a *stack.Access, b *stack.Browser, at *url.URL, ask oauth.Authorization,
	forGood bool, v version) (*url.URL, error) {
	answers := []struct {
		challenge, path string
		body            any
	}{
		{"login_challenge", "login/accept", map[string]any{"subject": ask.Subject}},
		{"consent_challenge", "consent/accept", map[string]any{
			"grant_scope": strings.Fields(ask.Scope), "remember": forGood}},
	}
	for _, answer := range answers {
		next, err := accept(ctx, a, at, answer.challenge, answer.path, answer.body, v)
		if err != nil {
			return nil, err
		}
		if at, err = b.Follow(ctx, next); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// accept accepts a challenge in the place of the application that it was sent to,
// and returns where the browser goes on.
func accept(ctx context.Context, a *stack.Access, at *url.URL, name, path string, body any, v version) (string, error) {
	challenge := at.Query().Get(name)
	if challenge == "" {
		return "", fmt.Errorf("redirect of Hydra without %s: %s", name, at.Query().Get("error_description"))
	}
	var next struct {
		RedirectTo string `json:"redirect_to"`
	}
	accept := a.Admin + v.admin() + "/oauth2/auth/requests/" + path + "?" + url.Values{name: {challenge}}.Encode()
	err := a.Call(ctx, http.MethodPut, accept, "", body, &next)
	return next.RedirectTo, err
}

// approve answers for the application at which users type their codes, too.
func approve(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.DeviceApproval, v version) error {
	verify := a.Issuer + "/oauth2/device/verify?" + url.Values{"user_code": {ask.UserCode}}.Encode()
	at, err := b.Follow(ctx, verify)
	if err != nil {
		return err
	}
	next, err := accept(ctx, a, at, "device_challenge", "device/accept", map[string]any{"user_code": ask.UserCode}, v)
	if err != nil {
		return err
	}
	if at, err = b.Follow(ctx, next); err != nil {
		return err
	}
	_, err = agree(ctx, a, b, at, oauth.Authorization{Subject: ask.Subject, Scope: ask.Scope}, false, v)
	return err
}
