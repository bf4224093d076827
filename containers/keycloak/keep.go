package keycloak

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// keeps are what a release keeps beside tokens that the resource server is asked about: who may
// ask about whose tokens, and what browsers have.
func keeps(of realmSettings) []stack.Keep {
	k := keeper{of}
	return []stack.Keep{
		{Name: "token that its own client introspects", Make: k.makeOwn, Alive: k.tokenAlive, Lost: flips},
		{Name: "token that another client introspects", Make: k.makeAnothers, Alive: k.tokenAlive, Lost: flips},
		{Name: "token that a client in its aud introspects", Make: k.makeNamed, Alive: k.tokenAlive, Lost: flips},
		{Name: "refresh token introspected without a hint", Make: k.makeRefresh, Alive: k.tokenAlive,
			Lost: "introspection calls refresh tokens inactive, though they refresh, unless their own " +
				"client asks and " +
				"the request says token_type_hint=refresh_token (keycloak#51552): have those that " +
				"introspect them do so"},
		{Name: "remembered login", Minor: true, Make: k.logIn, Alive: k.loginRemembered,
			Lost: "everybody logs in again: announce it, and be ready for that many logins at once"},
		{Name: "login in flight", Minor: true, Make: k.beginLogin, Alive: k.loginGoesOn,
			Lost: "users who are at the login page at the moment of the switch see it anew"},
		{Name: "device that was agreed to", Minor: true, Make: k.beginDevice, Alive: k.deviceGoesOn,
			Lost: "users who connect a device at the moment of the switch type another code"},
	}
}

// flips is what becomes of pairs of who asks and whose token it is.
const flips = "from 26.6.2, and 26.4.12 in its line, introspection calls a token inactive whose aud does not name " +
	"who asks (CVE-2026-37979), though the token is good: for each pair of a client that introspects and one whose " +
	"tokens it is shown, give the latter an audience mapper that names the former, one lifetime of tokens before the " +
	"upgrade; or, which opens the hole again, the former the attribute " +
	"allow.token.introspection.without.audience.check. The new version logs each such pair as INTROSPECT_TOKEN_ERROR"

type keeper struct{ realm realmSettings }

// kept is a thing as text.
type kept struct {
	Client  string `json:"client,omitempty"`
	Asker   string `json:"asker,omitempty"` // who introspects its token, where that is not Client
	Device  string `json:"device,omitempty"`
	Subject string `json:"subject,omitempty"`
	Token   string `json:"token,omitempty"`
	Action  string `json:"action,omitempty"` // where the login page sends its form
	Jar     string `json:"jar,omitempty"`
}

func (k kept) String() string {
	text, _ := json.Marshal(k) // strings alone: it cannot fail
	return string(text)
}

const keptScope = "read offline_access"

// client registers one for logins, for devices and for tokens of its own, whose aud has these names.
func (k keeper) client(ctx context.Context, a *stack.Access, audience ...string) (oauth.Credential, error) {
	return k.realm.register(ctx, a, oauth.ClientSpec{
		Name: "rehearsal", AuthMethod: oauth.AuthBasic, Scope: keptScope, Audience: audience, GrantTypes: []string{
			string(oauth.GrantAuthorizationCode), string(oauth.GrantRefreshToken),
			string(oauth.GrantClientCredentials), string(oauth.GrantDeviceCode)},
	})
}

func protocol(a *stack.Access) string { return realmAt(a.Site) + "/protocol/openid-connect" }

// asks is an authorization request of a client for a user.
func asks(a *stack.Access, client, subject string) (request oauth.Request, ask oauth.Authorization, verifier string) {
	verifier, challenge := oauth.NewVerifier()
	ask = oauth.Authorization{ClientID: client, RedirectURI: stack.CallbackURL, Scope: keptScope,
		State: "rehearsal-state", Challenge: challenge, Subject: subject}
	return oauth.Authorize(protocol(a)+"/auth", ask), ask, verifier
}

func (k keeper) makeOwn(ctx context.Context, a *stack.Access, _ *stack.Browser, _ string) (string, error) {
	c, err := k.client(ctx, a)
	if err != nil {
		return "", err
	}
	t, err := a.Token(ctx, oauth.ClientCredentials(protocol(a)+"/token", c, "read"))
	return kept{Client: c.ClientID, Token: t.AccessToken}.String(), err
}

// makeAnothers has a client introspect a token that does not name it.
func (k keeper) makeAnothers(ctx context.Context, a *stack.Access, _ *stack.Browser, _ string) (string, error) {
	asker, err := k.client(ctx, a)
	if err != nil {
		return "", err
	}
	return k.makeFor(ctx, a, asker)
}

// makeNamed has a client introspect a token that names it.
func (k keeper) makeNamed(ctx context.Context, a *stack.Access, _ *stack.Browser, _ string) (string, error) {
	asker, err := k.client(ctx, a)
	if err != nil {
		return "", err
	}
	return k.makeFor(ctx, a, asker, asker.ClientID)
}

