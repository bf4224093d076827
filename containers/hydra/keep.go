package hydra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// keeps are what a release keeps beside tokens.
func keeps(release version, sessions string) []stack.Keep {
	k := keeper{release, sessions}
	all := []stack.Keep{
		{Name: "remembered consent", Make: k.makeConsent, Alive: k.consentAlive,
			Lost: "users are asked again, and their consents are neither listed nor revoked by user: mend the " +
				"migrated rows"},
		{Name: "login in flight", Minor: true, Make: k.beginLogin, Alive: k.loginAlive,
			Lost: "users who are at the login page at the moment of the switch must begin anew (404 at the login " +
				"application)"},
		{Name: "remembered login", Minor: true, Make: k.rememberLogin, Alive: k.loginRemembered,
			Lost: "everybody logs in again: announce it, and be ready for that many logins at once"},
	}
	for _, size := range []int{secretLimit, secretLimit + 1} {
		all = append(all, stack.Keep{
			Name: fmt.Sprintf("client with a secret of %d bytes", size), Minor: true, Alive: k.clientAlive,
			Make: func(ctx context.Context, a *stack.Access, _ *stack.Browser, _ string) (string, error) {
				return k.makeClient(ctx, a, size)
			},
			Lost: "2.x refuses secrets longer than 72 bytes (401), of which 1.x took the first 72: " +
				"set such secrets anew before the upgrade",
		})
	}
	return all
}

// secretLimit is how much of a secret BCrypt looks at, in bytes.
const secretLimit = 72

type keeper struct {
	release  version
	sessions string
}

// kept is a thing as text.
type kept struct {
	Client    string `json:"client,omitempty"`
	Secret    string `json:"secret,omitempty"`
	Subject   string `json:"subject,omitempty"`
	Challenge string `json:"challenge,omitempty"`
	Jar       string `json:"jar,omitempty"`
}

func (k kept) String() string {
	text, _ := json.Marshal(k) // strings alone: it cannot fail
	return string(text)
}

// webClient is one for logins.
func (k keeper) webClient(ctx context.Context, a *stack.Access) (string, error) {
	c, err := register(ctx, a, k.release, oauth.ClientSpec{
		Name: "rehearsal", GrantTypes: []string{"authorization_code", "refresh_token"}, Scope: keptScope,
		AuthMethod: oauth.AuthBasic,
	})
	return c.ClientID, err
}

// keptScope makes an OpenID row with each code.
const keptScope = "openid read offline_access"

// ask begins a login.
func (k keeper) ask(ctx context.Context, a *stack.Access, b *stack.Browser, client string) (*url.URL, error) {
	_, challenge := oauth.NewVerifier()
	return b.Follow(ctx, oauth.Authorize(endpoints(a.Site, k.release).Authorization, oauth.Authorization{
		ClientID: client, RedirectURI: stack.CallbackURL, Scope: keptScope, State: "rehearsal-state",
		Challenge: challenge,
	}).URL)
}

