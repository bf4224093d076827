package authserver

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// device begins the device flow.
func (f *fixture) device(c oauth.Credential, scope string) oidc.DeviceAuthorizationResponse {
	f.Helper()
	a := f.ask(f.endpoints.DeviceAuthorization, c, url.Values{"scope": {scope}}, nil)
	if a.status != http.StatusOK {
		f.Fatalf("device authorization = %s", a)
	}
	var d oidc.DeviceAuthorizationResponse
	f.decode(a, &d)
	return d
}

func (f *fixture) poll(c oauth.Credential, code string) answer {
	f.Helper()
	return f.ask(f.endpoints.Token, c, url.Values{"grant_type": {deviceGrant}, "device_code": {code}}, nil)
}

func (f *fixture) decide(path string, d DeviceAnswer) {
	f.Helper()
	if a := f.post(f.admin.URL+path, d); a.status != http.StatusNoContent {
		f.Errorf("%s = %s", path, a)
	}
}

func TestDeviceFlow(t *testing.T) {
	for _, db := range databases() {
		for _, tokens := range []string{settings.TokensOpaque, settings.TokensJWT} {
			for _, method := range []string{oauth.AuthBasic, oauth.AuthNone} {
				t.Run(db+"/"+tokens+"/"+method, func(t *testing.T) {
					testDeviceFlow(open(t, quick(t, settings.V2, "tokens="+tokens+"&db="+db)), method)
				})
			}
		}
	}
}

func testDeviceFlow(f *fixture, method string) {
	may := func(b *Registration) {
		b.AuthMethod, b.GrantTypes = method, []string{deviceGrant, "refresh_token"}
	}
	c, other := f.client(may), f.client(may)
	d := f.device(c, "read write openid offline_access")
	if !regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`).MatchString(d.UserCode) ||
		d.Interval != 5 || d.ExpiresIn != 600 ||
		d.VerificationURI != f.endpoints.Issuer+settings.DevicePath ||
		d.VerificationURIComplete != d.VerificationURI+"?user_code="+d.UserCode {
		f.Errorf("device authorization = %+v; want all of RFC 8628 section 3.2", d)
	}
	bad := http.StatusBadRequest
	f.refused("first poll", f.poll(c, d.DeviceCode), bad, "authorization_pending")
	f.clock.advance(4 * time.Second)
	f.refused("poll before the interval", f.poll(c, d.DeviceCode), bad, "slow_down")
	f.clock.advance(6 * time.Second)
	// Section 3.5: the interval is 5 s longer for all that follows, and again.
	f.refused("poll at the old interval", f.poll(c, d.DeviceCode), bad, "slow_down")
	f.clock.advance(15 * time.Second)
	f.refused("poll at the new interval", f.poll(c, d.DeviceCode), bad, "authorization_pending")

	f.refused("poll by another client", f.poll(other, d.DeviceCode), bad, "invalid_grant")
	// Section 6.1: people type codes as they like.
	f.decide(settings.AcceptDevicePath,
		DeviceAnswer{UserCode: " " + d.UserCode[:4] + d.UserCode[5:], Subject: "acct:alice",
			Scope: "read openid offline_access"})
	a := f.poll(c, d.DeviceCode) // nobody is slowed down who has been accepted
	token := f.granted(a)
	if token.Scope != "read openid offline_access" || token.ExpiresIn != 3600 || token.RefreshToken == "" {
		f.Errorf("tokens = %s; want the granted scope and a refresh token", a)
	}
	var identity struct {
		ID string `json:"id_token"`
	}
	if f.decode(a, &identity); f.verify(identity.ID).Subject != "acct:alice" {
		f.Errorf("id_token %q; want alice's", identity.ID)
	}
	if got := f.introspect(f.resource(), token.AccessToken); !got.Active || got.Sub != "acct:alice" ||
		got.ClientID != c.ClientID {
		f.Errorf("introspect = %+v; want alice's", got)
	}
	f.refused("code used twice", f.poll(c, d.DeviceCode), bad, "invalid_grant")
	next := f.granted(f.send(oauth.Refresh(f.endpoints.Token, c, token.RefreshToken)))
	f.revoke(c, next.RefreshToken, "")
	f.wantActive("access token of a revoked device", token.AccessToken, false)

	if a := f.post(f.admin.URL+settings.AcceptDevicePath,
		DeviceAnswer{UserCode: d.UserCode, Subject: "acct:bob"}); a.status != http.StatusNotFound {
		f.Errorf("second decision = %s; want 404", a)
	}
	rejected := f.device(c, "read")
	f.decide(settings.RejectDevicePath, DeviceAnswer{UserCode: rejected.UserCode})
	f.refused("rejected device", f.poll(c, rejected.DeviceCode), bad, "access_denied")
	late := f.device(c, "read")
	f.clock.advance(deviceLifetime)
	if a := f.post(f.admin.URL+settings.AcceptDevicePath,
		DeviceAnswer{UserCode: late.UserCode, Subject: "acct:bob"}); a.status != http.StatusNotFound {
		f.Errorf("decision on a device that has expired = %s; want 404", a)
	}
	f.refused("expired device", f.poll(c, late.DeviceCode), bad, "expired_token")
	f.refused("unknown device", f.poll(c, "x"), bad, "invalid_grant")
	f.refused("more scope", f.ask(f.endpoints.DeviceAuthorization, c, url.Values{"scope": {"admin"}}, nil), bad,
		"invalid_scope")
	if stranger := f.register(oauth.AuthBasic, 0); true {
		f.refused("client without the grant", f.ask(f.endpoints.DeviceAuthorization, stranger, nil, nil), bad,
			"unauthorized_client")
		f.refused("poll without the grant", f.poll(stranger, d.DeviceCode), bad, "unauthorized_client")
	}
	if plain := f.device(c, "read"); true { // no offline_access, no refresh token, and all that was asked for
		f.decide(settings.AcceptDevicePath, DeviceAnswer{UserCode: plain.UserCode, Subject: "acct:alice"})
		if token := f.granted(f.poll(c, plain.DeviceCode)); token.RefreshToken != "" || token.Scope != "read" {
			f.Errorf("tokens = %+v; want scope read and no refresh token", token)
		}
	}
}
