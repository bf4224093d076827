// Package glewlwyd runs Glewlwyd, an authorization server in C that nobody here wrote
// and that Debian packages. Its image is made of that package: the server as entry
// point, and its own schema beside it.
package glewlwyd

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

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Server is Glewlwyd.
var Server = stack.Server{
	Name:    "glewlwyd",
	Summary: "Glewlwyd 2.5 and later, from Debian's packages; access tokens are JWTs",
	Example: "glewlwyd:2.7.6",
	Tested:  []string{"glewlwyd:2.5.2", "glewlwyd:2.7.5", "glewlwyd:2.7.6"},
	Settings: []stack.Setting{
		stack.Lifetime("access_ttl", "lifetime of access tokens; default 1h"),
		stack.Lifetime("refresh_ttl", "lifetime of refresh tokens; default 336h"),
		stack.ImageSetting,
	},
	Program: program,
}

const (
	port       = 4593
	schemaFile = "/usr/share/glewlwyd/init.postgre.sql"
	configFile = "/tmp/glewlwyd.conf"
	pluginName = "oidc" // the path element of the protocol endpoints
)

func program(s stack.Spec, v stack.Values) (stack.Program, error) {
	access, refresh := v.Lifetime("access_ttl", time.Hour), v.Lifetime("refresh_ttl", 14*24*time.Hour)
	if !strings.HasPrefix(s.Version, "2.") {
		return stack.Program{}, fmt.Errorf("version %q: use 2.5.2 or later", s.Version)
	}
	base := func(at stack.Site) string { return at.Issuer + "/api/" + pluginName }
	return stack.Program{
		Image: "oauthbench/glewlwyd:" + s.Version,
		Settings: map[string]string{
			"access_token": "jwt", "signature": "RS256", "access_ttl": access.String(), "refresh_ttl": refresh.String(),
			"log_level": "WARNING",
			"clients":   "one, which introspects its own tokens",
		},
		Public:  port,
		Health:  func(at stack.Site) string { return at.Issuer + "/config" },
		Prepare: prepare,
		Growth:  growth(),
		Serve: func(at stack.Site) stack.Command {
			return stack.Command{Args: []string{"--config-file=" + configFile},
				Files: map[string]string{configFile: configuration(at)}}
		},
		SetUp: func(ctx context.Context, a *stack.Access) error { return setUp(ctx, a, base(a.Site), access, refresh) },
		Endpoints: func(at stack.Site) oauth.Endpoints {
			b := base(at)
			return oauth.Endpoints{
				Issuer: b, Authorization: b + "/auth", Token: b + "/token", Introspection: b + "/introspect",
				Revocation: b + "/revoke", Userinfo: b + "/userinfo", JWKS: b + "/jwks",
			}
		},
		// No user can be played here: its login page is a program of its own, and consent
		// is asked in it. Without users there are no codes and no refresh tokens.
		Capabilities: oauth.Capabilities{
			oauth.GrantClientCredentials, oauth.HasIntrospection, oauth.HasRevocation, oauth.HasJWKS,
			oauth.HasDiscovery, oauth.AuthBasic,
		},
		Register:      register,
		Introspection: introspection,
	}, nil
}

