package authserver

import (
	"net/http"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

func TestUserinfo(t *testing.T) {
	everywhere(t, func(f *fixture) {
		c := f.register(oauth.AuthBasic, 60)
		session := f.session(c, "openid read offline_access")
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			a := f.send(oauth.Request{Method: method, URL: f.endpoints.Userinfo,
				Header: http.Header{"Authorization": {"bearer " + session.AccessToken}}})
			if a.status != http.StatusOK || string(a.body) != "{\"sub\":\"acct:alice\"}\n" ||
				a.header.Get("Content-Type") != "application/json" {
				f.Errorf("%s userinfo = %s; want alice", method, a)
			}
		}
		f.refused("no openid", f.userinfo("Bearer", f.session(c, "read").AccessToken, ""), http.StatusForbidden,
			"insufficient_scope")
		f.refused("refresh token", f.userinfo("Bearer", session.RefreshToken, ""), http.StatusUnauthorized,
			"invalid_token")
		f.refused("unknown token", f.userinfo("Bearer", "x.y", ""), http.StatusUnauthorized, "invalid_token")
		// RFC 6750 section 3.1: who has not tried is told of no error.
		for _, scheme := range []string{"", "Basic"} {
			a := f.userinfo(scheme, "", "")
			if f.refused("no token", a, http.StatusUnauthorized, ""); a.header.Get("WWW-Authenticate") != "Bearer" {
				f.Errorf("WWW-Authenticate = %q; want Bearer alone", a.header.Get("WWW-Authenticate"))
			}
		}
		revoked := f.session(c, "openid offline_access")
		f.revoke(c, revoked.RefreshToken, "")
		f.refused("revoked grant", f.userinfo("Bearer", revoked.AccessToken, ""), http.StatusUnauthorized,
			"invalid_token")
		f.clock.advance(62 * time.Second)
		a := f.userinfo("Bearer", session.AccessToken, "")
		if f.refused("expired token", a, http.StatusUnauthorized,
			"invalid_token"); a.header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
			f.Errorf("WWW-Authenticate = %q; want the error (RFC 6750 section 3)", a.header.Get("WWW-Authenticate"))
		}
	})
}
