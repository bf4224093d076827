package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// users play the users who log in and agree, at clients of their own.
type users struct {
	target     Target
	authorizer Authorizer
	clients    []client
	scope      string // that they grant
	token      string // endpoint
	next       atomic.Int64
}

// grant is what a user has granted.
type grant struct {
	client  client
	subject string
	oauth.Token
}

// users registers clients for the authorization code grant. extra are scopes beside
// the target's.
func (t Target) users(ctx context.Context, scenario string, extra ...string) (*users, error) {
	authorizer, ok := t.Server.(Authorizer)
	if !ok {
		return nil, errNoUser
	}
	u := &users{target: t, authorizer: authorizer, scope: scopeOf(append(strings.Fields(t.Scope), extra...))}
	var err error
	if u.token, err = endpoint(t.Server.Endpoints().Token, "token"); err != nil {
		return nil, err
	}
	u.clients, err = t.clients(ctx, scenario, func(spec *oauth.ClientSpec) {
		spec.GrantTypes = []string{string(oauth.GrantAuthorizationCode), string(oauth.GrantRefreshToken)}
		spec.RedirectURIs = []string{Callback}
		spec.Scope = u.scope
	})
	return u, err
}

// scopeOf joins scopes, each once: a server grants none twice.
func scopeOf(names []string) string {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return strings.Join(once, " ")
}

const (
	openID  = "openid"         // asks for userinfo, OpenID Connect Core 1.0 section 3.1.2.1
	offline = "offline_access" // asks for a refresh token, OpenID Connect Core 1.0 section 11
)

// authorized is a code that waits to be exchanged.
type authorized struct {
	client         client
	subject        string
	code, verifier string
}

// turn gives the next client and user, so that all get their share.
func (u *users) turn() (client, string) {
	n := u.next.Add(1) - 1
	return u.clients[n%int64(len(u.clients))], subjectOf(n % int64(u.target.Parameters.Subjects))
}

func subjectOf(n int64) string { return fmt.Sprintf("user-%d", n) }

// asks is an authorization that nobody exchanges a code of: its verifier is forgotten.
func (u *users) asks(c client, subject string) oauth.Authorization {
	verifier, challenge := oauth.NewVerifier()
	return oauth.Authorization{ClientID: c.ClientID, RedirectURI: Callback, Scope: u.scope, State: verifier[:22],
		Challenge: challenge, Subject: subject}
}

// authorize has one user log in and agree.
func (u *users) authorize(ctx context.Context) (authorized, error) {
	c, subject := u.turn()
	verifier, challenge := oauth.NewVerifier()
	if err := u.target.wait(ctx); err != nil {
		return authorized{}, err
	}
	code, err := u.authorizer.Authorize(ctx, oauth.Authorization{
		ClientID: c.ClientID, RedirectURI: Callback, Scope: u.scope, State: verifier[:22], Challenge: challenge,
		Subject: subject,
	})
	return authorized{c, subject, code, verifier}, err
}

// exchange is the request that turns the code into tokens.
func (u *users) exchange(a authorized, at time.Time) (*oauth.Request, error) {
	return a.client.prove(oauth.Code(u.token, a.client.Credential, a.code, Callback, a.verifier), at, "")
}

