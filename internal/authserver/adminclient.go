package authserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"oauthbench/internal/oauth"
)

// RedirectURI is what RegisterClient registers for the authorization_code grant.
// Nothing listens there: callers read the code from the Location header.
const RedirectURI = "http://127.0.0.1/callback"

// RegisterClient registers a client and gives its credential, with the method of
// spec ("" is client_secret_basic). A lifetime that is not whole seconds is refused.
func (p *Process) RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	if spec.AccessTokenLifetime != 0 && !validLifetime(spec.AccessTokenLifetime) {
		return oauth.Credential{}, fmt.Errorf("register client %q: lifetime %s: use whole seconds, at least 1s", spec.Name, spec.AccessTokenLifetime)
	}
	body := registration{
		Name: spec.Name, AuthMethod: spec.AuthMethod, GrantTypes: spec.GrantTypes, Scope: spec.Scope,
		AccessLifetime: int64(spec.AccessTokenLifetime / time.Second),
	}
	if slices.Contains(spec.GrantTypes, "authorization_code") {
		body.RedirectURIs = []string{RedirectURI}
	}
	var answer registered
	if err := p.call(ctx, http.MethodPost, clientsPath, body, &answer); err != nil {
		return oauth.Credential{}, fmt.Errorf("register client %q: %w", spec.Name, err)
	}
	return oauth.Credential{Method: answer.AuthMethod, ClientID: answer.ID, Secret: answer.Secret}, nil
}

// IntrospectionCredential is the bearer token of the resource server. It stays valid
// over Restart and Upgrade.
func (p *Process) IntrospectionCredential(ctx context.Context) (oauth.Credential, error) {
	var answer introspector
	if err := p.call(ctx, http.MethodGet, introspectorsPath, nil, &answer); err != nil {
		return oauth.Credential{}, fmt.Errorf("introspection credential: %w", err)
	}
	return oauth.Credential{Method: oauth.AuthBearer, Secret: answer.Token}, nil
}

// AcceptLogin plays the login page for the authorization request that redirected to
// login, and gives the URL that continues it: a GET there redirects to the client
// with its code.
func (p *Process) AcceptLogin(ctx context.Context, login *url.URL, subject string) (string, error) {
	var answer accepted
	if err := p.call(ctx, http.MethodPost, acceptPath, acceptance{login.Query().Get("id"), subject}, &answer); err != nil {
		return "", fmt.Errorf("accept login of %q: %w", subject, err)
	}
	return answer.RedirectTo, nil
}

// call speaks to the admin interface. It is never on the clock, so a connection each
// will do, and none outlives a restart.
func (p *Process) call(ctx context.Context, method, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, p.AdminURL()+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(io.LimitReader(resp.Body, formLimit))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		var why refusal
		if json.Unmarshal(text, &why) != nil || why.Error == "" {
			why.Error = "admin interface answered " + resp.Status
		}
		return errors.New(why.Error)
	}
	return json.Unmarshal(text, answer)
}

func hostPort(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}
