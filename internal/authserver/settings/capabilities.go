package settings

import "github.com/oauthbench/oauthbench/internal/oauth"

// GrantTypes are those that clients may be registered for. v1 is older than the device
// flow and token exchange.
func (s Settings) GrantTypes() []string {
	grants := []oauth.Capability{
		oauth.GrantClientCredentials, oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantJWTBearer,
	}
	if s.Version != V1 {
		grants = append(grants, oauth.GrantDeviceCode, oauth.GrantTokenExchange)
	}
	names := make([]string, len(grants))
	for i, g := range grants {
		names[i] = string(g)
	}
	return names
}

// AuthMethods are those of confidential clients.
func (s Settings) AuthMethods() []string {
	methods := []string{oauth.AuthBasic, oauth.AuthPost, oauth.AuthSecretJWT, oauth.AuthPrivateKeyJWT}
	if s.TLS {
		methods = append(methods, oauth.AuthTLS)
	}
	return methods
}

// Capabilities are what a server with these settings can do. DPoP came with v2.
func (s Settings) Capabilities() oauth.Capabilities {
	all := oauth.Capabilities{
		oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS, oauth.HasDiscovery,
		oauth.CanSetLifetime, oauth.KillsAccessTokens, oauth.IntrospectsRefresh, oauth.AuthNone,
	}
	for _, name := range append(s.GrantTypes(), s.AuthMethods()...) {
		all = append(all, oauth.Capability(name))
	}
	if s.Version != V1 {
		all = append(all, oauth.HasDPoP)
	}
	return all
}
