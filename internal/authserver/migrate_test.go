package authserver

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// What v1 has stored counts the same under v2: clients with their BCrypt hashes, live
// tokens and dead ones.
func TestUpgradeKeepsEverything(t *testing.T) {
	for _, db := range databases() {
		for _, tokens := range []string{settings.TokensOpaque, settings.TokensJWT} {
			t.Run(db+"/"+tokens, func(t *testing.T) {
				o := place(t, quick(t, settings.V1, "tokens="+tokens+"&db="+db))
				old := openAt(t, o)
				c, public := old.register(oauth.AuthBasic, 0), old.register(oauth.AuthNone, 0)
				live := old.token(c, "read").AccessToken
				revoked := old.token(c, "read").AccessToken
				old.revoke(c, revoked, "")
				session := old.session(public, "read write offline_access")
				rotated := old.granted(old.send(oauth.Refresh(old.endpoints.Token, public, session.RefreshToken)))
				ended := old.session(c, "read offline_access")
				old.revoke(c, ended.RefreshToken, "")
				half := old.session(c, "read offline_access")
				old.revoke(c, half.AccessToken, "")
				code := old.code(c, "read")
				lone := old.granted(old.exchange(c, code, verifier)) // a grant without a refresh token
				pending := old.code(c, "read offline_access")
				resource := old.resource()
				issuer := old.endpoints.Issuer
				old.close()

				o.Settings = quick(t, settings.V2, "tokens="+tokens+"&db="+db)
				f := openAt(t, o)
				if tokens == settings.TokensJWT {
					f = reissue(t, f, o, issuer)
				}
				for what, want := range map[string]struct {
					token  string
					active bool
				}{
					"live token":                   {live, true},
					"revoked token":                {revoked, false},
					"token before a rotation":      {session.AccessToken, true},
					"rotated refresh token":        {session.RefreshToken, false},
					"new refresh token":            {rotated.RefreshToken, true},
					"new access token":             {rotated.AccessToken, true},
					"token of an ended grant":      {ended.AccessToken, false},
					"revoked refresh token":        {ended.RefreshToken, false},
					"refresh token of a half":      {half.RefreshToken, true},
					"revoked access token of it":   {half.AccessToken, false},
					"token without a refreshtoken": {lone.AccessToken, true},
				} {
					f.wantActive(what+" of v1", want.token, want.active)
				}
				if f.resource() != resource {
					t.Error("the resource server's bearer token has changed")
				}
				f.token(c, "read") // the BCrypt hash verifies
				next := f.granted(f.send(oauth.Refresh(f.endpoints.Token, public, rotated.RefreshToken)))
				if next.Scope != "read write offline_access" {
					t.Errorf("scope of a refresh after the upgrade = %q; want the granted one", next.Scope)
				}
				f.granted(f.exchange(c, pending, verifier))
				// Reuse is found across the upgrade.
				f.refused("refresh token rotated under v1",
					f.send(oauth.Refresh(f.endpoints.Token, public, session.RefreshToken)), http.StatusBadRequest,
					"invalid_grant")
				f.wantActive("refresh token after that reuse", next.RefreshToken, false)
				f.refused("code used under v1", f.exchange(c, code, verifier), http.StatusBadRequest, "invalid_grant")
				f.wantActive("token of that code", lone.AccessToken, false)
				f.close()

				o.Settings = quick(t, settings.V1, "tokens="+tokens+"&db="+db)
				if _, err := Open(context.Background(), o); err == nil ||
					!strings.Contains(err.Error(), "database is at migration 6, but v1 ends at 3") {
					t.Errorf("v1 on the schema of v2 = %v; want a refusal that names both", err)
				}
			})
		}
	}
}

// reissue makes the new server speak for the old issuer, as one behind the same name
// would: JWTs of another issuer are rightly refused.
func reissue(t *testing.T, f *fixture, o OpenOptions, issuer string) *fixture {
	t.Helper()
	if err := f.server.Close(); err != nil {
		t.Fatal(err)
	}
	o.Issuer, o.Now = issuer, f.clock.now
	var err error
	if f.server, err = Open(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	f.public.Config.Handler = f.server.Handler()
	f.admin.Config.Handler = f.server.AdminHandler()
	return f
}

// Opening twice applies nothing twice.
func TestReopen(t *testing.T) {
	for _, version := range []string{settings.V1, settings.V2} {
		o := place(t, quick(t, version, ""))
		f := openAt(t, o)
		c := f.register(oauth.AuthBasic, 0)
		token := f.token(c, "read").AccessToken
		f.close()
		f = openAt(t, o)
		f.wantActive("token of before", token, true)
		f.token(c, "read")
	}
}
