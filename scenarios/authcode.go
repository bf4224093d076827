package scenarios

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

var authcode = Scenario{
	Name:       "authcode",
	Summary:    "authorization requests, and exchanges of codes that users granted before the clock, with PKCE S256",
	Source:     "RFC 6749 section 4.1, RFC 7636",
	Operations: []Operation{{"authorize", 0.5}, {"code", 0.5}},
	Held:       true,
	Needs:      []oauth.Capability{oauth.GrantAuthorizationCode},
	Parameters: []string{ClientAuthKey, DPoPKey, ScopeKey, ClientsKey, SubjectsKey},
	Checks: []Check{
		{"an authorization request is answered with a page for the user or redirected to one, not refused",
			"what that page does, and whether a code that was used, belongs to another client or has another " +
				"verifier is refused"},
		{"token_type and scope of every answer to a code", blindToTokens}, issuedCheck,
	},
	Open: openAuthcode,
}

type authcodeSource struct {
	users         *users
	inspect       *inspector
	authorization string
}

func openAuthcode(ctx context.Context, t Target) (Source, error) {
	s := &authcodeSource{}
	var err error
	if s.authorization, err = endpoint(t.Server.Endpoints().Authorization, "authorization"); err != nil {
		return nil, err
	}
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	s.users, err = t.users(ctx, "authcode", openID)
	return s, err
}

func (s *authcodeSource) Notes() []string { return s.inspect.notes() }

// Prepare takes turns: an authorization request, then the exchange of another code.
func (s *authcodeSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &authcodeLoad{arrivals: heldArrivals(ask), source: s, by: make([]authorized, ask.Count),
		sample: newSample(s.inspect, ask.Seed)}
	if err := l.goodFor("authorization codes", codeLifetime, ask.span()); err != nil {
		return nil, err
	}
	err := l.encode(ctx, s.users.target, nil, func(i int) (*oauth.Request, error) {
		if i%2 == 0 {
			l.rules[i] = ruleOf("authorize", kindBrowser, stateFresh)
			c, _ := s.users.turn()
			r := oauth.Authorize(s.authorization, s.users.asks(c, ""))
			return &r, nil
		}
		l.rules[i] = ruleOf("code", kindCode, stateFresh)
		a, err := s.users.authorize(ctx)
		if err != nil {
			return nil, err
		}
		l.by[i] = a
		return s.users.exchange(a, ask.at(i))
	})
	return l, err
}

type authcodeLoad struct {
	arrivals
	source *authcodeSource
	by     []authorized // whose code it is
	sample *sample
}

func (l *authcodeLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if l.Operation(i) == "authorize" {
		return judgeRedirect(&l.arrivals, i, r)
	}
	t, answer := l.judgeTokens(i, r, l.source.users.scope, l.by[i].client.proof != nil)
	if answer.Outcome == bench.OK {
		l.sample.keep(issuedAt(i, r, t, l.by[i].client.ClientID, l.by[i].subject, ""))
	}
	return answer
}

var login = Scenario{
	Name: "login",
	Summary: "users who return from the login page to the server, which looks up what they agreed to before " +
		"and sends them on to the consent page",
	Source:     "OpenID Connect Core 1.0 section 3.1.2.4",
	Operations: only("login"),
	Needs:      []oauth.Capability{oauth.GrantAuthorizationCode, oauth.LoginReturn},
	Parameters: []string{ScopeKey, ClientsKey, SubjectsKey},
	Held:       true,
	Checks: []Check{{"a user who returns from the login page is redirected to a page, not refused",
		"what that page does, and whether it is told what the user has agreed to before"}},
	Open: openLogin,
}

// returning are users who are on the login page, of which each arrival sends one on.
type returning struct {
	users  *users
	server LoginReturner
}

func openReturning(ctx context.Context, t Target, scenario string) (r returning, err error) {
	var ok bool
	if r.server, ok = t.Server.(LoginReturner); !ok {
		return r, errNoUser
	}
	r.users, err = t.users(ctx, scenario, openID)
	return r, err
}

// prepare has a user open the login page for each arrival, and encodes what is sent from it. things are what
// must stay good until then; asked is told of each authorization request, by arrival.
func (r returning) prepare(ctx context.Context, l *arrivals, ask Ask, things string, of *rule,
	asked func(i int, u oauth.Authorization)) error {
	if err := l.goodFor(things, codeLifetime, ask.span()); err != nil {
		return err
	}
	return l.encode(ctx, r.users.target, of, func(i int) (*oauth.Request, error) {
		if err := r.users.target.wait(ctx); err != nil {
			return nil, err
		}
		u := r.users.asks(r.users.turn())
		asked(i, u)
		sent, err := r.server.ReturnFromLogin(ctx, u)
		return &sent, err
	})
}

