package settings

import "github.com/oauthbench/oauthbench/internal/oauth"

// Paths of the public interface, close to Hydra's.
const (
	AuthorizationPath       = "/oauth2/auth"
	CallbackPath            = AuthorizationPath + "/callback"
	TokenPath               = "/oauth2/token"
	IntrospectionPath       = "/oauth2/introspect"
	RevocationPath          = "/oauth2/revoke"
	DeviceAuthorizationPath = "/oauth2/device/auth"
	DevicePath              = "/device"
	UserinfoPath            = "/userinfo"
	JWKSPath                = "/.well-known/jwks.json"
	MetadataPath            = "/.well-known/oauth-authorization-server" // RFC 8414 section 3
	LoginPath               = "/login"
	HealthPath              = "/ready" // reads the database
)

// Paths of the admin interface.
const (
	ClientsPath       = "/admin/clients"
	AcceptPath        = "/admin/login/accept"
	AcceptDevicePath  = "/admin/device/accept"
	RejectDevicePath  = "/admin/device/reject"
	ConsentsPath      = "/admin/consents" // DELETE with ?subject=
	CleanUpPath       = "/admin/clean-up"
	IntrospectorsPath = "/admin/introspection-token"
	AuthorityPath     = "/admin/authority"          // with TLS
	CertificatesPath  = "/admin/client-certificate" // with TLS
	MetricsPath       = "/admin/metrics"            // in Prometheus' text format
)

// Endpoints are the addresses of a server of that version below its issuer.
func Endpoints(issuer, version string) oauth.Endpoints {
	e := oauth.Endpoints{
		Issuer:        issuer,
		Authorization: issuer + AuthorizationPath,
		Token:         issuer + TokenPath,
		Introspection: issuer + IntrospectionPath,
		Revocation:    issuer + RevocationPath,
		Userinfo:      issuer + UserinfoPath,
		JWKS:          issuer + JWKSPath,
	}
	if version != V1 {
		e.DeviceAuthorization = issuer + DeviceAuthorizationPath
	}
	return e
}

// RedirectURI is what the admin client registers for the authorization_code grant when
// the specification of the client names none.
// Nothing listens there: callers read the code from the Location header.
const RedirectURI = "http://127.0.0.1/callback"
