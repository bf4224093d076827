package stack

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"oauthbench/internal/oauth"
)

// glewlwyd is Glewlwyd, an authorization server in C that nobody here wrote and that
// Debian packages. Its image is made of that package: the server as entry point, and
// its own schema in glewlwydSchema.
var glewlwyd = Server{
	Name:    "glewlwyd",
	Summary: "Glewlwyd 2.5 and later, from Debian's packages; access tokens are JWTs",
	Example: "glewlwyd:2.7.6",
	Settings: []Setting{
		lifetime("access_ttl", "lifetime of access tokens; 1h unless told"),
		lifetime("refresh_ttl", "lifetime of refresh tokens; 336h unless told"),
		imageSetting,
	},
	program: glewlwydProgram,
}

const (
	glewlwydPort   = 4593
	glewlwydSchema = "/usr/share/glewlwyd/init.postgre.sql"
	glewlwydConfig = "/tmp/glewlwyd.conf"
	glewlwydPlugin = "oidc" // the path element of the protocol endpoints
)

func glewlwydProgram(s Spec, v values) (program, error) {
	access, refresh := time.Hour, 14*24*time.Hour
	for key, d := range map[string]*time.Duration{"access_ttl": &access, "refresh_ttl": &refresh} {
		if v[key] != "" {
			*d, _ = time.ParseDuration(v[key]) // checked by lifetime
		}
	}
	if !strings.HasPrefix(s.Version, "2.") {
		return program{}, fmt.Errorf("version %q: use 2.5.2 or later", s.Version)
	}
	base := func(at site) string { return at.issuer + "/api/" + glewlwydPlugin }
	return program{
		image: "oauthbench/glewlwyd:" + s.Version,
		settings: map[string]string{
			"access_token": "jwt", "signature": "RS256", "access_ttl": access.String(), "refresh_ttl": refresh.String(), "log_level": "WARNING",
			"clients": "one, which introspects its own tokens",
		},
		public:  glewlwydPort,
		health:  func(at site) string { return at.issuer + "/config" },
		prepare: prepareGlewlwyd,
		grow:    glewlwydGrowth(),
		serve: func(at site) command {
			return command{args: []string{"--config-file=" + glewlwydConfig}, files: map[string]string{glewlwydConfig: glewlwydConfiguration(at)}}
		},
		setUp: func(ctx context.Context, s *Stack) error { return setUpGlewlwyd(ctx, s, base(s.site), access, refresh) },
		endpoints: func(at site) oauth.Endpoints {
			b := base(at)
			return oauth.Endpoints{
				Issuer: b, Authorization: b + "/auth", Token: b + "/token", Introspection: b + "/introspect",
				Revocation: b + "/revoke", Userinfo: b + "/userinfo", JWKS: b + "/jwks",
			}
		},
		// No user can be played here: its login page is a program of its own, and consent
		// is asked in it. Without users there are no codes and no refresh tokens.
		capabilities: oauth.Capabilities{
			oauth.GrantClientCredentials, oauth.HasIntrospection, oauth.HasRevocation, oauth.HasJWKS, oauth.HasDiscovery, oauth.AuthBasic,
		},
		register:      registerGlewlwydClient,
		introspection: introspectGlewlwyd,
	}, nil
}

// glewlwydConfiguration is its configuration file. The static files' path exists but
// serves nothing that is measured.
func glewlwydConfiguration(at site) string {
	password, _ := at.dsn.User.Password()
	return fmt.Sprintf(`port=%d
external_url="%s"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
cookie_domain="127.0.0.1"
cookie_secure=0
log_mode="console"
log_level="WARNING"
session_expiration=2419200
session_key="GLEWLWYD2_SESSION_ID"
admin_session_authentication="cookie"
profile_session_authentication="cookie"
login_api_enabled=true
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
user_middleware_module_path="/usr/lib/glewlwyd/user_middleware"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database =
{
  type = "postgre"
  conninfo = "host=%s port=%s dbname=%s user=%s password=%s"
};
`, glewlwydPort, at.issuer, at.dsn.Hostname(), at.dsn.Port(), databaseName, databaseUser, password)
}

// prepareGlewlwyd loads the schema that comes with the server and gives its
// administrator a password of our own.
func prepareGlewlwyd(ctx context.Context, s *Stack) error {
	schema, err := s.engine.readFile(ctx, s, s.server.image, glewlwydSchema)
	if err != nil {
		return err
	}
	if err := s.sql(ctx, "CREATE EXTENSION IF NOT EXISTS pgcrypto"); err != nil {
		return err
	}
	if err := s.sql(ctx, string(schema)); err != nil {
		return fmt.Errorf("%s: %w", glewlwydSchema, err)
	}
	return s.sql(ctx, "UPDATE g_user_password SET guw_password = crypt($1, gen_salt('bf'))", s.site.secret)
}

// glewlwydLogin opens a session at the administration, which trusts a password for
// ten minutes.
func glewlwydLogin(ctx context.Context, s *Stack) error {
	const trust = 5 * time.Minute
	if at, ok := s.session.Load("login"); ok && time.Since(at.(time.Time)) < trust {
		return nil
	}
	err := s.call(ctx, http.MethodPost, s.site.admin+"/api/auth/", map[string]string{"username": "admin", "password": s.site.secret}, nil)
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	s.session.Store("login", time.Now())
	return nil
}

