package containers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// CallbackURL is where clients with the authorization_code grant have their codes
// sent. Nobody listens there: Authorize reads the code from the redirection.
const CallbackURL = "http://127.0.0.1/callback"

// Authorization is what a user is asked to agree to.
type Authorization struct {
	ClientID string
	Scope    string // space separated; offline_access asks for a refresh token
	Subject  string // the user
}

// Authorize plays a user who logs in and agrees, and returns the authorization code
// (RFC 6749 section 4.1.2), to be exchanged with CallbackURL as its redirect_uri. The
// error wraps errors.ErrUnsupported when the server cannot be asked without a user.
func (s *Stack) Authorize(ctx context.Context, a Authorization) (code string, err error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("authorize at %s: %w", s.spec, err) }
	if s.program.authorize == nil {
		return fail(fmt.Errorf("%s wants a user at a browser: %w", s.spec.Server, errors.ErrUnsupported))
	}
	callback, err := s.program.authorize(ctx, s, &browser{client: s.http, cookies: map[string]string{}}, a)
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
	return code, nil
}

// url is the authorization request (RFC 6749 section 4.1.1).
func (a Authorization) url(endpoint string) string {
	return endpoint + "?" + url.Values{
		"response_type": {"code"}, "client_id": {a.ClientID}, "redirect_uri": {CallbackURL}, "scope": {a.Scope}, "state": {random(12)},
	}.Encode()
}

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
