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

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

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
	r := realmSettings{access: v.Lifetime("access_ttl", time.Hour), session: v.Lifetime("refresh_ttl", 10*time.Hour),
		rotation: v["rotation"] == "on", audience: v["audience"] == "on"}
	r.reuse, _ = strconv.Atoi(v["reuse"]) // checked by stack.WholeNumber
	var policy []string
	if hash := v["login_hash"]; hash != "" {
		policy = append(policy, fmt.Sprintf("hashAlgorithm(%s)", hash))
	}
	if n := v["login_iterations"]; n != "" {
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
	if err := admin(ctx, a, http.MethodPost, "", body, nil); !exists(err) { // a successor finds it made
		return err
	}
	return nil
}

// resource is the client that introspects, as a resource server does.
const resource = "oauthbench-resource"

// register makes a client. It has the scopes that were asked for and no others, so that
// tokens carry what was asked.
func (r realmSettings) register(ctx context.Context, a *stack.Access, spec oauth.ClientSpec) (oauth.Credential, error) {
	cred := oauth.Credential{Method: spec.AuthMethod, ClientID: "client-" + engine.Random(8)}
	uses := func(grant oauth.Capability) bool { return slices.Contains(spec.GrantTypes, string(grant)) }
	attributes := object{}
	body := object{
		"clientId": cred.ClientID, "name": spec.Name, "enabled": true, "protocol": "openid-connect",
		"publicClient":           spec.AuthMethod == oauth.AuthNone,
		"serviceAccountsEnabled": uses(oauth.GrantClientCredentials),
		"standardFlowEnabled":    uses(oauth.GrantAuthorizationCode),
		"attributes":             attributes,
	}
	if err := prove(a, spec, &cred, body, attributes); err != nil {
		return oauth.Credential{}, err
	}
	if uses(oauth.GrantAuthorizationCode) {
		body["redirectUris"] = stack.Redirects(spec)
	}
	if uses(oauth.GrantDeviceCode) {
		attributes["oauth2.device.authorization.grant.enabled"] = "true"
	}
	if ttl := spec.AccessTokenLifetime; ttl != 0 {
		attributes["access.token.lifespan"] = strconv.Itoa(int(ttl.Seconds()))
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
	always := []string{"basic"}
	if uses(oauth.GrantTokenExchange) {
		attributes["standard.token.exchange.enabled"] = "true"
		if err := nameExchanger(ctx, a, cred.ClientID); err != nil {
			return oauth.Credential{}, err
		}
	} else if uses(oauth.GrantAuthorizationCode) {
		if err := makeScope(ctx, a, exchangers); err != nil {
			return oauth.Credential{}, err
		}
		always = append(always, exchangers)
	}
	body["defaultClientScopes"], body["optionalClientScopes"] = always, scopes
	if mappers := r.mappers(spec); mappers != nil {
		body["protocolMappers"] = mappers
	}
	return cred, admin(ctx, a, http.MethodPost, "/"+realm+"/clients", body, nil)
}

// mappers put the resource server into aud, and what else the client was asked for.
func (r realmSettings) mappers(spec oauth.ClientSpec) []object {
	var all []object
	if r.audience {
		all = append(all, audienceMapper("included.client.audience", resource))
	}
	for _, name := range spec.Audience {
		all = append(all, audienceMapper("included.custom.audience", name))
	}
	return all
}

// audienceMapper puts a name into the aud of access tokens.
func audienceMapper(key, name string) object {
	return object{
		"name": "audience " + name, "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
		"config": object{key: name, "access.token.claim": "true", "introspection.token.claim": "true"},
	}
}

// makeScope makes a scope, which must exist before a client can have it. Tokens say it, but for
// that of the exchangers.
func makeScope(ctx context.Context, a *stack.Access, name string) error {
	if _, made := a.Memory.Load("scope " + name); made {
		return nil
	}
	err := admin(ctx, a, http.MethodPost, "/"+realm+"/client-scopes", object{
		"name": name, "protocol": "openid-connect",
		"attributes": object{"include.in.token.scope": strconv.FormatBool(name != exchangers)},
	}, nil)
	if err != nil && !exists(err) { // offline_access is there, and so is what was made meanwhile
		return err
	}
	a.Memory.Store("scope "+name, true)
	return nil
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
