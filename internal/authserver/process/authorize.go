package process

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/oauthbench/oauthbench/internal/authserver"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Authorize plays the browser of a user who logs in and agrees, and returns the code
// that the client is sent (RFC 6749 section 4.1.2).
func (p *Process) Authorize(ctx context.Context, a oauth.Authorization) (code string, err error) {
	query := url.Values{
		"response_type": {"code"}, "client_id": {a.ClientID}, "redirect_uri": {a.RedirectURI}, "scope": {a.Scope},
		"state": {a.State},
	}
	if a.Challenge != "" {
		query.Set("code_challenge", a.Challenge)
		query.Set("code_challenge_method", "S256")
	}
	fail := func(err error) (string, error) { return "", fmt.Errorf("authorize %q: %w", a.Subject, err) }
	browser := httpClient(p)
	login, err := follow(ctx, browser, p.Endpoints().Authorization+"?"+query.Encode())
	if err != nil {
		return fail(err)
	}
	next, err := p.AcceptLogin(ctx, login, a.Subject)
	if err != nil {
		return fail(err)
	}
	back, err := follow(ctx, browser, next)
	if err != nil {
		return fail(err)
	}
	if code = back.Query().Get("code"); code == "" || back.Query().Get("state") != a.State {
		return fail(fmt.Errorf("sent back with %q, not with a code and the state", back.RawQuery))
	}
	return code, nil
}

// follow gives where a GET is redirected to. An error of the server is sent back to the
// client as a redirection without a login id.
func follow(ctx context.Context, browser *http.Client, address string) (*url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	io.Copy(io.Discard, io.LimitReader(resp.Body, authserver.FormLimit)) // so that the connection is used again
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		return nil, fmt.Errorf("%s answered %s, not a redirection", req.URL.Path, resp.Status)
	}
	if code := to.Query().Get("error"); code != "" {
		return nil, fmt.Errorf("%s: %s %s", req.URL.Path, code, to.Query().Get("error_description"))
	}
	return to, nil
}
