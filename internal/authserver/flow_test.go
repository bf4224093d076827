package authserver

import (
	"net/http"
	"net/url"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Proof Key of RFC 7636 appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// authorize gives where the authorization endpoint redirects to.
func (f *fixture) authorize(c oauth.Credential, scope string, extra url.Values) *url.URL {
	f.Helper()
	query := url.Values{
		"response_type": {"code"}, "client_id": {c.ClientID}, "redirect_uri": {settings.RedirectURI}, "scope": {scope},
		"state": {"xyz"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if f.audience != "" {
		query.Set("audience", f.audience)
	}
	for key, values := range extra {
		query[key] = values
	}
	a := f.get(f.endpoints.Authorization + "?" + query.Encode())
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusFound {
		f.Fatalf("authorize = %s", a)
	}
	return to
}

// code runs the flow up to an authorization code.
func (f *fixture) code(c oauth.Credential, scope string) string {
	f.Helper()
	login := f.authorize(c, scope, nil)
	var next Accepted
	f.decode(f.post(f.admin.URL+settings.AcceptPath, Acceptance{login.Query().Get("id"), "acct:alice"}), &next)
	back, err := url.Parse(f.get(next.RedirectTo).header.Get("Location"))
	if err != nil || back.Query().Get("code") == "" || back.Query().Get("state") != "xyz" {
		f.Fatalf("login %s ended at %q (%v)", login, back, err)
	}
	return back.Query().Get("code")
}

// exchange is the request for the tokens of a code.
func (f *fixture) exchange(c oauth.Credential, code, verifier string) answer {
	f.Helper()
	r := oauth.Refresh(f.endpoints.Token, c, "")
	form, err := url.ParseQuery(string(r.Body))
	if err != nil {
		f.Fatal(err)
	}
	form.Del("refresh_token")
	form.Set("grant_type", "authorization_code")
	form.Set("code", code)
	form.Set("redirect_uri", settings.RedirectURI)
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	r.Body = []byte(form.Encode())
	return f.send(r)
}

// session is the first pair of tokens of a new grant.
func (f *fixture) session(c oauth.Credential, scope string) oauth.Token {
	f.Helper()
	return f.granted(f.exchange(c, f.code(c, scope), verifier))
}
