package scenarios

import (
	"context"
	"net/http"
	"slices"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Facts of client authentication, tested the other way: with what proves nothing.
const (
	FactRefusalsAsked = "authentication_asked"   // requests that must be refused
	FactRefusals      = "authentication_refused" // those that were
)

// authentication asks what must be refused: with a wrong secret, with none, and for
// another client's token, at each endpoint that clients prove themselves at. It asks off
// the clock, after each trial; at a server that registers no clients for us only once in
// a run, for there may be rules that lock accounts out. What cannot be asked, such as a
// wrong secret of a client that has none, is not asked.
type authentication struct {
	target Target
	grants map[oauth.Capability]bool // grants that are part of the run

	opened bool
	asked  bool     // something was asked in this run
	locked bool     // the client is refused since then
	own    []client // two of our own, or the same twice where there is only one
	made   bool     // own were made for us, so that nobody else can be locked out
	users  *users   // with two clients; nil when no refresh tokens are part of the run
	bearer *client  // with a key for the JWT bearer grant; nil when that is no part of the run
}

// newAuthentication is nil where nothing is to be asked.
func newAuthentication(t Target, chosen []Scenario) *authentication {
	if t.Parameters.TrustAuthentication {
		return nil
	}
	t.Parameters.DPoP, t.Parameters.Clients, t.away = false, 2, nil
	a := &authentication{target: t, grants: map[oauth.Capability]bool{}}
	for _, s := range chosen {
		for _, c := range s.Needs {
			a.grants[c] = true
		}
	}
	return a
}

// open registers the clients that are asked for, once.
func (a *authentication) open(ctx context.Context) error {
	if a.opened {
		return nil
	}
	var err error
	t := a.target
	if t.Parameters.ClientAuth == oauth.AuthNone {
		t.Parameters.ClientAuth = oauth.AuthBasic // of tokens that are not the load's
	}
	if t.can(oauth.GrantClientCredentials) {
		if a.own, err = t.clients(ctx, "authentication", nil); err != nil {
			return err
		}
		a.made = a.own[0].ClientID != a.own[1].ClientID
	}
	if a.grants[oauth.GrantRefreshToken] {
		if a.users, err = a.target.users(ctx, "authentication refresh", offline); err != nil {
			return err
		}
	}
	if a.grants[oauth.GrantJWTBearer] {
		if a.bearer, err = a.target.bearer(ctx); err != nil {
			return err
		}
	}
	a.opened = true
	return nil
}

// refusal is one question that must be refused.
type refusal struct {
	operation string // that an acceptance is counted under
	accepted  string // the case of an acceptance
	request   oauth.Request
	// gives tells whether the answer gives what it must not.
	gives  func(ctx context.Context, status int, body []byte) bool
	within []string // wider flaws: who has one of them has this one too
}

// probe asks everything once. What was accepted is a flaw, and what was asked is counted. A
// question without an answer, or with an error of the server's own, is asked and not
// refused, and no reason to call the server wrong.
func (a *authentication) probe(ctx context.Context) (seen bench.Observation) {
	if a == nil {
		seen.Facts = map[string]int64{FactRefusalsAsked: 0, FactRefusals: 0} // not checked
		return seen
	}
	if a.asked && (!a.made || a.target.guest()) {
		return seen
	}
	if err := a.open(ctx); err != nil {
		seen.Note("client authentication was not checked: no client could be made for it", 1)
		return seen
	}
	a.asked = true
	var asked, refused int64
	groups := []func(context.Context) []refusal{a.ofRefresh, a.ofAssertions}
	// Where the right secret gets no token, the refusal of a wrong one proves nothing.
	if a.live(ctx) != "" {
		groups = append([]func(context.Context) []refusal{a.ofTokens, a.ofIntrospection, a.ofRevocation}, groups...)
	}
	for _, questions := range groups {
		for _, q := range questions(ctx) {
			if a.locked {
				break
			}
			asked++
			if a.refuses(ctx, q, &seen) {
				refused++
			}
			a.look(ctx, q)
		}
	}
	if a.locked {
		seen.Note(lockedOut, 1)
	}
	seen.Facts = map[string]int64{FactRefusalsAsked: asked, FactRefusals: refused}
	return seen
}

// refuses asks one question, and keeps what its answer tells.
func (a *authentication) refuses(ctx context.Context, q refusal, seen *bench.Observation) bool {
	got, err := a.target.send(ctx, q.request)
	switch {
	case err != nil || got.status >= 500 || got.status == http.StatusTooManyRequests:
		seen.Note("client authentication: questions that got no answer, or an error of the server", 1)
		return false
	case slices.ContainsFunc(seen.Flaws, func(f bench.Flaw) bool { return slices.Contains(q.within, f.What) }):
		return false
	case q.gives(ctx, got.status, got.body):
		flaw := bench.Flaw{Check: checkAuthentication, Operation: q.operation, What: q.accepted}
		seen.Flaws = append(seen.Flaws, flaw)
		return false
	case got.status/100 == 2 && q.accepted != caseWrongClient:
		seen.Note(q.operation+": credentials that prove nothing are answered with status 200, and nothing is given", 1)
	}
	return true
}

// lockedOut says that a server's rules against guessing have struck.
const lockedOut = "client authentication: the client is refused since it showed wrong secrets: this server locks " +
	"clients out, and --probe-authentication=false asks nothing of the kind"

// look shows the right secret after a wrong one at a server that is not ours: many rules count
// failures in a row, and where it is refused now, the client is locked out. It does not between
// questions about one token, which a new one may end.
func (a *authentication) look(ctx context.Context, q refusal) {
	if !a.made && q.operation == "token" {
		_, err := a.mintOne(ctx)
		a.locked = isRefusal(err)
	}
}

// hasLocked tells whether the questions had the client locked out. A nil authentication asked none.
func (a *authentication) hasLocked() bool { return a != nil && a.locked }

// pretence is a credential that proves nothing.
type pretence struct {
	what       string
	credential oauth.Credential
	within     []string // wider pretences: who takes one of them takes this one too
}

// Pretences that others are within.
const (
	anySecret = "a wrong secret"
	noneShown = "no credentials"
)

// pretences are those that can be made of a credential.
func pretences(c oauth.Credential) []pretence {
	var all []pretence
	if wrong, ok := c.Wrong(); ok {
		all = append(all, pretence{what: anySecret, credential: wrong})
	}
	if c.Method != "" && c.Method != oauth.AuthNone && c.Method != oauth.AuthTLS {
		none := oauth.Credential{Method: oauth.AuthNone, ClientID: c.ClientID}
		if c.Method == oauth.AuthBearer {
			none = oauth.Credential{}
		}
		all = append(all, pretence{what: noneShown, credential: none})
	}
	return all
}

// otherwise is a wrong secret by the other method; none of a credential that has no other.
func otherwise(c oauth.Credential) []pretence {
	other, ok := c.WrongOtherwise()
	if !ok {
		return nil
	}
	return []pretence{{what: "a wrong secret by " + other.Method, credential: other,
		within: []string{anySecret, noneShown}}}
}

// pretences are those of an endpoint where nobody shows the right secret in between: a client that is not ours
// alone would be locked out there by one question more.
func (a *authentication) pretences(c oauth.Credential) []pretence {
	if !a.made {
		return pretences(c)
	}
	return append(pretences(c), otherwise(c)...)
}

// accepts names the acceptances of one endpoint.
type accepts struct{ who, rule string }

func (a accepts) of(what string) string { return a.who + " accepts " + what + " (" + a.rule + ")" }

// within are the acceptances that one of a pretence is within.
func (a accepts) within(p pretence) []string {
	var all []string
	for _, wider := range p.within {
		all = append(all, a.of(wider))
	}
	return all
}

// ofTokens are questions to the token endpoint for a token of a client's own.
func (a *authentication) ofTokens(context.Context) []refusal {
	if a.target.Parameters.ClientAuth == oauth.AuthNone {
		return nil
	}
	var all []refusal
	pretended := append(pretences(a.own[0].Credential), otherwise(a.own[0].Credential)...)
	for _, near := range a.own[0].Credential.NearMisses() { // at one endpoint, for the sake of rules that lock out
		p := pretence{what: near.How, credential: near.Credential, within: []string{anySecret}}
		if near.Secret == "" {
			p.within = append(p.within, noneShown)
		}
		pretended = append(pretended, p)
	}
	if nobody, ok := a.own[0].Credential.Wrong(); ok {
		nobody.ClientID += "-nobody" // A wrong secret too: it may be another's name, who is not to be let in either.
		pretended = append(pretended, pretence{what: "a client that does not exist", credential: nobody,
			within: []string{anySecret}})
	}
	at := accepts{"token endpoint", "RFC 6749 section 3.2.1"}
	for _, p := range pretended {
		all = append(all, refusal{"token", at.of(p.what),
			oauth.ClientCredentials(a.target.Server.Endpoints().Token, p.credential, a.target.Scope, a.target.named()),
			givesTokens, at.within(p)})
	}
	return all
}

func givesTokens(_ context.Context, status int, body []byte) bool {
	t, err := oauth.ParseToken(body)
	return status/100 == 2 && (err == nil || t.AccessToken != "")
}

// live mints a token of our own client; "" when that fails.
func (a *authentication) live(ctx context.Context) string {
	if len(a.own) == 0 {
		return ""
	}
	token, err := a.mintOne(ctx)
	if err != nil {
		return ""
	}
	return token
}

// mintOne mints a token of our own client with the right secret.
func (a *authentication) mintOne(ctx context.Context) (string, error) {
	endpoint := a.target.Server.Endpoints().Token
	minted, err := a.target.mint(ctx, 1, func(int) (oauth.Request, error) {
		return oauth.ClientCredentials(endpoint, a.own[0].Credential, a.target.Scope, a.target.named()), nil
	})
	if err != nil {
		return "", err
	}
	return minted[0].AccessToken, nil
}

// ofIntrospection are questions about a live token by nobody in particular. Which
// clients may ask about another's token is up to the server (RFC 7662 section 2.2).
func (a *authentication) ofIntrospection(ctx context.Context) []refusal {
	token := a.live(ctx)
	endpoint := a.target.Server.Endpoints().Introspection
	resource, err := a.target.Server.IntrospectionCredential(ctx)
	if token == "" || endpoint == "" || err != nil || resource.Method == "" {
		return nil
	}
	var all []refusal
	at := accepts{"introspection endpoint", "RFC 7662 section 2.1"}
	for _, p := range a.pretences(resource) {
		all = append(all, refusal{"introspect", at.of(p.what),
			oauth.Introspect(endpoint, p.credential, token),
			func(_ context.Context, status int, body []byte) bool {
				answer, err := oauth.ParseIntrospection(body)
				return status == http.StatusOK && err == nil && answer.Active
			}, at.within(p)})
	}
	return all
}

// ofRevocation are revocations of live tokens by who may not revoke them. What is said
// matters less than whether the token dies.
func (a *authentication) ofRevocation(ctx context.Context) []refusal {
	endpoint := a.target.Server.Endpoints().Revocation
	if endpoint == "" || a.target.Parameters.ClientAuth == oauth.AuthNone {
		return nil
	}
	var all []refusal
	ask := func(by oauth.Credential, accepted string, within []string) {
		token := a.live(ctx)
		seen := token != "" && a.active(ctx, token)
		if token == "" || !seen && by.ClientID != a.own[0].ClientID {
			return // of a token that was never seen alive nobody can tell whether another client ended it
		}
		all = append(all, refusal{"revoke", accepted, oauth.Revoke(endpoint, by, token, "access_token"),
			func(ctx context.Context, status int, _ []byte) bool {
				return status/100 == 2 && (!seen || a.dead(ctx, token))
			}, within})
	}
	at := accepts{"revocation endpoint", "RFC 7009 section 2.1"}
	for _, p := range a.pretences(a.own[0].Credential) {
		ask(p.credential, at.of(p.what), at.within(p))
	}
	if a.made {
		ask(a.own[1].Credential, caseWrongClient, nil)
	}
	return all
}

// active tells whether introspection calls a token active.
func (a *authentication) active(ctx context.Context, token string) bool {
	endpoint := a.target.Server.Endpoints().Introspection
	resource, err := a.target.Server.IntrospectionCredential(ctx)
	if endpoint == "" || err != nil {
		return false
	}
	answer, err := a.target.introspect(ctx, oauth.Introspect(endpoint, resource, token))
	return err == nil && answer.Active
}

// dead tells whether a token is inactive, each time of three.
func (a *authentication) dead(ctx context.Context, token string) bool {
	for range 3 {
		if a.active(ctx, token) {
			return false
		}
	}
	return true
}

// ofRefresh are refreshes of a user's grant by who it was not given to.
func (a *authentication) ofRefresh(ctx context.Context) []refusal {
	if a.users == nil {
		return nil
	}
	grants, err := a.users.refreshable(ctx, 1)
	if err != nil {
		return nil
	}
	g := grants[0]
	asked := a.pretences(g.client.Credential)
	for _, other := range a.users.clients {
		if other.ClientID != g.client.ClientID {
			asked = append(asked, pretence{what: "another client's refresh token", credential: other.Credential})
		}
	}
	var all []refusal
	at := accepts{"refresh", "RFC 6749 section 6"}
	for _, p := range asked {
		all = append(all, refusal{"refresh", at.of(p.what),
			oauth.Refresh(a.users.token, p.credential, g.RefreshToken), givesTokens, at.within(p)})
	}
	return all
}

// ofAssertions is a grant by an assertion that another key signed.
func (a *authentication) ofAssertions(context.Context) []refusal {
	if a.bearer == nil {
		return nil
	}
	other, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		return nil
	}
	signed, err := other.Grant(a.bearer.ClientID, subjectOf(0), a.target.audience())
	if err != nil {
		return nil
	}
	r := oauth.JWTBearer(a.target.Server.Endpoints().Token, a.bearer.Credential, signed, a.target.Scope)
	accepted := "token endpoint accepts an assertion that another key signed (RFC 7523 section 3)"
	return []refusal{{"jwt-bearer", accepted, r, givesTokens, nil}}
}

// bearer registers a client with a key for the JWT bearer grant, which is then forgotten.
func (t Target) bearer(ctx context.Context) (*client, error) {
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		return nil, err
	}
	t.Parameters.Clients = 1
	made, err := t.clients(ctx, "authentication assertion", func(spec *oauth.ClientSpec) {
		spec.GrantTypes = []string{string(oauth.GrantJWTBearer)}
		if spec.Keys == nil {
			spec.Keys = key.Set()
		}
	})
	if err != nil {
		return nil, err
	}
	return &made[0], nil
}
