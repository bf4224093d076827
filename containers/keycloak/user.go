package keycloak

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"

	"oauthbench/containers/stack"
	"oauthbench/internal/oauth"
)

// password is that of every user: who may log in is not what is measured.
const password = "oauthbench-Passw0rd"

// formAction is where the login page sends its form.
var formAction = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)

// authorize fills in the login form. The realm asks for no consent.
func authorize(ctx context.Context, a *stack.Access, b *stack.Browser, ask oauth.Authorization) (string, error) {
	if err := makeUser(ctx, a, ask.Subject); err != nil {
		return "", err
	}
	page, err := b.Open(ctx, oauth.Authorize(realmAt(a.Site)+"/protocol/openid-connect/auth", ask).URL)
	if err != nil {
		return "", err
	}
	action := formAction.FindStringSubmatch(page)
	if action == nil {
		return "", errors.New("the login page of Keycloak has no form")
	}
	back, err := b.Submit(ctx, html.UnescapeString(action[1]),
		url.Values{"username": {ask.Subject}, "password": {password}})
	if err != nil {
		return "", err
	}
	return back.String(), nil
}

// makeUser makes a user whose sub is its name: only an import takes an id.
func makeUser(ctx context.Context, a *stack.Access, name string) error {
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