type loginSource struct{ returning }

func openLogin(ctx context.Context, t Target) (Source, error) {
	r, err := openReturning(ctx, t, "login")
	if err != nil {
		return nil, err
	}
	for _, c := range r.users.clients {
		if err := r.server.FillConsents(ctx, r.users.asks(c, ""), t.Parameters.Subjects); err != nil {
			return nil, err
		}
	}
	return &loginSource{r}, nil
}

func (s *loginSource) Notes() []string { return nil }

// Prepare has a user log in for each arrival, which is the browser's way back.
func (s *loginSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &loginLoad{heldArrivals(ask)}
	return l, s.prepare(ctx, &l.arrivals, ask, "logins", ruleOf("login", kindBrowser, stateApproved),
		func(int, oauth.Authorization) {})
}

type loginLoad struct{ arrivals }

func (l *loginLoad) Check(i int, r *vegeta.Result) bench.Answer {
	return judgeRedirect(&l.arrivals, i, r)
}

func (l *loginLoad) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }

// judgeRedirect wants a redirection to a page for the user or, where the case allows that, the
// page itself, which has a form. Errors are redirections too (RFC 6749 section 4.1.2.1), and so
// is a code that nobody agreed to.
func judgeRedirect(l *arrivals, i int, r *vegeta.Result) bench.Answer {
	shown := l.caseOf(i).allow(answerPage) && r.Code == http.StatusOK
	if shown && bytes.Contains(bytes.ToLower(r.Body), []byte("<form")) {
		return bench.Answer{}
	}
	if r.Code != http.StatusFound && r.Code != http.StatusSeeOther {
		return l.refusal(i, r)
	}
	to, err := url.Parse(r.Headers.Get("Location"))
	if err != nil || to.String() == "" {
		return wrong("redirection without a place to go")
	}
	query := to.Query()
	switch {
	case query.Has("error"):
		return bench.Answer{Outcome: bench.Rejected,
			Case: strings.TrimSpace("redirected with an error " + knownError(query.Get("error")))}
	case strings.HasPrefix(to.String(), Callback):
		return wrong("redirected to the client, though no user agreed")
	}
	return bench.Answer{}
}

func (l *authcodeLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	return l.sample.verify(ctx)
}

var signin = Scenario{
	Name:       "signin",
	Summary:    "users who send their password from the login page of the server and are sent back to the client",
	Source:     "OpenID Connect Core 1.0 section 3.1.2.3",
	Operations: only("signin"),
	Needs:      []oauth.Capability{oauth.GrantAuthorizationCode, oauth.PasswordLogin},
	Parameters: []string{ScopeKey, ClientsKey, SubjectsKey},
	Held:       true,
	Checks: []Check{{"a user with the right password is redirected to the client with a code and the state " +
		"that it sent",
		"whether a wrong password is refused"}},
	Open: openSignin,
}

type signinSource struct{ returning }

func openSignin(ctx context.Context, t Target) (Source, error) {
	r, err := openReturning(ctx, t, "signin")
	return &signinSource{r}, err
}

func (s *signinSource) Notes() []string { return nil }

// Prepare has a user open the login page for each arrival, which is what is sent from it.
func (s *signinSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &signinLoad{heldArrivals(ask), make([]string, ask.Count)}
	return l, s.prepare(ctx, &l.arrivals, ask, "login pages", ruleOf("signin", kindBrowser, stateFresh),
		func(i int, u oauth.Authorization) { l.states[i] = u.State })
}

// signinLoad has the state of each authorization request.
type signinLoad struct {
	arrivals
	states []string
}

// Check wants a redirection to the client with a code and its state. A page instead of it asks for the
// password again.
func (l *signinLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if r.Code == http.StatusOK && bytes.Contains(bytes.ToLower(r.Body), []byte("<form")) {
		return bench.Answer{Outcome: bench.Rejected, Case: "login page again"}
	}
	if r.Code != http.StatusFound && r.Code != http.StatusSeeOther {
		return l.refusal(i, r)
	}
	to, err := url.Parse(r.Headers.Get("Location"))
	switch {
	case err != nil || !strings.HasPrefix(to.String(), Callback):
		return wrong("redirected, and not to the client")
	case to.Query().Has("error"):
		return bench.Answer{Outcome: bench.Rejected,
			Case: strings.TrimSpace("redirected with an error " + knownError(to.Query().Get("error")))}
	case to.Query().Get("code") == "" || to.Query().Get("state") != l.states[i]:
		return wrong("redirected without a code, or with another state")
	}
	return bench.Answer{}
}

func (l *signinLoad) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }
