package scenarios

import (
	"net/http"
	"testing"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/notebook"
)

// A user is shown a page with a form, or sent to one; all else is no answer to an
// authorization request.
func TestAnswersToAuthorizationRequests(t *testing.T) {
	to := func(address string) *vegeta.Result {
		return &vegeta.Result{Code: http.StatusFound, Headers: http.Header{"Location": {address}}}
	}
	page := func(code uint16, body string) *vegeta.Result { return &vegeta.Result{Code: code, Body: []byte(body)} }
	for _, c := range []struct {
		what string
		r    *vegeta.Result
		want bench.Outcome
	}{
		{"sent to a page", to("https://as.example/login?x=1"), bench.OK},
		{"shown a page", page(200, `<!DOCTYPE html><body><FORM action="/login">`), bench.OK},
		{"shown a page without a form", page(200, `<html>welcome</html>`), bench.Rejected},
		{"shown an error with a form", page(400, `<form>back</form>`), bench.Rejected},
		{"sent to the client with an error", to(Callback + "?error=invalid_scope"), bench.Rejected},
		{"sent to the client with a code", to(Callback + "?code=c"), bench.Invalid},
		{"sent nowhere", to(""), bench.Invalid},
	} {
		l := heldArrivals(Ask{Count: 1, book: notebook.New()})
		l.rules[0], l.requests[0] = ruleOf("authorize", kindBrowser, stateFresh), &oauth.Request{}
		if got := judgeRedirect(&l, 0, c.r); got.Outcome != c.want {
			t.Errorf("%s: %v; want %v", c.what, got, c.want)
		}
	}
}

// A user with the right password is sent back to the client, with a code and the state that it sent.
func TestAnswersToPasswords(t *testing.T) {
	to := func(address string) *vegeta.Result {
		return &vegeta.Result{Code: http.StatusFound, Headers: http.Header{"Location": {address}}}
	}
	for _, c := range []struct {
		what string
		r    *vegeta.Result
		want bench.Outcome
	}{
		{"sent to the client with a code", to(Callback + "?code=c&state=s"), bench.OK},
		{"sent to the client with another state", to(Callback + "?code=c&state=x"), bench.Invalid},
		{"sent to the client without a code", to(Callback + "?state=s"), bench.Invalid},
		{"sent to the client with an error", to(Callback + "?error=access_denied&state=s"), bench.Rejected},
		{"sent to a page", to("https://as.example/required-action"), bench.Invalid},
		{"shown the login page again", &vegeta.Result{Code: 200, Body: []byte(`<form action="/login">`)},
			bench.Rejected},
		{"shown a page without a form", &vegeta.Result{Code: 200, Body: []byte(`<html>welcome</html>`)},
			bench.Rejected},
		{"refused", &vegeta.Result{Code: 400, Body: []byte(`<form>back</form>`)}, bench.Rejected},
	} {
		l := &signinLoad{heldArrivals(Ask{Count: 1, book: notebook.New()}), []string{"s"}}
		l.rules[0], l.requests[0] = ruleOf("signin", kindBrowser, stateFresh), &oauth.Request{}
		if got := l.Check(0, c.r); got.Outcome != c.want {
			t.Errorf("%s: %v; want %v", c.what, got, c.want)
		}
	}
}
