package authserver

import (
	"context"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"oauthbench/internal/oauth"
)

// Paths of the public listener, close to Hydra's.
const (
	authorizationPath       = "/oauth2/auth"
	callbackPath            = authorizationPath + "/callback"
	tokenPath               = "/oauth2/token"
	introspectionPath       = "/oauth2/introspect"
	revocationPath          = "/oauth2/revoke"
	deviceAuthorizationPath = "/oauth2/device/auth"
	devicePath              = "/device"
	userinfoPath            = "/userinfo"
	jwksPath                = "/.well-known/jwks.json"
	metadataPath            = "/.well-known/oauth-authorization-server" // RFC 8414 section 3
	loginPath               = "/login"
	healthPath              = "/ready" // named by op; reads the database
)

func endpoints(version string) op.Endpoints {
	e := op.Endpoints{
		Authorization: op.NewEndpoint(authorizationPath),
		Token:         op.NewEndpoint(tokenPath),
		Introspection: op.NewEndpoint(introspectionPath),
		Revocation:    op.NewEndpoint(revocationPath),
		JwksURI:       op.NewEndpoint(jwksPath),
	}
	if version != V1 {
		e.DeviceAuthorization = op.NewEndpoint(deviceAuthorizationPath)
	}
	return e
}

// grantTypes are those that clients may be registered for.
func (s Settings) grantTypes() []oidc.GrantType {
	grants := []oidc.GrantType{oidc.GrantTypeClientCredentials, oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeBearer}
	if s.Version == V1 {
		return grants
	}
	return append(grants, oidc.GrantTypeDeviceCode, oidc.GrantTypeTokenExchange)
}

// authMethods are those of confidential clients.
func (s Settings) authMethods() []oidc.AuthMethod {
	methods := []oidc.AuthMethod{oauth.AuthBasic, oauth.AuthPost, oauth.AuthSecretJWT, oauth.AuthPrivateKeyJWT}
	if s.TLS {
		methods = append(methods, oauth.AuthTLS)
	}
	return methods
}

// Capabilities are what a server with these settings can do. v1 is older than device
// flow, token exchange and DPoP.
func (s Settings) Capabilities() oauth.Capabilities {
	all := oauth.Capabilities{
		oauth.HasIntrospection, oauth.HasRevocation, oauth.HasUserinfo, oauth.HasJWKS, oauth.HasDiscovery,
		oauth.CanSetLifetime, oauth.KillsAccessTokens, oauth.IntrospectsRefresh, oauth.AuthNone,
	}
	for _, g := range s.grantTypes() {
		all = append(all, oauth.Capability(g))
	}
	for _, m := range s.authMethods() {
		all = append(all, oauth.Capability(m))
	}
	if s.Version != V1 {
		all = append(all, oauth.HasDPoP)
	}
	return all
}

// metadata is what op's document has no place for.
type metadata struct {
	oidc.DiscoveryConfiguration
	ProofAlgorithms []string `json:"dpop_signing_alg_values_supported,omitempty"` // RFC 9449 section 5.1
}

// Discovery describes the server as it is. op's document also claims implicit grants
// and response types without a code.
func (p protocol) Discovery(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	issuer, settings := op.IssuerFromContext(ctx), p.server.settings
	at := endpointsAt(issuer, settings.Version)
	confidential := settings.authMethods()
	clients := append([]oidc.AuthMethod{oidc.AuthMethodNone}, confidential...)
	assertions := append(algorithmNames(publicAlgorithms()), string(jose.HS256))
	m := metadata{DiscoveryConfiguration: oidc.DiscoveryConfiguration{
		Issuer:                      issuer,
		AuthorizationEndpoint:       at.Authorization,
		TokenEndpoint:               at.Token,
		IntrospectionEndpoint:       at.Introspection,
		RevocationEndpoint:          at.Revocation,
		UserinfoEndpoint:            at.Userinfo,
		DeviceAuthorizationEndpoint: at.DeviceAuthorization,
		JwksURI:                     at.JWKS,

		ScopesSupported:                           []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess},
		ResponseTypesSupported:                    []string{string(oidc.ResponseTypeCode)},
		ResponseModesSupported:                    []string{string(oidc.ResponseModeQuery), string(oidc.ResponseModeFragment), string(oidc.ResponseModeFormPost)},
		GrantTypesSupported:                       settings.grantTypes(),
		SubjectTypesSupported:                     []string{"public"},
		ClaimsSupported:                           []string{"sub"},
		IDTokenSigningAlgValuesSupported:          []string{"RS256"},
		TokenEndpointAuthMethodsSupported:         clients,
		RevocationEndpointAuthMethodsSupported:    clients,
		IntrospectionEndpointAuthMethodsSupported: append(confidential, "Bearer"), // RFC 8414 section 2 allows access token types here
		CodeChallengeMethodsSupported:             []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},

		TokenEndpointAuthSigningAlgValuesSupported:         assertions,
		RevocationEndpointAuthSigningAlgValuesSupported:    assertions,
		IntrospectionEndpointAuthSigningAlgValuesSupported: assertions,
	}}
	if settings.Version != V1 {
		m.ProofAlgorithms = algorithmNames(proofAlgorithms())
	}
	return op.NewResponse(m), nil
}

func algorithmNames(algorithms []jose.SignatureAlgorithm) []string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = string(a)
	}
	return names
}

// endpointsAt are the addresses below issuer.
func endpointsAt(issuer, version string) oauth.Endpoints {
	e := oauth.Endpoints{
		Issuer:        issuer,
		Authorization: issuer + authorizationPath,
		Token:         issuer + tokenPath,
		Introspection: issuer + introspectionPath,
		Revocation:    issuer + revocationPath,
		Userinfo:      issuer + userinfoPath,
		JWKS:          issuer + jwksPath,
	}
	if version != V1 {
		e.DeviceAuthorization = issuer + deviceAuthorizationPath
	}
	return e
}
