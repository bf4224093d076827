package keycloak

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// A realm says what was asked, and nothing of what the version decides; a successor finds it made.
func TestRealm(t *testing.T) {
	for _, tt := range []struct {
		values stack.Values
		want   object
		absent []string
	}{
		{stack.Values{"rotation": "on", "reuse": "0"},
			object{"accessTokenLifespan": 3600.0, "ssoSessionIdleTimeout": 36000.0, "ssoSessionMaxLifespan": 36000.0,
				"revokeRefreshToken": true, "refreshTokenMaxReuse": 0.0}, []string{"passwordPolicy"}},
		{stack.Values{"rotation": "off", "reuse": "3", "access_ttl": "90s", "refresh_ttl": "2h",
			"login_hash": "pbkdf2-sha256", "login_iterations": "1000"},
			object{"accessTokenLifespan": 90.0, "ssoSessionIdleTimeout": 7200.0, "revokeRefreshToken": false,
				"refreshTokenMaxReuse": 3.0,
				"passwordPolicy":       "hashAlgorithm(pbkdf2-sha256) and hashIterations(1000)"}, nil},
	} {
		f, a := startFake(t)
		for range 2 {
			if err := realmOf(tt.values).create(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		got := f.made["realms"]
		if len(got) != 1 {
			t.Fatalf("%d realms were made; want one", len(got))
		}
		for key, want := range tt.want {
			if got[0][key] != want {
				t.Errorf("%v: %s is %v; want %v", tt.values, key, got[0][key], want)
			}
		}
		for _, key := range tt.absent {
			if v, set := got[0][key]; set {
				t.Errorf("%v: %s is set to %v", tt.values, key, v)
			}
		}
	}
}

// specFor is a client with a grant and a method.
func specFor(grant oauth.Capability, method string) oauth.ClientSpec {
	return oauth.ClientSpec{Name: "n", AuthMethod: method, GrantTypes: []string{string(grant)}, Scope: "openid read"}
}

// registered is what Keycloak was told of a client.
func registered(t *testing.T, v stack.Values, spec oauth.ClientSpec) (*fake, oauth.Credential, object) {
	t.Helper()
	f, a := startFake(t)
	cred, err := realmOf(v).register(t.Context(), a, spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.made["clients"] {
		if c["clientId"] == cred.ClientID {
			return f, cred, c
		}
	}
	t.Fatalf("no client %s was made", cred.ClientID)
	return nil, cred, nil
}

// Each way to prove oneself is one of Keycloak's authenticators, and a client is what it was
// asked for.
func TestClientsByMethod(t *testing.T) {
	for _, tt := range []struct {
		method, alg, authenticator string
		secret, audience           bool
	}{
		{oauth.AuthBasic, "", "client-secret", true, false},
		{oauth.AuthPost, "", "client-secret", true, false},
		{oauth.AuthNone, "", "client-secret", false, false},
		{oauth.AuthSecretJWT, oauth.HS256, "client-secret-jwt", true, true},
		{oauth.AuthPrivateKeyJWT, oauth.ES256, "client-jwt", false, true},
	} {
		spec := specFor(oauth.GrantClientCredentials, tt.method)
		spec.SigningAlg, spec.Keys = tt.alg, []byte(`{"keys":[]}`)
		_, cred, got := registered(t, stack.Values{"audience": "on"}, spec)
		if got["clientAuthenticatorType"] != tt.authenticator || got["publicClient"] != (tt.method == oauth.AuthNone) {
			t.Errorf("%s: authenticator %v, public %v; want %s", tt.method, got["clientAuthenticatorType"],
				got["publicClient"], tt.authenticator)
		}
		if (cred.Secret != "") != tt.secret || tt.secret && got["secret"] != cred.Secret {
			t.Errorf("%s: secret %q at the client, %v at Keycloak", tt.method, cred.Secret, got["secret"])
		}
		if n := len(strings.Fields(cred.Audience)); (n == 1) != tt.audience || n > 1 {
			t.Errorf("%s: assertions are for %q; want one audience where there are any", tt.method, cred.Audience)
		}
		attributes := got["attributes"].(object)
		if alg, told := attributes["token.endpoint.auth.signing.alg"]; told != tt.audience || told && alg != tt.alg {
			t.Errorf("%s: algorithm %v; want %q", tt.method, alg, tt.alg)
		}
		if _, told := attributes["jwks.string"]; told != (tt.method == oauth.AuthPrivateKeyJWT) {
			t.Errorf("%s: keys told: %v", tt.method, told)
		}
		if fmt.Sprint(got["optionalClientScopes"], got["defaultClientScopes"]) != "[read] [basic]" {
			t.Errorf("%s: scopes %v and %v; want read by asking, and basic always", tt.method,
				got["optionalClientScopes"], got["defaultClientScopes"])
		}
	}
	_, a := startFake(t)
	_, err := realmOf(stack.Values{}).register(t.Context(), a, specFor(oauth.GrantClientCredentials, oauth.AuthBearer))
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a bearer token as a proof: %v; want unsupported", err)
	}
}

// Tokens name the resource server unless audience=off says that they must not.
func TestAudienceIsASetting(t *testing.T) {
	for value, want := range map[string]int{"on": 2, "off": 1} {
		spec := specFor(oauth.GrantClientCredentials, oauth.AuthBasic)
		spec.Audience = []string{"api"}
		_, _, got := registered(t, stack.Values{"audience": value}, spec)
		mappers, _ := got["protocolMappers"].([]any)
		if len(mappers) != want {
			t.Errorf("audience=%s: %d mappers; want %d", value, len(mappers), want)
		}
		named := strings.Contains(fmt.Sprint(mappers), resource)
		if named != (value == "on") {
			t.Errorf("audience=%s: tokens name the resource server: %v", value, named)
		}
	}
}

// A client that exchanges tokens is named in those of users, whichever of both came first.
func TestExchangersAreNamed(t *testing.T) {
	f, a := startFake(t)
	r := realmOf(stack.Values{})
	var names []string
	for range 2 {
		cred, err := r.register(t.Context(), a, specFor(oauth.GrantTokenExchange, oauth.AuthBasic))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, cred.ClientID)
	}
	if _, err := r.register(t.Context(), a, specFor(oauth.GrantAuthorizationCode, oauth.AuthBasic)); err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(f.made["models"])
	for _, name := range names {
		if !strings.Contains(said, name) {
			t.Errorf("%s is in the audience of no token: %s", name, said)
		}
	}
	user := f.made["clients"][2]
	if always := fmt.Sprint(user["defaultClientScopes"]); !strings.Contains(always, exchangers) {
		t.Errorf("users' tokens have the scopes %s; want %s among them", always, exchangers)
	}
	for _, scope := range f.made["client-scopes"] {
		if said := scope["attributes"].(object)["include.in.token.scope"]; said != fmt.Sprint(
			scope["name"] != exchangers) {
			t.Errorf("scope %v is said in tokens: %v", scope["name"], said)
		}
	}
}

// A lifetime of one client, devices and redirections are attributes of the client.
func TestClientAttributes(t *testing.T) {
	spec := specFor(oauth.GrantDeviceCode, oauth.AuthBasic)
	spec.AccessTokenLifetime = 90 * time.Second
	_, _, got := registered(t, stack.Values{}, spec)
	attributes := got["attributes"].(object)
	if attributes["access.token.lifespan"] != "90" ||
		attributes["oauth2.device.authorization.grant.enabled"] != "true" {
		t.Errorf("attributes %v; want a lifetime of 90 s and devices", attributes)
	}
	if got["standardFlowEnabled"] != false || got["redirectUris"] != nil {
		t.Errorf("a device's client may ask for codes: %v", got)
	}
}

// The doors of a rehearsal: a user is logged out by its name, a client deleted by its id.
func TestDoors(t *testing.T) {
	f, a := startFake(t)
	cred, err := realmOf(stack.Values{}).register(t.Context(), a,
		specFor(oauth.GrantClientCredentials, oauth.AuthBasic))
	if err != nil {
		t.Fatal(err)
	}
	if err := endUser(t.Context(), a, "user-1"); err != nil {
		t.Error(err)
	}
	if err := deleteClient(t.Context(), a, cred.ClientID); err != nil {
		t.Error(err)
	}
	if err := deleteClient(t.Context(), a, "nobody"); err == nil {
		t.Error("a client that is not there was deleted")
	}
	for _, want := range []string{"POST /admin/realms/bench/users/user-1/logout",
		"DELETE /admin/realms/bench/clients/clients-0"} {
		if !slices.Contains(f.said, want) {
			t.Errorf("%q was not asked: %q", want, f.said)
		}
	}
}