// configuration is its configuration file. The static files' path exists but
// serves nothing that is measured.
func configuration(at stack.Site) string {
	password, _ := at.DSN.User.Password()
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
`, port, at.Issuer, at.DSN.Hostname(), at.DSN.Port(), strings.TrimPrefix(at.DSN.Path, "/"), at.DSN.User.Username(),
		password)
}

// prepare loads the schema that comes with the server and gives its
// administrator a password of our own.
func prepare(ctx context.Context, a *stack.Access) error {
	schema, err := a.ReadFile(ctx, schemaFile)
	if err != nil {
		return err
	}
	if err := a.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pgcrypto"); err != nil {
		return err
	}
	if err := a.Exec(ctx, string(schema)); err != nil {
		return fmt.Errorf("%s: %w", schemaFile, err)
	}
	return a.Exec(ctx, "UPDATE g_user_password SET guw_password = crypt($1, gen_salt('bf'))", a.Secret)
}

// login opens a session at the administration, which trusts a password for
// ten minutes.
func login(ctx context.Context, a *stack.Access) error {
	const trust = 5 * time.Minute
	if at, ok := a.Memory.Load("login"); ok && time.Since(at.(time.Time)) < trust {
		return nil
	}
	err := a.Call(ctx, http.MethodPost, a.Admin+"/api/auth/", "",
		map[string]string{"username": "admin", "password": a.Secret}, nil)
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	a.Memory.Store("login", time.Now())
	return nil
}

// setUp adds the protocol plugin, with a key of its own.
func setUp(ctx context.Context, a *stack.Access, issuer string, access, refresh time.Duration) error {
	if err := login(ctx, a); err != nil {
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
		"module": "oidc", "name": pluginName, "display_name": "oauthbench", "enabled": true,
		"parameters": map[string]any{
			"iss": issuer, "jwt-type": "rsa", "jwt-key-size": "256",
			"key":           string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
			"cert":          string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
			"code-duration": 600, "access-token-duration": int(access.Seconds()),
			"refresh-token-duration": int(refresh.Seconds()),
			"refresh-token-rolling":  true, "refresh-token-one-use": "always",
			"allow-non-oidc": true, "auth-type-client-enabled": true, "auth-type-code-enabled": true,
			"auth-type-refresh-enabled":  true,
			"auth-type-password-enabled": true, "jwks-show": true,
			"introspection-revocation-allowed": true, "introspection-revocation-allow-target-client": true,
		},
	}
	return a.Call(ctx, http.MethodPost, a.Admin+"/api/mod/plugin/", "", plugin, nil)
}

// makeScope makes a scope, which must exist before a client can have it.
func makeScope(ctx context.Context, a *stack.Access, name string) error {
	if _, made := a.Memory.LoadOrStore("scope "+name, true); made {
		return nil
	}
	if a.Call(ctx, http.MethodGet, a.Admin+"/api/scope/"+url.PathEscape(name), "", nil, nil) == nil {
		return nil
	}
	err := a.Call(ctx, http.MethodPost, a.Admin+"/api/scope/", "",
		map[string]any{"name": name, "display_name": name, "password_required": false}, nil)
	if err != nil {
		a.Memory.Delete("scope " + name)
	}
	return err
}

// client is the one client of a stack.
//
// Note: up to 2.5 the server knows two ways to its introspection endpoint that
// exclude each other: with one, clients may introspect their own tokens and revoke
// with their secret, with the other a resource server may introspect everybody's by a
// bearer token, and revocation with a secret (RFC 7009 section 2.1) answers 401. So
// that all versions do the same work there is one client, which introspects its own
// tokens; RegisterClient gives it to everyone, with the scopes and grants of all.
type client struct {
	mu     sync.Mutex
	cred   oauth.Credential // the zero value until it is made
	scopes []string
	grants []string
}

func clientOf(a *stack.Access) *client {
	c, _ := a.Memory.LoadOrStore("client", &client{})
	return c.(*client)
}

func register(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		return oauth.Credential{}, fmt.Errorf(
			"access token lifetime %s of one client: Glewlwyd has one for all, set with access_ttl=%s: %w", ttl, ttl,
			errors.ErrUnsupported)
	}
	if spec.AuthMethod != oauth.AuthBasic {
		return oauth.Credential{}, fmt.Errorf("client authentication %s: Glewlwyd takes %s at all its endpoints: %w",
			spec.AuthMethod, oauth.AuthBasic, errors.ErrUnsupported)
	}
	c := clientOf(a)
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
	method, url := http.MethodPut, a.Admin+"/api/client/"+cred.ClientID
	if cred.ClientID == "" {
		cred = oauth.Credential{Method: oauth.AuthBasic, ClientID: "client-" + engine.Random(8),
			Secret: engine.Random(20)}
		method, url = http.MethodPost, a.Admin+"/api/client/"
	}
	if err := putClient(ctx, a, method, url, cred, grants, scopes); err != nil {
		return oauth.Credential{}, err
	}
	c.cred, c.grants, c.scopes = cred, grants, scopes
	return cred, nil
}

func putClient(ctx context.Context, a *stack.Access, method, url string, cred oauth.Credential, grants,
	scopes []string) error {
	if err := login(ctx, a); err != nil {
		return err
	}
	for _, scope := range scopes {
		if err := makeScope(ctx, a, scope); err != nil {
			return err
		}
	}
	body := map[string]any{
		"client_id": cred.ClientID, "name": "oauthbench", "password": cred.Secret, "client_secret": cred.Secret,
		"confidential": true, "enabled": true,
		"authorization_type": grants, "scope": append([]string{}, scopes...), // never null
	}
	if !strings.HasPrefix(a.Version, "2.5.") { // which takes every method from every client
		body["token_endpoint_auth_method"] = []string{oauth.AuthBasic}
	}
	return a.Call(ctx, method, url, "", body, nil)
}

// introspection is the one client, which the server lets introspect its own
// tokens when it has the client_credentials grant.
func introspection(ctx context.Context, a *stack.Access) (oauth.Credential, error) {
	return register(ctx, a, oauth.ClientSpec{AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}})
}
