package containers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// keepPromises asks a server for each thing that its folder says it can do, once.
func keepPromises(t *testing.T, s *Stack) {
	t.Helper()
	p := promises{t, s, s.Endpoints()}
	for _, c := range []struct {
		claimed oauth.Capability
		try     func()
	}{
		{oauth.AuthPost, func() { p.proof(oauth.AuthPost, "") }},
		{oauth.AuthSecretJWT, func() { p.proof(oauth.AuthSecretJWT, oauth.HS256) }},
		{oauth.AuthPrivateKeyJWT, func() { p.proof(oauth.AuthPrivateKeyJWT, oauth.RS256) }},
		{oauth.HasDPoP, p.bound},
		{oauth.CanSetLifetime, p.lifetime},
		{oauth.GrantDeviceCode, p.device},
		{oauth.HasUserinfo, p.userinfo},
		{oauth.GrantTokenExchange, p.exchange},
		{oauth.IntrospectsRefresh, func() { p.refresh() }},
		{oauth.IntrospectsHinted, func() { p.refresh("refresh_token") }},
	} {
		if s.Capabilities().Has(c.claimed) {
			t.Logf("%s: %s", s.Deployment().Name, c.claimed.Title())
			c.try()
		}
	}
}

type promises struct {
	t  *testing.T
	s  *Stack
	at oauth.Endpoints
}

// client registers one with a grant.
func (p promises) client(spec oauth.ClientSpec, grants ...oauth.Capability) oauth.Credential {
	p.t.Helper()
	spec.Name = "promises-" + engine.Random(4)
	if spec.AuthMethod == "" {
		spec.AuthMethod = oauth.AuthBasic
	}
	for _, g := range grants {
		spec.GrantTypes = append(spec.GrantTypes, string(g))
	}
	cred, err := p.s.RegisterClient(p.t.Context(), spec)
	if err != nil {
		p.t.Fatal(err)
	}
	if cred.Audience == "" {
		cred.Audience = p.at.Issuer + " " + p.at.Token
	}
	return cred
}

// token asks for one, which must be granted.
func (p promises) token(what string, r oauth.Request) oauth.Token {
	p.t.Helper()
	status, body := send(p.t, p.t.Context(), r)
	token, err := oauth.ParseToken(body)
	if status != http.StatusOK || err != nil {
		p.t.Fatalf("%s: %d %s", what, status, body)
	}
	return token
}

func (p promises) proof(method, alg string) {
	p.t.Helper()
	key, err := oauth.NewKey(oauth.RS256)
	if err != nil {
		p.t.Fatal(err)
	}
	spec := oauth.ClientSpec{AuthMethod: method, SigningAlg: alg, Scope: "read"}
	if method == oauth.AuthPrivateKeyJWT {
		spec.Keys = key.Set()
	}
	cred := p.client(spec, oauth.GrantClientCredentials)
	cred.Key = key
	p.token(method, oauth.ClientCredentials(p.at.Token, cred, "read"))
}

func (p promises) bound() {
	p.t.Helper()
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		p.t.Fatal(err)
	}
	cred := p.client(oauth.ClientSpec{Scope: "read"}, oauth.GrantClientCredentials)
	r, err := oauth.ClientCredentials(p.at.Token, cred, "read").WithProof(key, time.Now(), "")
	if err != nil {
		p.t.Fatal(err)
	}
	if got := p.token("a bound token", r); !strings.EqualFold(got.TokenType, "DPoP") {
		p.t.Errorf("a bound token has the type %q; want DPoP", got.TokenType)
	}
}

func (p promises) lifetime() {
	p.t.Helper()
	const asked = 2 * time.Minute
	cred := p.client(oauth.ClientSpec{Scope: "read", AccessTokenLifetime: asked}, oauth.GrantClientCredentials)
	got := p.token("a token of two minutes", oauth.ClientCredentials(p.at.Token, cred, "read")).Life()
	if got > asked || got < asked-2*time.Second {
		p.t.Errorf("a token lives %v; want %v", got, asked)
	}
}

