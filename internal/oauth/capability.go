package oauth

import "slices"

// Capability is something that not every authorization server can do. Grants carry
// the names of RFC 7591 section 2, client authentication methods those of the Auth
// constants.
type Capability string

// The capabilities that workloads ask for.
const (
	GrantClientCredentials Capability = "client_credentials"
	GrantRefreshToken      Capability = "refresh_token"
	GrantAuthorizationCode Capability = "authorization_code"
	GrantDeviceCode        Capability = "urn:ietf:params:oauth:grant-type:device_code"    // RFC 8628
	GrantJWTBearer         Capability = "urn:ietf:params:oauth:grant-type:jwt-bearer"     // RFC 7523
	GrantTokenExchange     Capability = "urn:ietf:params:oauth:grant-type:token-exchange" // RFC 8693

	HasIntrospection Capability = "introspection" // RFC 7662
	HasRevocation    Capability = "revocation"    // RFC 7009
	HasUserinfo      Capability = "userinfo"      // OpenID Connect Core 1.0 section 5.3
	HasJWKS          Capability = "jwks"          // RFC 7517
	HasDiscovery     Capability = "discovery"     // RFC 8414, OpenID Connect Discovery 1.0
	HasDPoP          Capability = "dpop"          // RFC 9449

	// CanSetLifetime is an access token lifetime for each client.
	CanSetLifetime Capability = "access_token_lifetime"
	// IntrospectsRefresh is that introspection tells the state of refresh tokens too
	// (RFC 7662 section 2.1 leaves open which tokens a server knows there).
	IntrospectsRefresh Capability = "refresh_introspection"
	// IntrospectsHinted is the same where their own client asks and token_type_hint names them,
	// which some versions of a server need and the others take (RFC 7662 section 2.1).
	IntrospectsHinted Capability = "hinted_refresh_introspection"
	// KillsAccessTokens is the promise that revoking a refresh token makes the access
	// tokens of its grant inactive (RFC 7009 section 2.1 leaves it open).
	KillsAccessTokens Capability = "refresh_revocation_kills_access"
	// LoginReturn is that users log in at an application of others and return from there, a
	// step that can be timed alone.
	LoginReturn Capability = "login_return"
	// PasswordLogin is that users log in at a form of the server itself, whose answer can be timed
	// alone.
	PasswordLogin Capability = "password_login"
	// NotOurs marks a server of which we have one client with a secret and no users: what
	// else it can do cannot be asked of it here.
	NotOurs Capability = "runs_elsewhere"
)

// Title is the capability in words.
func (c Capability) Title() string {
	switch c {
	case GrantDeviceCode:
		return "device flow (RFC 8628)"
	case GrantJWTBearer:
		return "JWT bearer grant (RFC 7523)"
	case GrantTokenExchange:
		return "token exchange (RFC 8693)"
	case GrantClientCredentials, GrantRefreshToken, GrantAuthorizationCode:
		return string(c) + " grant"
	case HasIntrospection, HasRevocation, HasUserinfo, HasJWKS, HasDiscovery:
		return string(c) + " endpoint"
	case HasDPoP:
		return "DPoP (RFC 9449)"
	case PasswordLogin:
		return "login form of its own that can be timed"
	case LoginReturn:
		return "return from a login page of others that can be timed"
	default:
		return string(c)
	}
}

// Capabilities are what one server, as it is configured, can do.
type Capabilities []Capability

// Has tells whether c is among them.
func (cs Capabilities) Has(c Capability) bool { return slices.Contains(cs, c) }

// Missing are those of needed that are not among them, in the order of needed.
func (cs Capabilities) Missing(needed ...Capability) []Capability {
	return slices.DeleteFunc(slices.Clone(needed), cs.Has)
}

// OutOfReach says why a capability cannot be used here of a server that is not ours, which
// may well have it; "" when it lacks it or when the server is ours.
func (cs Capabilities) OutOfReach(c Capability) string {
	if !cs.Has(NotOurs) {
		return ""
	}
	switch c {
	case GrantAuthorizationCode, GrantRefreshToken, GrantDeviceCode, GrantTokenExchange, HasUserinfo:
		return c.Title() + ": needs a user who agrees, and none can be played at a server that is not ours"
	case GrantJWTBearer, AuthPrivateKeyJWT, AuthSecretJWT, AuthTLS, AuthNone:
		return c.Title() + ": a server that is not ours is asked with client_secret_basic or client_secret_post"
	}
	return ""
}