// setUpGlewlwyd adds the protocol plugin, with a key of its own.
func setUpGlewlwyd(ctx context.Context, s *Stack, issuer string, access, refresh time.Duration) error {
	if err := glewlwydLogin(ctx, s); err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	plugin := map[string]any{
		"module": "oidc", "name": glewlwydPlugin, "display_name": "oauthbench", "enabled": true,
		"parameters": map[string]any{
			"iss": issuer, "jwt-type": "rsa", "jwt-key-size": "256",
			"key":           string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
			"cert":          string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
			"code-duration": 600, "access-token-duration": int(access.Seconds()), "refresh-token-duration": int(refresh.Seconds()),
			"refresh-token-rolling": true, "refresh-token-one-use": "always",
			"allow-non-oidc": true, "auth-type-client-enabled": true, "auth-type-code-enabled": true, "auth-type-refresh-enabled": true,
			"auth-type-password-enabled": true, "jwks-show": true,
			"introspection-revocation-allowed": true, "introspection-revocation-allow-target-client": true,
		},
	}
	return s.call(ctx, http.MethodPost, s.site.admin+"/api/mod/plugin/", plugin, nil)
}

// glewlwydScope makes a scope, which must exist before a client can have it.
func glewlwydScope(ctx context.Context, s *Stack, name string) error {
	if _, made := s.session.LoadOrStore("scope "+name, true); made {
		return nil
	}
	if s.call(ctx, http.MethodGet, s.site.admin+"/api/scope/"+url.PathEscape(name), nil, nil) == nil {
		return nil
	}
	err := s.call(ctx, http.MethodPost, s.site.admin+"/api/scope/", map[string]any{"name": name, "display_name": name, "password_required": false}, nil)
	if err != nil {
		s.session.Delete("scope " + name)
	}
	return err
}

// glewlwydClient is the one client of a stack.
//
// Note: up to 2.5 the server knows two ways to its introspection endpoint that
// exclude each other: with one, clients may introspect their own tokens and revoke
// with their secret, with the other a resource server may introspect everybody's by a
// bearer token, and revocation with a secret (RFC 7009 section 2.1) answers 401. So
// that all versions do the same work there is one client, which introspects its own
// tokens; RegisterClient gives it to everyone, with the scopes and grants of all.
type glewlwydClient struct {
	mu     sync.Mutex
	cred   oauth.Credential // the zero value until it is made
	scopes []string
	grants []string
}

func (s *Stack) glewlwydClient() *glewlwydClient {
	c, _ := s.session.LoadOrStore("client", &glewlwydClient{})
	return c.(*glewlwydClient)
}

func registerGlewlwydClient(ctx context.Context, s *Stack, spec oauth.ClientSpec) (oauth.Credential, error) {
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		return oauth.Credential{}, fmt.Errorf("access token lifetime %s of one client: Glewlwyd has one for all, set with access_ttl=%s: %w", ttl, ttl, errors.ErrUnsupported)
	}
	if spec.AuthMethod != oauth.AuthBasic {
		return oauth.Credential{}, fmt.Errorf("client authentication %s: Glewlwyd takes %s at all its endpoints: %w", spec.AuthMethod, oauth.AuthBasic, errors.ErrUnsupported)
	}
	c := s.glewlwydClient()
	c.mu.Lock()
	defer c.mu.Unlock()
	grants, scopes := slices.Clone(c.grants), slices.Clone(c.scopes)
	for _, grant := range spec.GrantTypes {
		if grant == "authorization_code" { // the other names are those of RFC 7591
			grant = "code"
		}
		if !slices.Contains(grants, grant) {
			grants = append(grants, grant)
		}
	}
	for _, scope := range strings.Fields(spec.Scope) {
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if c.cred.ClientID != "" && len(grants) == len(c.grants) && len(scopes) == len(c.scopes) {
		return c.cred, nil
	}
	cred := c.cred
	method, url := http.MethodPut, s.site.admin+"/api/client/"+cred.ClientID
	if cred.ClientID == "" {
		cred = oauth.Credential{Method: oauth.AuthBasic, ClientID: "client-" + random(8), Secret: random(20)}
		method, url = http.MethodPost, s.site.admin+"/api/client/"
	}
	if err := s.putGlewlwydClient(ctx, method, url, cred, grants, scopes); err != nil {
		return oauth.Credential{}, err
	}
	c.cred, c.grants, c.scopes = cred, grants, scopes
	return cred, nil
}

func (s *Stack) putGlewlwydClient(ctx context.Context, method, url string, cred oauth.Credential, grants, scopes []string) error {
	if err := glewlwydLogin(ctx, s); err != nil {
		return err
	}
	for _, scope := range scopes {
		if err := glewlwydScope(ctx, s, scope); err != nil {
			return err
		}
	}
	client := map[string]any{
		"client_id": cred.ClientID, "name": "oauthbench", "password": cred.Secret, "client_secret": cred.Secret, "confidential": true, "enabled": true,
		"authorization_type": grants, "scope": append([]string{}, scopes...), // never null
	}
	if !strings.HasPrefix(s.spec.Version, "2.5.") { // which takes every method from every client
		client["token_endpoint_auth_method"] = []string{oauth.AuthBasic}
	}
	return s.call(ctx, method, url, client, nil)
}

// introspectGlewlwyd is the one client, which the server lets introspect its own
// tokens when it has the client_credentials grant.
func introspectGlewlwyd(ctx context.Context, s *Stack) (oauth.Credential, error) {
	return registerGlewlwydClient(ctx, s, oauth.ClientSpec{AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}})
}
