package process

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// RegisterClient registers a client and gives its credential, with the method of
// spec ("" is client_secret_basic). A lifetime that is not whole seconds is refused. The
// error wraps errors.ErrUnsupported when the server is too old for a grant or method.
func (p *Process) RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	if spec.AccessTokenLifetime != 0 && !settings.ValidLifetime(spec.AccessTokenLifetime) {
		return oauth.Credential{}, fmt.Errorf("register client %q: lifetime %s: use whole seconds, at least 1s",
			spec.Name, spec.AccessTokenLifetime)
	}
	var needed []oauth.Capability
	for _, name := range append(slices.Clone(spec.GrantTypes), cmp.Or(spec.AuthMethod, oauth.AuthBasic)) {
		needed = append(needed, oauth.Capability(name))
	}
	if missing := p.Capabilities().Missing(needed...); len(missing) > 0 {
		return oauth.Credential{}, fmt.Errorf("register client %q: %s has no %s: %w", spec.Name, p.Settings().Version,
			missing[0], errors.ErrUnsupported)
	}
	body := authserver.Registration{
		Name: spec.Name, AuthMethod: spec.AuthMethod, GrantTypes: spec.GrantTypes, Scope: spec.Scope,
		Audience: spec.Audience, RedirectURIs: spec.RedirectURIs, Keys: spec.Keys, SigningAlg: spec.SigningAlg,
		SubjectDN:      spec.SubjectDN,
		AccessLifetime: int64(spec.AccessTokenLifetime / time.Second),
	}
	if slices.Contains(spec.GrantTypes, "authorization_code") && len(spec.RedirectURIs) == 0 {
		body.RedirectURIs = []string{settings.RedirectURI}
	}
	var answer authserver.Registered
	if err := p.call(ctx, http.MethodPost, settings.ClientsPath, body, &answer); err != nil {
		return oauth.Credential{}, fmt.Errorf("register client %q: %w", spec.Name, err)
	}
	return oauth.Credential{Method: answer.AuthMethod, ClientID: answer.ID, Secret: answer.Secret}, nil
}

// IntrospectionCredential is the bearer token of the resource server. It stays valid
// over Restart and Upgrade.
func (p *Process) IntrospectionCredential(ctx context.Context) (oauth.Credential, error) {
	var answer authserver.Introspector
	if err := p.call(ctx, http.MethodGet, settings.IntrospectorsPath, nil, &answer); err != nil {
		return oauth.Credential{}, fmt.Errorf("introspection credential: %w", err)
	}
	return oauth.Credential{Method: oauth.AuthBearer, Secret: answer.Token}, nil
}

// AcceptLogin plays the login page for the authorization request that redirected to
// login, and gives the URL that continues it: a GET there redirects to the client
// with its code.
func (p *Process) AcceptLogin(ctx context.Context, login *url.URL, subject string) (string, error) {
	var answer authserver.Accepted
	if err := p.call(ctx, http.MethodPost, settings.AcceptPath,
		authserver.Acceptance{ID: login.Query().Get("id"), Subject: subject}, &answer); err != nil {
		return "", fmt.Errorf("accept login of %q: %w", subject, err)
	}
	return answer.RedirectTo, nil
}

// ApproveDevice plays the user who agrees to a device (RFC 8628 section 3.3). An empty
// scope grants what the device has asked for.
func (p *Process) ApproveDevice(ctx context.Context, a oauth.DeviceApproval) error {
	body := authserver.DeviceAnswer{UserCode: a.UserCode, Subject: a.Subject, Scope: a.Scope}
	if err := p.call(ctx, http.MethodPost, settings.AcceptDevicePath, body, nil); err != nil {
		return fmt.Errorf("approve device for %q: %w", a.Subject, err)
	}
	return nil
}

// RejectDevice plays the user who refuses one.
func (p *Process) RejectDevice(ctx context.Context, userCode string) error {
	if err := p.call(ctx, http.MethodPost, settings.RejectDevicePath, authserver.DeviceAnswer{UserCode: userCode},
		nil); err != nil {
		return fmt.Errorf("reject device: %w", err)
	}
	return nil
}

// Capabilities are what the server as last started can do.
func (p *Process) Capabilities() oauth.Capabilities { return p.Settings().Capabilities() }

// call speaks to the admin interface.
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
	resp, err := httpClient(p).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(io.LimitReader(resp.Body, authserver.FormLimit))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		var why authserver.Refusal
		if json.Unmarshal(text, &why) != nil || why.Error == "" {
			why.Error = "admin interface answered " + resp.Status
		}
		return errors.New(why.Error)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

func httpClient(p *Process) *http.Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.client
}