// grants has n users log in and agree, and takes their tokens.
func (u *users) grants(ctx context.Context, n int) ([]grant, error) {
	all := make([]grant, n)
	err := u.target.each(ctx, n, func(ctx context.Context, i int) error {
		a, err := u.authorize(ctx)
		if err != nil {
			return err
		}
		r, err := u.exchange(a, time.Now())
		if err != nil {
			return err
		}
		body, err := u.target.ask(ctx, *r)
		if err != nil {
			return err
		}
		all[i] = grant{client: a.client, subject: a.subject}
		all[i].Token, err = oauth.ParseToken(body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("play users: %w", err)
	}
	return all, nil
}

// refreshable are grants with a refresh token each.
func (u *users) refreshable(ctx context.Context, n int) ([]grant, error) {
	all, err := u.grants(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		if g.RefreshToken == "" {
			return nil, fmt.Errorf("play users: the server grants no refresh token for the scope %q", u.scope)
		}
	}
	return all, nil
}

// poolMost bounds how many users' tokens are made for scenarios that use them again.
const poolMost = 200

// pool is users' access tokens, each good for any number of requests.
type pool struct {
	users   *users
	grants  []grant
	expires time.Time // of the first; zero: not told
}

// pool makes a pool of one token for each subject, within bounds.
func (t Target) pool(ctx context.Context, scenario string) (*pool, error) {
	u, err := t.users(ctx, scenario, openID)
	if err != nil {
		return nil, err
	}
	p := &pool{users: u}
	return p, p.renew(ctx)
}

func (p *pool) renew(ctx context.Context) error {
	begin := time.Now()
	var err error
	n := min(max(p.users.target.Parameters.Subjects, p.users.target.Parameters.Clients), poolMost)
	if p.grants, err = p.users.grants(ctx, n); err != nil {
		return err
	}
	p.expires = time.Time{}
	for _, g := range p.grants {
		at := begin.Add(g.Life())
		if g.ExpiresIn > 0 && (p.expires.IsZero() || at.Before(p.expires)) {
			p.expires = at
		}
	}
	return nil
}

// ready makes sure that the tokens live until a trial's last answer.
func (p *pool) ready(ctx context.Context, ask Ask) error {
	const margin = time.Minute
	if p.expires.IsZero() || time.Until(p.expires) > ask.span()+margin {
		return nil
	}
	if err := p.renew(ctx); err != nil {
		return err
	}
	if left := time.Until(p.expires); left < ask.span() {
		return tooShort(left, ask)
	}
	return nil
}

// tooShort is the error of a trial that is longer than its tokens live.
func tooShort(left time.Duration, ask Ask) error {
	return fmt.Errorf("tokens live %v, the trial takes %v and its last answer may take %v more: lengthen the "+
		"server's access token lifetime",
		left.Round(time.Second), ask.Length, ask.Timeout)
}

// pick draws the token of an arrival, by its number.
func (p *pool) pick(seed, salt uint64) func(i int) int {
	return drawOf(len(p.grants), seed, salt)
}

// drawOf draws which of n an arrival gets, by its number: the same seed and salt draw the same.
func drawOf(n int, seed, salt uint64) func(i int) int {
	seed = bench.RandomAt(seed, salt)
	return func(i int) int {
		high, _ := bits.Mul64(bench.RandomAt(seed, uint64(i)), uint64(n))
		return int(high)
	}
}

// endpoint returns the URL of an endpoint, or an error that names the one missing.
func endpoint(url, name string) (string, error) {
	if url == "" {
		return "", fmt.Errorf("the server names no %s endpoint", name)
	}
	return url, nil
}

// client is one registered client.
type client struct {
	oauth.Credential
	proof *oauth.Key // of DPoP; nil without
}

// clients registers as many clients as the parameters ask for.
func (t Target) clients(ctx context.Context, scenario string, adapt func(*oauth.ClientSpec)) ([]client, error) {
	all := make([]client, t.Parameters.Clients)
	// One key for all: what differs between clients is their row, not their key.
	var key *oauth.Key
	var err error
	if t.Parameters.ClientAuth == oauth.AuthPrivateKeyJWT {
		if key, err = oauth.NewKey(t.Parameters.SigningAlg); err != nil {
			return nil, err
		}
	}
	var proof *oauth.Key
	if t.Parameters.DPoP {
		if proof, err = oauth.NewKey(oauth.ES256); err != nil {
			return nil, err
		}
	}
	err = t.each(ctx, len(all), func(ctx context.Context, i int) error {
		spec := t.spec(fmt.Sprintf("oauthbench %s %d", scenario, i))
		if key != nil {
			spec.Keys = key.Set()
		}
		if adapt != nil {
			adapt(&spec)
		}
		cred, err := t.register(ctx, spec)
		if err != nil {
			return err
		}
		cred.Key = key
		all[i] = client{cred, proof}
		return cred.Check()
	})
	return all, err
}

// register registers one client and completes its credential.
func (t Target) register(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	if err := t.wait(ctx); err != nil {
		return oauth.Credential{}, err
	}
	cred, err := t.Server.RegisterClient(ctx, spec)
	if err != nil {
		return oauth.Credential{}, err
	}
	if cred.Audience == "" {
		cred.Audience = strings.Join(t.audience(), " ")
	}
	return cred, nil
}

// audience is what the server calls itself, for assertions.
func (t Target) audience() oauth.Audience {
	e := t.Server.Endpoints()
	return slices.DeleteFunc(oauth.Audience{e.Issuer, e.Token}, func(a string) bool { return a == "" })
}

// spec is a client with the method and the rights that the parameters ask for.
func (t Target) spec(name string) oauth.ClientSpec {
	s := oauth.ClientSpec{Name: name, AuthMethod: t.Parameters.ClientAuth,
		GrantTypes: []string{string(oauth.GrantClientCredentials)}, Scope: t.Scope}
	switch s.AuthMethod {
	case oauth.AuthPrivateKeyJWT:
		s.SigningAlg = t.Parameters.SigningAlg
	case oauth.AuthSecretJWT:
		s.SigningAlg = oauth.HS256
	case oauth.AuthTLS:
		s.SubjectDN = ClientDN
	}
	if a := t.Parameters.Audience; a != "" {
		s.Audience = []string{a}
	}
	return s
}

// ClientDN is the subject of the certificate that clients present with
// tls_client_auth.
const ClientDN = "CN=oauthbench"

// named is the request parameter for the audience that tokens are asked for. RFC 8693
// section 2.1 has it, and servers take it with other grants too.
func (t Target) named() oauth.Param {
	return oauth.Param{Name: "audience", Value: t.Parameters.Audience}
}

// normal is a scope whose names are in order, each once.
func normal(scope string) string {
	names := strings.Fields(scope)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// granted tells whether a scope is the one that was asked for: a set of names, in any
// order (RFC 6749 section 3.3). An answer that leaves it out grants what was asked
// (section 5.1).
func granted(asked, got string) bool {
	return asked == "" || got == "" || asked == got || normal(asked) == normal(got)
}

// errNoUser is the error of servers at which no user can be played.
var errNoUser = errors.New("this server wants a user at a browser, and none can be played")

// single tells whether every request of the client needs a proof of its own.
func (c client) single() bool { return c.proof != nil || c.Single() }

// prove adds a DPoP proof when the client makes them.
func (c client) prove(r oauth.Request, at time.Time, accessToken string) (*oauth.Request, error) {
	if c.proof == nil {
		return &r, nil
	}
	r, err := r.WithProof(c.proof, at, accessToken)
	return &r, err
}
