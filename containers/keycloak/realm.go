package keycloak

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"oauthbench/containers/engine"
	"oauthbench/containers/stack"
	"oauthbench/internal/oauth"
)

// placeholder stands for the database's address where only names of variables count.
var placeholder = &url.URL{User: url.UserPassword("", "")}

// object is a JSON object of the admin API.
type object = map[string]any

// realmSettings are what the realm is told.
type realmSettings struct {
	access, session time.Duration
	rotation        bool
	reuse           int
	audience        bool
	passwordPolicy  string
}

func realmOf(v stack.Values) realmSettings {
	r := realmSettings{access: accessLifetime, session: sessionLifetime, rotation: v["rotation"] == "on",
		audience: v["audience"] == "on"}
	for key, d := range map[string]*time.Duration{"access_ttl": &r.access, "refresh_ttl": &r.session} {
		if v[key] != "" {
			*d, _ = time.ParseDuration(v[key]) // checked by stack.Lifetime
		}
	}
	r.reuse, _ = strconv.Atoi(v["reuse"]) // checked by stack.WholeNumber
	var policy []string
	if hash := v["password_hash"]; hash != "" {
		policy = append(policy, fmt.Sprintf("hashAlgorithm(%s)", hash))
	}
	if n := v["password_iterations"]; n != "" {
		policy = append(policy, fmt.Sprintf("hashIterations(%s)", n))
	}
	r.passwordPolicy = strings.Join(policy, " and ")
	return r
}

// adminToken is a token for the admin API. They live for a minute; one is kept for half
// of that.
func adminToken(ctx context.Context, a *stack.Access) (string, error) {
	type kept struct {
		token string
		since time.Time
	}
	if k, ok := a.Memory.Load("admin"); ok && time.Since(k.(kept).since) < 30*time.Second {
		return k.(kept).token, nil
	}
	form := url.Values{"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {administrator},
		"password": {a.Secret}}
	t, err := a.Token(ctx, oauth.Request{
		Method: http.MethodPost, URL: a.Issuer + "/realms/master/protocol/openid-connect/token",
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()),
	})
	if err != nil {
		return "", fmt.Errorf("log in as administrator: %w", err)
	}
	a.Memory.Store("admin", kept{t.AccessToken, time.Now()})
	return t.AccessToken, nil
}

// admin calls the admin API below the realms.
func admin(ctx context.Context, a *stack.Access, method, path string, in, out any) error {
	token, err := adminToken(ctx, a)
	if err != nil {
		return err
	}
	return a.Call(ctx, method, a.Issuer+"/admin/realms"+path, token, in, out)
}

// create makes the realm. What was not told stays the version's own.
func (r realmSettings) create(ctx context.Context, a *stack.Access) error {
	seconds := int(r.session.Seconds())
	body := object{
		"realm": realm, "enabled": true, "sslRequired": "none", "accessTokenLifespan": int(r.access.Seconds()),
		"ssoSessionIdleTimeout": seconds, "ssoSessionMaxLifespan": seconds, "offlineSessionIdleTimeout": seconds,
		"revokeRefreshToken": r.rotation, "refreshTokenMaxReuse": r.reuse,
	}
	if r.passwordPolicy != "" {
		body["passwordPolicy"] = r.passwordPolicy
	}
	return admin(ctx, a, http.MethodPost, "", body, nil)
}

// resource is the client that introspects, as a resource server does.
const resource = "oauthbench-resource"

// register makes a client. It has the scopes that were asked for and no others, so that
// tokens carry what was asked.
func (r realmSettings) register(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
	cred := oauth.Credential{Method: spec.AuthMethod, ClientID: "client-" + engine.Random(8)}
	body := object{
		"clientId": cred.ClientID, "name": spec.Name, "enabled": true, "protocol": "openid-connect",
		"clientAuthenticatorType": "client-secret",
		"publicClient":            spec.AuthMethod == oauth.AuthNone,
		"serviceAccountsEnabled":  slices.Contains(spec.GrantTypes, string(oauth.GrantClientCredentials)),
		"standardFlowEnabled":     slices.Contains(spec.GrantTypes, string(oauth.GrantAuthorizationCode)),
	}
	switch spec.AuthMethod {
	case oauth.AuthBasic, oauth.AuthPost:
		cred.Secret = engine.Random(20)
		body["secret"] = cred.Secret
	case oauth.AuthNone:
	default:
		return oauth.Credential{}, fmt.Errorf("client authentication %s: not driven at Keycloak: %w", spec.AuthMethod,
			errors.ErrUnsupported)
	}
	if slices.Contains(spec.GrantTypes, string(oauth.GrantAuthorizationCode)) {
		body["redirectUris"] = stack.Redirects(spec)
	}
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		body["attributes"] = object{"access.token.lifespan": strconv.Itoa(int(ttl.Seconds()))}
	}
	scopes := []string{}
	for _, name := range strings.Fields(spec.Scope) {
		if name == "openid" { // is no scope of a client's, but always there
			continue
		}
		if err := makeScope(ctx, a, name); err != nil {
			return oauth.Credential{}, err
		}
		scopes = append(scopes, name)
	}
	body["defaultClientScopes"], body["optionalClientScopes"] = []string{"basic"}, scopes
	if mappers := r.mappers(spec); mappers != nil {
		body["protocolMappers"] = mappers
	}
	return cred, admin(ctx, a, http.MethodPost, "/"+realm+"/clients", body, nil)
}

// mappers put the resource server into aud, and what else the client was asked for.
func (r realmSettings) mappers(spec oauth.ClientSpec) []object {
	config := func(key, value string) object {
		return object{key: value, "access.token.claim": "true", "introspection.token.claim": "true"}
	}
	var configs []object
	if r.audience {
		configs = append(configs, config("included.client.audience", resource))
	}
	for _, name := range spec.Audience {
		configs = append(configs, config("included.custom.audience", name))
	}
	var all []object
	for i, c := range configs {
		all = append(all, object{
			"name": fmt.Sprintf("audience-%d", i), "protocol": "openid-connect",
			"protocolMapper": "oidc-audience-mapper", "config": c,
		})
	}
	return all
}

// makeScope makes a scope, which must exist before a client can have it.
func makeScope(ctx context.Context, a *stack.Access, name string) error {
	if _, made := a.Memory.LoadOrStore("scope "+name, true); made {
		return nil
	}
	err := admin(ctx, a, http.MethodPost, "/"+realm+"/client-scopes", object{
		"name": name, "protocol": "openid-connect", "attributes": object{"include.in.token.scope": "true"},
	}, nil)
	if exists(err) { // such as offline_access
		return nil
	}
	if err != nil {
		a.Memory.Delete("scope " + name)
	}
	return err
}

// exists tells whether the admin API refused to make what there is.
func exists(err error) bool {
	var refusal *stack.Refusal
	return errors.As(err, &refusal) && refusal.Status == http.StatusConflict
}

// introspection is the resource server's credential, the same for all who ask.
func (r realmSettings) introspection(ctx context.Context, a *stack.Access) (oauth.Credential, error) {
	cred := oauth.Credential{Method: oauth.AuthBasic, ClientID: resource, Secret: a.Secret}
	err := admin(ctx, a, http.MethodPost, "/"+realm+"/clients", object{
		"clientId": cred.ClientID, "secret": cred.Secret, "enabled": true, "protocol": "openid-connect",
		"publicClient": false, "standardFlowEnabled": false,
	}, nil)
	if exists(err) {
		err = nil
	}
	return cred, err
}
