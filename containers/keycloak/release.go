package keycloak

import (
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// release is the number of a version such as 26.4.7.
type release struct{ major, minor, patch int }

func parseRelease(tag string) (release, error) {
	var r release
	number, _, _ := strings.Cut(tag, "-")
	if _, err := fmt.Sscanf(number, "%d.%d.%d", &r.major, &r.minor, &r.patch); err != nil {
		return r, fmt.Errorf("tag %q does not begin with a version: write keycloak:26.7.3, and name the image with "+
			"image= when its tag is another", tag)
	}
	if r.major < 26 {
		return r, fmt.Errorf("version %s is too old: use 26.0.0 or later", tag)
	}
	return r, nil
}

// checksAudience tells whether introspection calls a token inactive whose aud does not
// name the client that asks (CVE-2026-37979): from 26.6.2, and from 26.4.12 in its line. No
// refresh token names one.
func (r release) checksAudience() bool {
	if r.major == 26 && r.minor == 4 {
		return r.patch >= 12
	}
	return r.major > 26 || r.minor > 6 || r.minor == 6 && r.patch >= 2
}

// from tells whether it is this release of 26 or a later one.
func (r release) from(minor int) bool { return r.major > 26 || r.minor >= minor }

// capabilities are what the release can do: token exchange is supported from 26.2, DPoP from
// 26.4. Refresh tokens are introspected by their own client, which names their kind, for from
// 26.6.2 all others are told that they are inactive.
func (r release) capabilities() oauth.Capabilities {
	all := oauth.Capabilities{
		oauth.GrantClientCredentials, oauth.GrantRefreshToken, oauth.GrantAuthorizationCode, oauth.GrantDeviceCode,
		oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS, oauth.HasDiscovery,
		oauth.CanSetLifetime, oauth.KillsAccessTokens, oauth.IntrospectsHinted, oauth.PasswordLogin,
		oauth.AuthBasic, oauth.AuthPost, oauth.AuthNone, oauth.AuthSecretJWT, oauth.AuthPrivateKeyJWT,
	}
	if r.from(2) {
		all = append(all, oauth.GrantTokenExchange)
	}
	if r.from(4) {
		all = append(all, oauth.HasDPoP)
	}
	return all
}
