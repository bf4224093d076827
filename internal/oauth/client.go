package oauth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
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
	Key      *Key   // of AuthPrivateKeyJWT
	// Audience of client assertions, separated by spaces: what the server calls itself,
	// its issuer and its token endpoint (RFC 7523 section 3). A registration that leaves it
	// empty gets both; a server that wants one alone gives that.
	Audience string
}

// Single tells whether every request needs a proof of its own, because its assertion
// may be used once only (RFC 7523 section 3, jti).
func (c Credential) Single() bool { return c.Method == AuthSecretJWT || c.Method == AuthPrivateKeyJWT }

// Check finds out whether requests can be made with the credential.
func (c Credential) Check() error {
	if !c.Single() {
		return nil
	}
	if _, err := c.assertion(); err != nil {
		return fmt.Errorf("client authentication %s: %w", c.Method, err)
	}
	return nil
}

// assertion proves who the client is (RFC 7523 sections 2.2 and 3).
func (c Credential) assertion() (string, error) {
	claims := newAssertion(c.ClientID, c.ClientID, strings.Fields(c.Audience), time.Now())
	if c.Method == AuthPrivateKeyJWT {
		if c.Key == nil {
			return "", errors.New("the client has no key")
		}
		return sign(c.Key.signer, claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(c.Secret)},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return sign(signer, claims)
}

// Blank warns, after a separator, of white space around an id or a secret, which is hardly ever part
// of it; "" when there is none.
func (c Credential) Blank(separator string) string {
	if strings.TrimSpace(c.Secret) == c.Secret && strings.TrimSpace(c.ClientID) == c.ClientID {
		return ""
	}
	return separator + "the client's id or secret begins or ends with white space, and is sent so"
}

// apply adds the credential to a request that is being built. Each call signs another
// assertion. It panics when Check would fail.
func (c Credential) apply(header http.Header, form url.Values) {
	switch c.Method {
	case AuthBasic:
		// RFC 6749 section 2.3.1: both parts are form-encoded before Base64.
		userinfo := url.QueryEscape(c.ClientID) + ":" + url.QueryEscape(c.Secret)
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(userinfo)))
	case AuthPost:
		form.Set("client_id", c.ClientID)
		form.Set("client_secret", c.Secret)
	case AuthNone, AuthTLS:
		form.Set("client_id", c.ClientID)
	case AuthSecretJWT, AuthPrivateKeyJWT:
		signed, err := c.assertion()
		if err != nil {
			panic("client assertion that was not checked: " + err.Error())
		}
		form.Set("client_id", c.ClientID)
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", signed)
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