// remember logs a user in and agrees, to be remembered both times.
func (k keeper) remember(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (kept, error) {
	client, err := k.webClient(ctx, a)
	if err != nil {
		return kept{}, err
	}
	at, err := k.ask(ctx, a, b, client)
	if err != nil {
		return kept{}, err
	}
	login := map[string]any{"subject": subject, "remember": true, "remember_for": 86400}
	consent := map[string]any{"grant_scope": strings.Fields(keptScope), "remember": true, "remember_for": 86400}
	for _, answer := range []struct {
		name, path string
		body       any
	}{{"login_challenge", "login/accept", login}, {"consent_challenge", "consent/accept", consent}} {
		next, err := accept(ctx, a, at, answer.name, answer.path, answer.body, k.release)
		if err != nil {
			return kept{}, err
		}
		if at, err = b.Follow(ctx, next); err != nil {
			return kept{}, err
		}
	}
	if at.Query().Get("code") == "" {
		return kept{}, fmt.Errorf("no code: %s", at.Query().Get("error_description"))
	}
	return kept{Client: client, Subject: subject, Jar: b.Jar()}, nil
}

func (k keeper) makeConsent(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (string, error) {
	made, err := k.remember(ctx, a, b, subject)
	return made.String(), err
}

// consentAlive asks for the consents of the user.
func (k keeper) consentAlive(ctx context.Context, a *stack.Access, _ *stack.Browser, thing string) (bool, error) {
	had, err := parseKept(thing)
	if err != nil {
		return false, err
	}
	var all []json.RawMessage
	query := url.Values{"subject": {had.Subject}}
	err = a.Call(ctx, http.MethodGet, a.Admin+k.sessions+query.Encode(), "", nil, &all)
	return len(all) > 0, stack.Gone(err)
}

func (k keeper) beginLogin(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (string, error) {
	client, err := k.webClient(ctx, a)
	if err != nil {
		return "", err
	}
	at, err := k.ask(ctx, a, b, client)
	if err != nil {
		return "", err
	}
	made := kept{Client: client, Subject: subject, Challenge: at.Query().Get("login_challenge"), Jar: b.Jar()}
	if made.Challenge == "" {
		return "", errors.New("redirect of Hydra without login_challenge: " + at.Query().Get("error_description"))
	}
	return made.String(), nil
}

// loginAlive goes on where beginLogin stopped, and tells whether the user is asked to agree.
func (k keeper) loginAlive(ctx context.Context, a *stack.Access, b *stack.Browser, thing string) (bool, error) {
	had, err := parseKept(thing)
	if err != nil {
		return false, err
	}
	if err := b.Wear(had.Jar); err != nil {
		return false, err
	}
	at := &url.URL{RawQuery: url.Values{"login_challenge": {had.Challenge}}.Encode()}
	next, err := accept(ctx, a, at, "login_challenge", "login/accept", map[string]any{"subject": had.Subject},
		k.release)
	if err != nil {
		return false, stack.Gone(err)
	}
	if at, err = b.Follow(ctx, next); err != nil {
		return false, stack.Gone(err)
	}
	return at.Query().Get("consent_challenge") != "", nil
}

func (k keeper) rememberLogin(ctx context.Context, a *stack.Access, b *stack.Browser, subject string) (string, error) {
	made, err := k.remember(ctx, a, b, subject)
	return made.String(), err
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
	at, err := k.ask(ctx, a, b, had.Client)
	if err != nil {
		return false, stack.Gone(err)
	}
	challenge := at.Query().Get("login_challenge")
	if challenge == "" {
		return false, nil
	}
	var request struct {
		Skip bool `json:"skip"`
	}
	query := url.Values{"login_challenge": {challenge}}
	address := a.Admin + k.release.admin() + "/oauth2/auth/requests/login?" + query.Encode()
	err = a.Call(ctx, http.MethodGet, address, "", nil, &request)
	return request.Skip, stack.Gone(err)
}

// makeClient registers a client with a secret of so many bytes.
func (k keeper) makeClient(ctx context.Context, a *stack.Access, size int) (string, error) {
	secret := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz", size/36+1)[:size]
	body := client{
		Name: "rehearsal", Secret: secret, GrantTypes: []string{"client_credentials"}, Scope: "read",
		AuthMethod: oauth.AuthBasic,
	}
	var got client
	if err := a.Call(ctx, http.MethodPost, a.Admin+k.release.admin()+"/clients", "", body, &got); err != nil {
		var refused *stack.Refusal
		if errors.As(err, &refused) && refused.Status/100 == 4 {
			return "", fmt.Errorf("a secret of %d bytes: %w", size, errors.ErrUnsupported)
		}
		return "", err
	}
	return kept{Client: got.ID, Secret: secret}.String(), nil
}

// clientAlive tells whether a client gets a token.
func (k keeper) clientAlive(ctx context.Context, a *stack.Access, _ *stack.Browser, thing string) (bool, error) {
	had, err := parseKept(thing)
	if err != nil {
		return false, err
	}
	proof := oauth.Credential{Method: oauth.AuthBasic, ClientID: had.Client, Secret: had.Secret}
	_, err = a.Token(ctx, oauth.ClientCredentials(endpoints(a.Site, k.release).Token, proof, "read"))
	return err == nil, stack.Gone(err)
}

func parseKept(thing string) (k kept, err error) { return k, json.Unmarshal([]byte(thing), &k) }
