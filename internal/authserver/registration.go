package authserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/oauth"
)

// registration is the body of POST /admin/clients, by the names of RFC 7591 section 2
// where it has them.
type registration struct {
	Name           string          `json:"client_name"`
	AuthMethod     string          `json:"token_endpoint_auth_method"` // "" is client_secret_basic
	GrantTypes     []string        `json:"grant_types"`
	Scope          string          `json:"scope"`
	Audience       []string        `json:"audience,omitempty"` // that tokens may be asked for, as Hydra names it
	RedirectURIs   []string        `json:"redirect_uris,omitempty"`
	AccessLifetime int64           `json:"access_token_lifetime,omitempty"` // seconds; 0 is the server's own
	Keys           json.RawMessage `json:"jwks,omitempty"`
	SigningAlg     string          `json:"token_endpoint_auth_signing_alg,omitempty"` // "" is any of the method's
	SubjectDN      string          `json:"tls_client_auth_subject_dn,omitempty"`      // RFC 8705 section 2.1.2
}

// registered answers it. The secret is told this once and kept only as a hash, or
// encrypted for client_secret_jwt, which needs the secret itself.
type registered struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret,omitempty"`
	registration
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	var body registration
	if !readJSON(w, r, &body) {
		return
	}
	c, err := body.client(s.settings)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	secret := ""
	switch c.authMethod {
	case oauth.AuthBasic, oauth.AuthPost:
		secret = randomToken(24)
		c.secretHash, err = hashSecret(s.settings, secret)
	case oauth.AuthSecretJWT:
		secret = randomToken(32) // RFC 7518 section 3.2: as long as the hash at least
		c.secretHash, err = s.crypto.Encrypt(secret)
		c.secretHash = sealedPrefix + c.secretHash
	}
	if err != nil {
		s.fail(w, r, fmt.Errorf("keep secret: %w", err))
		return
	}
	if err := s.clients.insert(r.Context(), c, s.now()); err != nil {
		s.fail(w, r, fmt.Errorf("register client: %w", err))
		return
	}
	body.AuthMethod = c.authMethod
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusCreated, registered{c.id, secret, body})
}

// client checks a registration at a server with settings s.
func (b registration) client(s settings.Settings) (client, error) {
	c := client{
		id: randomToken(12), name: b.Name, authMethod: b.AuthMethod, grantTypes: b.GrantTypes,
		scopes: fields(b.Scope), redirectURIs: b.RedirectURIs, accessLifetime: time.Duration(b.AccessLifetime) * time.Second,
		audience: b.Audience, keys: string(b.Keys), signingAlg: b.SigningAlg, subjectDN: b.SubjectDN,
	}
	if c.authMethod == "" {
		c.authMethod = oauth.AuthBasic
	}
	if c.accessLifetime != 0 && !settings.ValidLifetime(c.accessLifetime) {
		return c, fmt.Errorf("access_token_lifetime %d: use 1 to 315360000 seconds, or 0 for the server's own", b.AccessLifetime)
	}
	for _, a := range c.audience {
		if a == "" || strings.ContainsAny(a, " \t\n") {
			return c, fmt.Errorf("audience %q: use names without spaces", a)
		}
	}
	return c, errors.Join(c.checkMethod(s), c.checkGrants(s), c.checkRedirects())
}

func (c *client) checkMethod(s settings.Settings) error {
	methods := append(authMethods(s), oauth.AuthNone)
	if !slices.Contains(methods, oidc.AuthMethod(c.authMethod)) {
		return fmt.Errorf("token_endpoint_auth_method %q: use one of %s", c.authMethod, names(methods))
	}
	if c.keys != "" {
		var set jose.JSONWebKeySet
		if err := json.Unmarshal([]byte(c.keys), &set); err != nil {
			return fmt.Errorf("jwks: %w", err)
		}
		if len(set.Keys) == 0 || slices.ContainsFunc(set.Keys, func(k jose.JSONWebKey) bool { return !k.IsPublic() || !k.Valid() }) {
			return errors.New("jwks: give public keys, and those only")
		}
	}
	needsKeys := c.authMethod == oauth.AuthPrivateKeyJWT || c.allows(oidc.GrantTypeBearer)
	algorithms := algorithmNames(publicAlgorithms())
	if c.authMethod == oauth.AuthSecretJWT {
		algorithms = []string{string(jose.HS256)}
	}
	switch {
	case needsKeys && c.keys == "":
		return errors.New("private_key_jwt and the JWT bearer grant need the client's public keys: give jwks")
	case c.signingAlg != "" && !slices.Contains(algorithms, c.signingAlg):
		return fmt.Errorf("token_endpoint_auth_signing_alg %q: use one of %s, or leave it out", c.signingAlg, strings.Join(algorithms, ", "))
	case (c.authMethod == oauth.AuthTLS) != (c.subjectDN != ""):
		return errors.New("tls_client_auth_subject_dn is for tls_client_auth, which needs it")
	}
	return nil
}

func (c *client) checkGrants(s settings.Settings) error {
	grants := grantTypes(s)
	if len(c.grantTypes) == 0 {
		return fmt.Errorf("grant_types is empty: use some of %s", names(grants))
	}
	for _, g := range c.GrantTypes() {
		if !slices.Contains(grants, g) {
			return fmt.Errorf("grant type %q: use some of %s", g, names(grants))
		}
	}
	switch {
	case c.allows(oidc.GrantTypeClientCredentials) && c.authMethod == oauth.AuthNone:
		return errors.New("client_credentials is for confidential clients only (RFC 6749 section 4.4): use a secret")
	case c.allows(oidc.GrantTypeRefreshToken) && !c.allows(oidc.GrantTypeCode) && !c.allows(oidc.GrantTypeDeviceCode):
		return errors.New("refresh_token alone gets no tokens: add authorization_code to grant_types")
	case c.allows(oidc.GrantTypeCode) && len(c.redirectURIs) == 0:
		return errors.New("authorization_code needs redirect_uris: add one, such as http://127.0.0.1/callback")
	}
	return nil
}

func (c *client) checkRedirects() error {
	for _, uri := range c.redirectURIs {
		// RFC 6749 section 3.1.2: absolute, without a fragment.
		if u, err := url.Parse(uri); err != nil || !u.IsAbs() || u.Fragment != "" || strings.ContainsAny(uri, " \t\n") {
			return fmt.Errorf("redirect URI %q: use an absolute URI without fragment", uri)
		}
	}
	return nil
}

func names[T ~string](all []T) string {
	var list []string
	for _, x := range all {
		list = append(list, string(x))
	}
	return strings.Join(list, ", ")
}