// makeFor makes a token of a client with these names in its aud, for another to ask about.
func (k keeper) makeFor(ctx context.Context, a *stack.Access, asker oauth.Credential, audience ...string) (string,
	error) {
	c, err := k.client(ctx, a, audience...)
	if err != nil {
		return "", err
	}
	t, err := a.Token(ctx, oauth.ClientCredentials(protocol(a)+"/token", c, "read"))
	return kept{Client: c.ClientID, Asker: asker.ClientID, Token: t.AccessToken}.String(), err
}

// tokenAlive asks about a token as its client, or as who asks in its place.
func (k keeper) tokenAlive(ctx context.Context, a *stack.Access, _ *stack.Browser, thing string) (bool, error) {
	had, err := parseKept(thing)
	if err != nil {
		return false, err
	}
	return active(ctx, a, own(a, cmp.Or(had.Asker, had.Client)), had.Token)
}

func (k keeper) makeRefresh(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (string, error) {
	c, err := k.client(ctx, a)
	if err != nil {
		return "", err
	}
	_, ask, verifier := asks(a, c.ClientID, subject)
	at, err := authorize(ctx, a, b, ask)
	if err != nil {
		return "", err
	}
	t, err := a.Token(ctx, oauth.Code(protocol(a)+"/token", c, at.Query().Get("code"), stack.CallbackURL, verifier))
	return kept{Client: c.ClientID, Token: t.RefreshToken}.String(), err
}

// own is the credential of a client of ours.
func own(a *stack.Access, client string) oauth.Credential {
	return oauth.Credential{Method: oauth.AuthBasic, ClientID: client, Secret: secretOf(a, client)}
}

// active introspects without a hint.
func active(ctx context.Context, a *stack.Access, who oauth.Credential, token string) (bool, error) {
	r := oauth.Introspect(protocol(a)+"/token/introspect", who, token)
	var seen oauth.Introspection
	body, err := a.Ask(ctx, r)
	if err == nil {
		seen, err = oauth.ParseIntrospection(body)
	}
	return seen.Active, err
}

func (k keeper) logIn(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (string, error) {
	c, err := k.client(ctx, a)
	if err != nil {
		return "", err
	}
	_, ask, _ := asks(a, c.ClientID, subject)
	_, err = authorize(ctx, a, b, ask)
	return kept{Client: c.ClientID, Subject: subject, Jar: b.Jar()}.String(), err
}

// loginRemembered tells whether a browser that has logged in need not do so again.
func (k keeper) loginRemembered(ctx context.Context, a *stack.Access, b *stack.Browser, thing string) (bool, error) {
	had, err := parseKept(thing)
	if err != nil {
		return false, err
	}
	if err := b.Wear(had.Jar); err != nil {
		return false, err
	}
	request, _, _ := asks(a, had.Client, had.Subject)
	end, err := b.Play(ctx, request.URL, func(string) url.Values { return nil })
	if err != nil {
		return false, stack.Gone(err)
	}
	return end.Query().Has("code"), nil
}

func (k keeper) beginLogin(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (string, error) {
	c, err := k.client(ctx, a)
	if err != nil {
		return "", err
	}
	if err := makeUser(ctx, a, subject); err != nil {
		return "", err
	}
	request, _, _ := asks(a, c.ClientID, subject)
	action, err := loginForm(ctx, b, request.URL)
	if err != nil {
		return "", err
	}
	return kept{Subject: subject, Action: action, Jar: b.Jar()}.String(), nil
}

// loginGoesOn sends the form of the page that the user has been looking at.
func (k keeper) loginGoesOn(ctx context.Context, _ *stack.Access, b *stack.Browser, thing string) (bool, error) {
	had, err := parseKept(thing)
	if err != nil {
		return false, err
	}
	if err := b.Wear(had.Jar); err != nil {
		return false, err
	}
	to, err := b.Submit(ctx, had.Action, typed(had.Subject))
	if err != nil {
		return false, stack.Gone(err)
	}
	return to.Query().Has("code"), nil
}

// beginDevice has a user agree to a device that has not fetched its tokens yet.
func (k keeper) beginDevice(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (string, error) {
	c, err := k.client(ctx, a)
	if err != nil {
		return "", err
	}
	body, err := a.Ask(ctx, oauth.DeviceAuthorization(protocol(a)+"/auth/device", c, keptScope))
	if err != nil {
		return "", err
	}
	asked, err := oauth.ParseDevice(body)
	if err != nil {
		return "", err
	}
	err = approve(ctx, a, b, oauth.DeviceApproval{UserCode: asked.UserCode, Subject: subject})
	return kept{Client: c.ClientID, Device: asked.DeviceCode}.String(), err
}

// deviceGoesOn fetches the tokens of a device.
func (k keeper) deviceGoesOn(ctx context.Context, a *stack.Access, _ *stack.Browser, thing string) (bool, error) {
	had, err := parseKept(thing)
	if err != nil {
		return false, err
	}
	if _, err = a.Token(ctx, oauth.DeviceToken(protocol(a)+"/token", own(a, had.Client), had.Device)); err != nil {
		return false, stack.Gone(err)
	}
	return true, nil
}

func parseKept(thing string) (k kept, err error) { return k, json.Unmarshal([]byte(thing), &k) }
