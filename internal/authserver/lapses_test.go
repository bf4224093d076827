package authserver

import (
	"net/http"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// faulty runs a test on both generations with planted faults.
func faulty(t *testing.T, query string, test func(*fixture)) {
	for _, version := range []string{settings.V1, settings.V2} {
		t.Run(version, func(t *testing.T) { test(open(t, quick(t, version, query))) })
	}
}

func TestLateRevocation(t *testing.T) {
	faulty(t, "fault.late_revocation=5s", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		token, session := f.token(c, "read").AccessToken, f.session(c, "read offline_access")
		f.revoke(c, token, "")
		f.revoke(c, session.RefreshToken, "")
		all := map[string]string{"token": token, "access token": session.AccessToken,
			"refresh token": session.RefreshToken}
		for what, value := range all {
			f.wantActive(what+" just revoked", value, true)
		}
		f.clock.advance(5 * time.Second)
		for what, value := range all {
			f.wantActive(what+" revoked 5 s ago", value, false)
		}
		f.wantActive("a token that was not revoked", f.token(c, "read").AccessToken, true)
	})
}

func TestRevived(t *testing.T) {
	faulty(t, "fault.revived=5s", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 20)
		token, session := f.token(c, "read").AccessToken, f.session(c, "read offline_access")
		f.revoke(c, token, "")
		f.revoke(c, session.RefreshToken, "")
		all := map[string]string{"token": token, "access token": session.AccessToken}
		for what, value := range all {
			f.wantActive(what+" just revoked", value, false)
		}
		f.clock.advance(5 * time.Second)
		for what, value := range all {
			f.wantActive(what+" revoked 5 s ago", value, true)
		}
		f.clock.advance(20 * time.Second)
		f.wantActive("an expired one", token, false)
	})
}

func TestRevokedTwice(t *testing.T) {
	faulty(t, "fault.revoked_twice=on", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		token, session := f.token(c, "read").AccessToken, f.session(c, "read offline_access")
		for _, active := range []bool{false, true} {
			f.revoke(c, token, "")
			f.revoke(c, session.RefreshToken, "")
			f.wantActive("the token", token, active)
			f.wantActive("the access token", session.AccessToken, active)
		}
	})
}

func TestShortLife(t *testing.T) {
	faulty(t, "fault.short_life=5s", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		session := f.session(c, "read offline_access")
		all := map[string]string{"token": f.token(c, "read").AccessToken, "access token": session.AccessToken}
		for what, value := range all {
			f.wantActive(what+" just issued", value, true)
		}
		f.clock.advance(6 * time.Second) // Servers keep whole seconds.
		for what, value := range all {
			f.wantActive(what+" issued 6 s ago", value, false)
		}
		f.wantActive("a refresh token", session.RefreshToken, true)
	})
}

func TestLostRevocation(t *testing.T) {
	faulty(t, "fault.lost_revocation=0.3", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		lost := 0
		const n = 100
		for range n {
			token := f.token(c, "read").AccessToken
			f.revoke(c, token, "")
			if f.introspect(f.resource(), token).Active {
				lost++
			}
		}
		// Binomial with a standard deviation of 4.6; the seed makes it the same each time.
		if lost < 15 || lost > 45 {
			f.Errorf("%d of %d revocations are lost; want about 30", lost, n)
		}
	})
}

func TestAlwaysActive(t *testing.T) {
	faulty(t, "fault.always_active=1", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 1)
		token := f.token(c, "read").AccessToken
		f.revoke(c, token, "")
		expired := f.token(c, "read").AccessToken
		f.clock.advance(2 * time.Second)
		for what, value := range map[string]string{"revoked": token, "expired": expired, "unknown": "unknown",
			"malformed": "a.b.c"} {
			for _, caller := range []oauth.Credential{c, f.resource()} {
				if !f.introspect(caller, value).Active {
					f.Errorf("%s token is inactive; want all active", what)
				}
			}
		}
	})
}

func TestInactive(t *testing.T) {
	faulty(t, "fault.inactive=1", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		f.wantActive("a live token", f.token(c, "read").AccessToken, false)
	})
}

// Tokens of every grant get a scope that nobody asked for; the grant itself does not.
func TestWrongScope(t *testing.T) {
	faulty(t, "fault.wrong_scope=1", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		session := f.session(c, "read openid offline_access")
		next := f.granted(f.send(oauth.Refresh(f.endpoints.Token, c, session.RefreshToken)))
		for what, test := range map[string]struct{ scope, access, want string }{
			"client_credentials": {"", "", ""},
			"code":               {session.Scope, session.AccessToken, "read openid offline_access unasked"},
			"refresh":            {next.Scope, next.AccessToken, "read openid offline_access unasked"},
		} {
			if what == "client_credentials" {
				token := f.token(c, "read")
				test.scope, test.access, test.want = token.Scope, token.AccessToken, "read unasked"
			}
			if got := f.introspect(f.resource(), test.access).Scope; test.scope != test.want || got != test.want {
				f.Errorf("%s: scope %q, introspected %q; want %q", what, test.scope, got, test.want)
			}
		}
		if got := f.introspect(f.resource(), next.RefreshToken).Scope; got != "read openid offline_access" {
			f.Errorf("scope of the grant = %q; want the one that was asked for", got)
		}
	})
}

// Within the grace a refresh token works again; after it that is theft.
func TestRefreshGrace(t *testing.T) {
	faulty(t, "refresh_grace=10s", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		refresh := func(token string) answer { return f.send(oauth.Refresh(f.endpoints.Token, c, token)) }
		first := f.session(c, "read offline_access")
		second := f.granted(refresh(first.RefreshToken))
		f.clock.advance(9 * time.Second)
		f.wantActive("refresh token within its grace", first.RefreshToken, true)
		retry := f.granted(refresh(first.RefreshToken))
		if retry.RefreshToken == second.RefreshToken || retry.AccessToken == second.AccessToken {
			f.Error("a retry got the same tokens again; want new ones")
		}
		for _, token := range []string{second.AccessToken, second.RefreshToken, retry.AccessToken, retry.RefreshToken} {
			f.wantActive("successor", token, true)
		}
		// The grace counts from the first use, not from the last.
		f.clock.advance(time.Second)
		f.wantActive("refresh token after its grace", first.RefreshToken, false)
		f.wantActive("its successor", second.RefreshToken, true)
		f.refused("refresh token after its grace", refresh(first.RefreshToken), http.StatusBadRequest, "invalid_grant")
		f.wantActive("its successor after that reuse", second.RefreshToken, false)
		f.wantActive("the successor of the retry", retry.RefreshToken, false)
	})
	faulty(t, "refresh_grace=10s", func(f *fixture) {
		c := f.register(oauth.AuthBasic, 0)
		first := f.session(c, "read offline_access")
		f.granted(f.send(oauth.Refresh(f.endpoints.Token, c, first.RefreshToken)))
		f.revoke(c, first.RefreshToken, "")
		f.refused("revoked within its grace", f.send(oauth.Refresh(f.endpoints.Token, c, first.RefreshToken)),
			http.StatusBadRequest, "invalid_grant")
	})
}