// device polls for a device that nobody has agreed to, and for another whose user has.
func (p promises) device() {
	p.t.Helper()
	cred := p.client(oauth.ClientSpec{Scope: "read"}, oauth.GrantDeviceCode)
	begin := func() oauth.Device {
		status, body := send(p.t, p.t.Context(), oauth.DeviceAuthorization(p.at.DeviceAuthorization, cred, "read"))
		d, err := oauth.ParseDevice(body)
		if status != http.StatusOK || err != nil {
			p.t.Fatalf("device authorization: %d %s, %v", status, body, err)
		}
		return d
	}
	status, body := send(p.t, p.t.Context(), oauth.DeviceToken(p.at.Token, cred, begin().DeviceCode))
	if said := oauth.ParseRefusal(body).Error; status != http.StatusBadRequest || said != "authorization_pending" {
		p.t.Errorf("a poll before the user agreed: %d %s; want authorization_pending", status, body)
	}
	d := begin()
	err := p.s.ApproveDevice(p.t.Context(), oauth.DeviceApproval{UserCode: d.UserCode, Subject: "alice", Scope: "read"})
	if err != nil {
		p.t.Fatal(err)
	}
	p.token("a poll after it", oauth.DeviceToken(p.at.Token, cred, d.DeviceCode))
}

// user has one log in, and gives the tokens.
func (p promises) user(scope string) (oauth.Credential, oauth.Token) {
	p.t.Helper()
	cred := p.client(oauth.ClientSpec{Scope: scope}, oauth.GrantAuthorizationCode, oauth.GrantRefreshToken)
	verifier, challenge := oauth.NewVerifier()
	code, err := p.s.Authorize(p.t.Context(), oauth.Authorization{ClientID: cred.ClientID, Scope: scope,
		RedirectURI: stack.CallbackURL, Challenge: challenge, Subject: "alice"})
	if err != nil {
		p.t.Fatal(err)
	}
	return cred, p.token("a code", oauth.Code(p.at.Token, cred, code, stack.CallbackURL, verifier))
}

func (p promises) userinfo() {
	p.t.Helper()
	_, token := p.user("openid read")
	status, body := send(p.t, p.t.Context(), oauth.Userinfo(p.at.Userinfo, token.AccessToken))
	var claims struct {
		Subject string `json:"sub"`
	}
	if err := json.Unmarshal(body, &claims); err != nil || status != http.StatusOK || claims.Subject != "alice" {
		p.t.Errorf("userinfo: %d %s; want the sub alice", status, body)
	}
}

// refresh looks at a refresh token, as a resource server or, with a hint, as its client.
func (p promises) refresh(hint ...string) {
	p.t.Helper()
	asker, token := p.user("offline_access read")
	if len(hint) == 0 {
		asker = p.resource()
	}
	p.active(asker, token.RefreshToken, hint...)
}

// exchange trades the token of a user who logged in at another client.
func (p promises) exchange() {
	p.t.Helper()
	trader := p.client(oauth.ClientSpec{Scope: "read"}, oauth.GrantTokenExchange)
	_, token := p.user("openid read")
	got := p.token("an exchange", oauth.Exchange(p.at.Token, trader, token.AccessToken, "read"))
	if got.IssuedType != oauth.AccessTokenType {
		p.t.Errorf("an exchange issued %q; want an access token", got.IssuedType)
	}
	p.active(p.resource(), got.AccessToken)
}

func (p promises) resource() oauth.Credential {
	p.t.Helper()
	resource, err := p.s.IntrospectionCredential(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return resource
}

// active asks about a token that must be active.
func (p promises) active(asker oauth.Credential, token string, hint ...string) {
	p.t.Helper()
	status, body := send(p.t, p.t.Context(), oauth.Introspect(p.at.Introspection, asker, token, hint...))
	if got, err := oauth.ParseIntrospection(body); err != nil || status != http.StatusOK || !got.Active {
		p.t.Errorf("introspection of a live token: %d %s; want active", status, body)
	}
}
