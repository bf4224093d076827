package authserver

import (
	"context"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

func endpoints(version string) op.Endpoints {
	e := op.Endpoints{
		Authorization: op.NewEndpoint(settings.AuthorizationPath),
		Token:         op.NewEndpoint(settings.TokenPath),
		Introspection: op.NewEndpoint(settings.IntrospectionPath),
		Revocation:    op.NewEndpoint(settings.RevocationPath),
		JwksURI:       op.NewEndpoint(settings.JWKSPath),
	}
	if version != settings.V1 {
		e.DeviceAuthorization = op.NewEndpoint(settings.DeviceAuthorizationPath)
	}
	return e
}

// metadata is what op's document has no place for.
type metadata struct {
	oidc.DiscoveryConfiguration
	ProofAlgorithms []string `json:"dpop_signing_alg_values_supported,omitempty"` // RFC 9449 section 5.1
}

// Discovery describes the server as it is. op's document also claims implicit grants
// and response types without a code.
func (p protocol) Discovery(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	issuer, told := op.IssuerFromContext(ctx), p.desk.server.settings
	at := settings.Endpoints(issuer, told.Version)
	confidential := authMethods(told)
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

		ScopesSupported:        []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess},
		ResponseTypesSupported: []string{string(oidc.ResponseTypeCode)},
		ResponseModesSupported: []string{string(oidc.ResponseModeQuery),
			string(oidc.ResponseModeFragment), string(oidc.ResponseModeFormPost)},
		GrantTypesSupported:                    grantTypes(told),
		SubjectTypesSupported:                  []string{"public"},
		ClaimsSupported:                        []string{"sub"},
		IDTokenSigningAlgValuesSupported:       []string{"RS256"},
		TokenEndpointAuthMethodsSupported:      clients,
		RevocationEndpointAuthMethodsSupported: clients,
		// RFC 8414 section 2 allows access token types here
		IntrospectionEndpointAuthMethodsSupported: append(confidential, "Bearer"),
		CodeChallengeMethodsSupported:             []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},

		TokenEndpointAuthSigningAlgValuesSupported:         assertions,
		RevocationEndpointAuthSigningAlgValuesSupported:    assertions,
		IntrospectionEndpointAuthSigningAlgValuesSupported: assertions,
	}}
	if told.Version != settings.V1 {
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

// grantTypes and authMethods are those of the settings, as op wants to see them.
func grantTypes(s settings.Settings) []oidc.GrantType { return named[oidc.GrantType](s.GrantTypes()) }

func authMethods(s settings.Settings) []oidc.AuthMethod {
	return named[oidc.AuthMethod](s.AuthMethods())
}

func named[T ~string](all []string) []T {
	list := make([]T, len(all))
	for i, x := range all {
		list[i] = T(x)
	}
	return list
}
