package authserver

import (
	"context"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"oauthbench/internal/oauth"
)

// Paths of the public listener, close to Hydra's.
const (
	authorizationPath = "/oauth2/auth"
	callbackPath      = authorizationPath + "/callback"
	tokenPath         = "/oauth2/token"
	introspectionPath = "/oauth2/introspect"
	revocationPath    = "/oauth2/revoke"
	jwksPath          = "/.well-known/jwks.json"
	metadataPath      = "/.well-known/oauth-authorization-server" // RFC 8414 section 3
	loginPath         = "/login"
	healthPath        = "/ready" // named by op; reads the database
)

func endpoints() op.Endpoints {
	return op.Endpoints{
		Authorization: op.NewEndpoint(authorizationPath),
		Token:         op.NewEndpoint(tokenPath),
		Introspection: op.NewEndpoint(introspectionPath),
		Revocation:    op.NewEndpoint(revocationPath),
		JwksURI:       op.NewEndpoint(jwksPath),
	}
}

// Discovery describes the server as it is. op's document also claims implicit and
// JWT bearer grants, response types without a code, and signing of client assertions.
func (p protocol) Discovery(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	issuer := op.IssuerFromContext(ctx)
	e := p.Endpoints()
	secrets := []oidc.AuthMethod{oidc.AuthMethodBasic, oidc.AuthMethodPost}
	clients := append([]oidc.AuthMethod{oidc.AuthMethodNone}, secrets...)
	return op.NewResponse(&oidc.DiscoveryConfiguration{
		Issuer:                issuer,
		AuthorizationEndpoint: e.Authorization.Absolute(issuer),
		TokenEndpoint:         e.Token.Absolute(issuer),
		IntrospectionEndpoint: e.Introspection.Absolute(issuer),
		RevocationEndpoint:    e.Revocation.Absolute(issuer),
		JwksURI:               e.JwksURI.Absolute(issuer),

		ScopesSupported:                           []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess},
		ResponseTypesSupported:                    []string{string(oidc.ResponseTypeCode)},
		ResponseModesSupported:                    []string{string(oidc.ResponseModeQuery), string(oidc.ResponseModeFragment), string(oidc.ResponseModeFormPost)},
		GrantTypesSupported:                       []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeClientCredentials},
		SubjectTypesSupported:                     []string{"public"},
		IDTokenSigningAlgValuesSupported:          []string{"RS256"},
		TokenEndpointAuthMethodsSupported:         clients,
		RevocationEndpointAuthMethodsSupported:    clients,
		IntrospectionEndpointAuthMethodsSupported: append(secrets, "Bearer"), // RFC 8414 section 2 allows access token types here
		CodeChallengeMethodsSupported:             []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
	}), nil
}

// endpointsAt are the addresses below issuer.
func endpointsAt(issuer string) oauth.Endpoints {
	return oauth.Endpoints{
		Issuer:        issuer,
		Authorization: issuer + authorizationPath,
		Token:         issuer + tokenPath,
		Introspection: issuer + introspectionPath,
		Revocation:    issuer + revocationPath,
		JWKS:          issuer + jwksPath,
	}
}
