package keycloak

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/oauthbench/oauthbench/containers/stack"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// password is that of every user: who may log in is not what is measured.
const password = "oauthbench-Passw0rd"

// answers are what a user says to the pages of Keycloak: its name and password, and then yes to
// what a device asks for. A name is asked for once: a second time, it was refused.
func answers(name string) func(page string) url.Values {
	asked := false
	return func(page string) url.Values {
		switch {
		case strings.Contains(page, `name="password"`) && !asked:
			asked = true
			return typed(name)
		case strings.Contains(page, `name="accept"`):
			return url.Values{"accept": {"Yes"}}
		}
		return nil
	}
}

// typed is what a user types into the login page.
func typed(name string) url.Values {
	return url.Values{"username": {loginOf(name)}, "password": {password}}
}

// formAction is where the login page sends its form.
var formAction = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)

// loginForm opens the login page, and gives the address that it sends its form to.
func loginForm(ctx context.Context, b *stack.Browser, address string) (string, error) {
	var action []string
	at, err := b.Play(ctx, address, func(page string) url.Values {
		action = formAction.FindStringSubmatch(page)
		return nil
	})
	if err == nil && action == nil {
		err = errors.New("the login page of Keycloak has no form")
	}
	if err != nil {
		return "", err
	}
	to, err := at.Parse(html.UnescapeString(action[1]))
	if err != nil {
		return "", fmt.Errorf("the login page of Keycloak sends its form nowhere: %w", err)
	}
	return to.String(), nil
}

// signIn opens the login page for a user, and gives what is sent when the user has typed.
func signIn(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization) (oauth.Request, error) {
	if err := makeUser(ctx, a, ask.Subject); err != nil {
		return oauth.Request{}, err
	}
	action, err := loginForm(ctx, b, oauth.Authorize(protocol(a)+"/auth", ask).URL)
	return oauth.Request{Method: http.MethodPost, URL: action,
		Header: http.Header{"Accept": {"text/html"}, "Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   []byte(typed(ask.Subject).Encode())}, err
}

// authorize fills in the login form. The realm asks for no consent.
func authorize(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization) (*url.URL, error) {
	if err := makeUser(ctx, a, ask.Subject); err != nil {
		return nil, err
	}
	return b.Play(ctx, oauth.Authorize(protocol(a)+"/auth", ask).URL, answers(ask.Subject))
}

// approve types the code of a device, logs in, and agrees, which Keycloak asks of devices
// whatever their client is told.
func approve(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.DeviceApproval) error {
	if err := makeUser(ctx, a, ask.Subject); err != nil {
		return err
	}
	address := realmAt(a.Site) + "/device?" + url.Values{"user_code": {ask.UserCode}}.Encode()
	end, err := b.Play(ctx, address, answers(ask.Subject))
	if err != nil {
		return err
	}
	if !strings.HasSuffix(end.Path, "/device/status") || end.Query().Has("error") {
		return fmt.Errorf("the user was left at %s with %q", end.Path, end.Query().Get("error"))
	}
	return nil
}

// loginOf is what a user is called at Keycloak, which has 36 characters for its id and makes
// names small.
func loginOf(subject string) string {
	if plainName.MatchString(subject) {
		return subject
	}
	sum := sha256.Sum256([]byte(subject))
	return "u" + hex.EncodeToString(sum[:16])
}

var plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{2,35}$`)

// makeUser makes a user whose sub is its name: only an import takes an id.
func makeUser(ctx context.Context, a *stack.Access, subject string) error {
	name := loginOf(subject)
	if _, made := a.Memory.Load("user " + name); made {
		return nil
	}
	err := admin(ctx, a, http.MethodPost, "/"+realm+"/partialImport", object{
		"ifResourceExists": "SKIP",
		"users": []object{{
			"id": name, "username": name, "email": name + "@example.org", "emailVerified": true, "firstName": name,
			"lastName": "Bench",
			"enabled":  true, "realmRoles": []string{"default-roles-" + realm},
			"credentials": []object{{"type": "password", "value": password}},
		}},
	}, nil)
	if err == nil {
		a.Memory.Store("user "+name, true)
	}
	return err
}
