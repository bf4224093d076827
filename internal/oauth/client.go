package oauth

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Authentication methods at the token, introspection and revocation endpoints:
// the names registered by RFC 7591 section 2, and Bearer for an introspection
// that is authorized by a token of its own (RFC 7662 section 2.1).
const (
	AuthNone   = "none"
	AuthBasic  = "client_secret_basic"
	AuthPost   = "client_secret_post"
	AuthBearer = "bearer"

	AuthSecretJWT     = "client_secret_jwt"
	AuthPrivateKeyJWT = "private_key_jwt"
	AuthTLS           = "tls_client_auth" // RFC 8705 section 2.1
)

// Credential is how a caller proves who it is. The zero value sends nothing, for
// endpoints that are guarded by where they listen (Hydra's admin port).
type Credential struct {
	Method   string // one of the Auth constants; "" sends nothing
	ClientID string
	Secret   string // the client secret, or the bearer token
}

// apply adds the credential to a request that is being built.
func (c Credential) apply(header http.Header, form url.Values) {
	switch c.Method {
	case AuthBasic:
		// RFC 6749 section 2.3.1: both parts are form-encoded before Base64.
		userinfo := url.QueryEscape(c.ClientID) + ":" + url.QueryEscape(c.Secret)
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(userinfo)))
	case AuthPost:
		form.Set("client_id", c.ClientID)
		form.Set("client_secret", c.Secret)
	case AuthNone:
		form.Set("client_id", c.ClientID)
	case AuthBearer:
		header.Set("Authorization", "Bearer "+c.Secret)
	}
}

// ClientSpec is what a workload asks of the clients it needs.
type ClientSpec struct {
	Name       string   // for people; unique within a run
	AuthMethod string   // one of the Auth constants but AuthBearer
	GrantTypes []string // as RFC 7591 names them: client_credentials, refresh_token, ...
	Scope      string   // space separated, RFC 6749 section 3.3
	// AccessTokenLifetime of tokens issued to this client; 0 leaves the server's
	// own. A server that cannot set it per client refuses the registration with an
	// error that wraps errors.ErrUnsupported.
	AccessTokenLifetime time.Duration
	RedirectURIs        []string // for the authorization_code grant
	Audience            []string // that tokens may be asked for
	// Keys is the JWK Set (RFC 7517 section 5) of the client's public keys, for
	// AuthPrivateKeyJWT and the JWT bearer grant; nil for none.
	Keys json.RawMessage
	// SigningAlg is token_endpoint_auth_signing_alg (RFC 7591 section 2): RS256, ES256
	// or HS256; "" when assertions are not used.
	SigningAlg string
	// SubjectDN is tls_client_auth_subject_dn (RFC 8705 section 2.1.2), for AuthTLS.
	SubjectDN string
}
