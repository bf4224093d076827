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

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/authserver/store"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Registration is the body of POST /admin/clients, by the names of RFC 7591 section 2
// where it has them.
type Registration struct {
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

// Registered answers it. The secret is told this once and kept only as a hash, or
// encrypted for client_secret_jwt, which needs the secret itself.
type Registered struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret,omitempty"`
	Registration
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	var body Registration
	if !readJSON(w, r, &body) {
		return
	}
	c, err := body.client(s.settings)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	secret := ""
	switch c.Method {
	case oauth.AuthBasic, oauth.AuthPost:
		secret = randomToken(24)
		c.SecretHash, err = hashSecret(s.settings, secret)
	case oauth.AuthSecretJWT:
		secret = randomToken(32) // RFC 7518 section 3.2: as long as the hash at least
		c.SecretHash, err = s.crypto.Encrypt(secret)
		c.SecretHash = sealedPrefix + c.SecretHash
	}
	if err != nil {
		s.fail(w, r, fmt.Errorf("keep secret: %w", err))
		return
	}
	if err := s.clients.Insert(r.Context(), c.Client, s.now()); err != nil {
		s.fail(w, r, fmt.Errorf("register client: %w", err))
		return
	}
	body.AuthMethod = c.Method
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusCreated, Registered{c.ID, secret, body})
}

// client checks a registration at a server with settings s.
func (b Registration) client(s settings.Settings) (client, error) {
	c := client{Client: store.Client{
		ID: randomToken(12), Name: b.Name, Method: b.AuthMethod, Grants: b.GrantTypes,
		Scopes: fields(b.Scope), Redirects: b.RedirectURIs,
		AccessLifetime: time.Duration(b.AccessLifetime) * time.Second,
		Audience:       b.Audience, Keys: string(b.Keys), SigningAlg: b.SigningAlg, SubjectDN: b.SubjectDN,
	}}
	if c.Method == "" {
		c.Method = oauth.AuthBasic
	}
	if c.AccessLifetime != 0 && !settings.ValidLifetime(c.AccessLifetime) {
		return c, fmt.Errorf("access_token_lifetime %d: use 1 to 315360000 seconds, or 0 for the server's own",
			b.AccessLifetime)
	}
	for _, a := range c.Audience {
		if a == "" || strings.ContainsAny(a, " \t\n") {
			return c, fmt.Errorf("audience %q: use names without spaces", a)
		}
	}
	return c, errors.Join(c.checkMethod(s), c.checkGrants(s), checkRedirects(c.Redirects))
}

func (c *client) checkMethod(s settings.Settings) error {
	methods := append(authMethods(s), oauth.AuthNone)
	if !slices.Contains(methods, oidc.AuthMethod(c.Method)) {
		return fmt.Errorf("token_endpoint_auth_method %q: use one of %s", c.Method, names(methods))
	}
	if c.Keys != "" {
		var set jose.JSONWebKeySet
		if err := json.Unmarshal([]byte(c.Keys), &set); err != nil {
			return fmt.Errorf("jwks: %w", err)
		}
		if len(set.Keys) == 0 || slices.ContainsFunc(set.Keys, func(k jose.JSONWebKey) bool {
			return !k.IsPublic() || !k.Valid()
		}) {
			return errors.New("jwks: give public keys, and those only")
		}
	}
	needsKeys := c.Method == oauth.AuthPrivateKeyJWT || c.allows(oidc.GrantTypeBearer)
	algorithms := algorithmNames(publicAlgorithms())
	if c.Method == oauth.AuthSecretJWT {
		algorithms = []string{string(jose.HS256)}
	}
	switch {
	case needsKeys && c.Keys == "":
		return errors.New("private_key_jwt and the JWT bearer grant need the client's public keys: give jwks")
	case c.SigningAlg != "" && !slices.Contains(algorithms, c.SigningAlg):
		return fmt.Errorf("token_endpoint_auth_signing_alg %q: use one of %s, or leave it out", c.SigningAlg,
			strings.Join(algorithms, ", "))
	case (c.Method == oauth.AuthTLS) != (c.SubjectDN != ""):
		return errors.New("tls_client_auth_subject_dn is for tls_client_auth, which needs it")
	}
	return nil
}

func (c *client) checkGrants(s settings.Settings) error {
	grants := grantTypes(s)
	if len(c.Grants) == 0 {
		return fmt.Errorf("grant_types is empty: use some of %s", names(grants))
	}
	for _, g := range c.GrantTypes() {
		if !slices.Contains(grants, g) {
			return fmt.Errorf("grant type %q: use some of %s", g, names(grants))
		}
	}
	switch {
	case c.allows(oidc.GrantTypeClientCredentials) && c.Method == oauth.AuthNone:
		return errors.New("client_credentials is for confidential clients only (RFC 6749 section 4.4): use a secret")
	case c.allows(oidc.GrantTypeRefreshToken) && !c.allows(oidc.GrantTypeCode) && !c.allows(oidc.GrantTypeDeviceCode):
		return errors.New("refresh_token alone gets no tokens: add authorization_code to grant_types")
	case c.allows(oidc.GrantTypeCode) && len(c.Redirects) == 0:
		return errors.New("authorization_code needs redirect_uris: add one, such as http://127.0.0.1/callback")
	}
	return nil
}

func checkRedirects(uris []string) error {
	for _, uri := range uris {
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
