package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"oauthbench/internal/oauth"
)

// CallbackURL is where clients with the authorization_code grant have their codes sent
// when their registration names no place. Nobody listens there: Authorize reads the
// code from the redirection.
const CallbackURL = "http://127.0.0.1/callback"

// redirects are where a client has its codes sent.
func redirects(spec oauth.ClientSpec) []string {
	if len(spec.RedirectURIs) > 0 {
		return spec.RedirectURIs
	}
	return []string{CallbackURL}
}

// Authorize plays a user who logs in and agrees, and returns the authorization code
// (RFC 6749 section 4.1.2). The error wraps errors.ErrUnsupported when the server
// cannot be asked without a user.
func (s *Stack) Authorize(ctx context.Context, a oauth.Authorization) (code string, err error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("authorize at %s: %w", s.spec, err) }
	if s.program.authorize == nil {
		return fail(fmt.Errorf("%s wants a user at a browser: %w", s.spec.Server, errors.ErrUnsupported))
	}
	if a.RedirectURI == "" {
		a.RedirectURI = CallbackURL
	}
	if a.State == "" {
		a.State = random(12)
	}
	callback, err := s.program.authorize(ctx, s, s.browser(), a)
	if err != nil {
		return fail(err)
	}
	u, err := url.Parse(callback)
	if err != nil {
		return fail(err)
	}
	if code = u.Query().Get("code"); code == "" {
		return fail(fmt.Errorf("no code: %s %s", u.Query().Get("error"), u.Query().Get("error_description")))
	}
	if got := u.Query().Get("state"); got != a.State {
		return fail(fmt.Errorf("state %q came back, not %q", got, a.State))
	}
	return code, nil
}

// ApproveDevice plays a user who agrees to a device (RFC 8628 section 3.3). The error
// wraps errors.ErrUnsupported when the server has no device flow.
func (s *Stack) ApproveDevice(ctx context.Context, a oauth.DeviceApproval) error {
	err := fmt.Errorf("%s has no device flow that can be driven without a user: %w", s.spec.Server, errors.ErrUnsupported)
	if s.program.approve != nil {
		err = s.program.approve(ctx, s, s.browser(), a)
	}
	if err != nil {
		return fmt.Errorf("approve a device at %s: %w", s.spec, err)
	}
	return nil
}

func (s *Stack) browser() *browser { return &browser{client: s.http, cookies: map[string]string{}} }

// browser goes where it is sent, one step at a time. It sends all its cookies
// everywhere, also those that are for TLS only: all is on 127.0.0.1.
type browser struct {
	client  *http.Client
	cookies map[string]string
}

// follow does one GET and returns where it redirects to.
func (b *browser) follow(ctx context.Context, address string) (*url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := b.client.Transport.RoundTrip(req) // below the client, which would follow by itself
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	to, err := resp.Location()
	if err != nil {
		return nil, fmt.Errorf("%s%s answered %s, not a redirection", req.URL.Host, req.URL.Path, resp.Status)
	}
	return to, nil
}
