package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/ahead"
	"github.com/oauthbench/oauthbench/scenarios/stock"
)

var token = Scenario{
	Name:       "token",
	Summary:    "client_credentials grant; every answer parsed, a sample introspected afterwards",
	Source:     "RFC 6749 section 4.4",
	Operations: only("token"),
	Needs:      []oauth.Capability{oauth.GrantClientCredentials},
	Parameters: []string{ClientAuthKey, DPoPKey, ScopeKey, AudienceKey, ClientsKey},
	Ahead:      true,
	Checks:     []Check{{"token_type and scope of every answer", blindToTokens}, issuedCheck},
	Open:       openToken,
}

// blindToTokens is what a look at an answer cannot tell of the token in it.
const blindToTokens = "whether the token is good for anything: that the sample tells"

var issuedCheck = Check{
	"a sample of the issued tokens: active with the right client_id, user (of users' tokens), " +
		"scope, exp, iss, aud and token_type; all JWTs: signed by the published keys, with the same claims",
	"opaque tokens beyond the 20 of a trial: one in a hundred that is dead is missed by four trials in five; JWTs " +
		"beyond 50,000 of a trial; signatures without a key set; what a claim grants at a resource server",
}

type tokenSource struct {
	target   Target
	endpoint string
	clients  []client
	inspect  *inspector
}

func openToken(ctx context.Context, t Target) (Source, error) {
	s := &tokenSource{target: t}
	var err error
	if s.endpoint, err = endpoint(t.Server.Endpoints().Token, "token"); err != nil {
		return nil, err
	}
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	if s.clients, err = t.clients(ctx, "token", nil); err != nil || s.clients[0].single() {
		return s, err
	}
	// A server that refuses now and then is for the load to find, so that a refusal here ends nothing.
	noticed, err := t.notice(ctx, s.inspect, s.endpoint, s.clients[0])
	if noticed.jwt && s.inspect.unread != nil {
		return nil, s.inspect.unread
	}
	if err == nil {
		s.inspect.habit = noticed.habit
	}
	return s, context.Cause(ctx)
}

func (s *tokenSource) Notes() []string { return s.inspect.notes() }

func (s *tokenSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &tokenLoad{source: s, sample: newSample(s.inspect, ask.Seed), by: drawOf(len(s.clients), ask.Seed, 0x7e),
		loop: ask.due == nil}
	l.sample.ofClients = true
	if ask.stocks {
		l.granted = make([]stock.Token, min(ask.Count, mostStocked))
		l.stocked = ask.Count - len(l.granted)
		for k := range l.granted {
			l.granted[k].Owner = s.clients[l.by(l.stocked+k)].Credential
		}
	}
	active := ruleOf("token", kindCredential, stateActive)
	request := func(c client, at time.Time) (*oauth.Request, error) {
		return c.prove(oauth.ClientCredentials(s.endpoint, c.Credential, s.target.Scope, s.target.named()), at, "")
	}
	if s.clients[0].single() {
		l.ahead = ahead.New(ask.Count, ask.within(mostAhead), func(i int) (*oauth.Request, error) {
			at := time.Now()
			if ask.due != nil {
				at = at.Add(ask.due(i))
				if sent := l.ahead.Taken(); sent > 0 {
					at = at.Add(-ask.due(sent - 1))
				}
			}
			return request(s.clients[l.by(i)], at)
		})
		l.arrivals = drawnArrivals(ask, func(i int) (*oauth.Request, *rule) { return l.ahead.Peek(i), active })
		return l, s.target.each(ctx, l.ahead.Held(), func(_ context.Context, i int) error { return l.ahead.Fill(i) })
	}
	// One request for each client will do, for none needs a proof of its own.
	shared := make([]*oauth.Request, len(s.clients))
	for k, c := range s.clients {
		var err error
		if shared[k], err = request(c, time.Now()); err != nil {
			return nil, err
		}
	}
	l.arrivals = drawnArrivals(ask, func(i int) (*oauth.Request, *rule) { return shared[l.by(i)], active })
	return l, nil
}

// mostAhead is how long before it is sent a request is signed at most: well within the lifetime of an
// assertion.
const mostAhead = oauth.AssertionLifetime / 2

// mostStocked is how many of a load's tokens, the last ones, are kept for the next to revoke.
const mostStocked = 200_000

type tokenLoad struct {
	arrivals
	source *tokenSource
	sample *sample
	by     func(i int) int // the client of an arrival
	ahead  *ahead.Requests // nil where a client's requests are all alike

	granted []stock.Token // of the arrivals from stocked on, for later loads to revoke
	stocked int
	loop    bool // The load is a closed loop, which the other version may not have been sent alike.
}

// Request sends what the client has for everybody, or the request that was signed for this arrival.
func (l *tokenLoad) Request(i int, t *vegeta.Target) {
	if l.ahead == nil {
		l.arrivals.Request(i, t)
		return
	}
	fill(t, l.ahead.Take(i))
}

// Make makes a workload a generator.Maker.
func (l *tokenLoad) Make() bool { return l.ahead != nil && l.ahead.Make() }

func (l *tokenLoad) Check(i int, r *vegeta.Result) bench.Answer {
	c, scope := l.source.clients[l.by(i)], l.source.target.Scope
	t, answer := l.judgeTokens(i, r, scope, c.proof != nil)
	if answer.Outcome == bench.OK {
		l.sample.keep(issuedAt(i, r, t, c.ClientID, "", l.source.target.Parameters.Audience))
		if k := i - l.stocked; k >= 0 && k < len(l.granted) {
			l.granted[k].Value, l.granted[k].Asked, l.granted[k].Ends = t.AccessToken, r.Timestamp,
				ownEnd(r.Timestamp, t)
		}
	}
	return answer
}

// Verify looks at the tokens that were issued, and leaves them to the revocations of later
// loads. Tokens that need a proof are not for those, nor are those that were wrong.
func (l *tokenLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	findings, err := l.sample.verify(ctx)
	if l.ahead != nil {
		if n := l.ahead.Late(); n > 0 {
			l.book.Once("token", "requests were signed on the clock",
				fmt.Sprintf("%d requests were signed as they were due, for the generator had no idle time: "+
					"the time that "+
					"takes is in their response times", n))
		}
		err = errors.Join(err, l.ahead.Err())
	}
	for _, f := range findings {
		if k := f.Arrival - l.stocked; k >= 0 && k < len(l.granted) {
			l.granted[k].Value = ""
		}
	}
	if !l.source.target.Parameters.DPoP {
		l.leave()
	}
	return findings, err
}

// leave hands the tokens over.
func (l *tokenLoad) leave() {
	if l.loop {
		l.source.target.handover.PutOnce(l.granted)
		return
	}
	l.source.target.handover.Put(l.granted)
}

var jwtBearer = Scenario{
	Name:       "jwt-bearer",
	Summary:    "JWT bearer grant; assertions signed before the clock, each good for one token",
	Source:     "RFC 7523 section 2.1",
	Operations: only("jwt-bearer"),
	Held:       true,
	Needs:      []oauth.Capability{oauth.GrantJWTBearer},
	Parameters: []string{ClientAuthKey, ScopeKey, ClientsKey, SubjectsKey},
	Checks:     []Check{{"token_type and scope of every answer", blindToTokens}, issuedCheck},
	Open:       openJWTBearer,
}

type jwtBearerSource struct {
	target  Target
	token   string // endpoint
	key     *oauth.Key
	clients []client
	inspect *inspector
}

// openJWTBearer registers clients whose own key signs: the issuer of an assertion is
// the client_id.
func openJWTBearer(ctx context.Context, t Target) (Source, error) {
	t.Parameters.DPoP = false
	s := &jwtBearerSource{target: t}
	var err error
	if s.token, err = endpoint(t.Server.Endpoints().Token, "token"); err != nil {
		return nil, err
	}
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	// Signing with ES256 costs a hundredth of RS256, and there is one for each arrival.
	if s.key, err = oauth.NewKey(oauth.ES256); err != nil {
		return nil, err
	}
	s.clients, err = t.clients(ctx, "jwt-bearer", func(spec *oauth.ClientSpec) {
		spec.GrantTypes = []string{string(oauth.GrantJWTBearer)}
		if spec.Keys == nil {
			spec.Keys = s.key.Set()
		}
	})
	for i := range s.clients {
		if s.clients[i].Key != nil {
			s.key = s.clients[i].Key // private_key_jwt: the same key for both
		}
	}
	return s, err
}

func (s *jwtBearerSource) Notes() []string { return s.inspect.notes() }

func (s *jwtBearerSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &jwtBearerLoad{arrivals: heldArrivals(ask), source: s, sample: newSample(s.inspect, ask.Seed)}
	if err := l.goodFor("assertions", oauth.AssertionLifetime, ask.span()); err != nil {
		return nil, err
	}
	return l, l.encode(ctx, s.target, ruleOf("jwt-bearer", kindAssertion, stateFresh),
		func(i int) (*oauth.Request, error) {
			c := s.clients[i%len(s.clients)]
			signed, err := s.key.Grant(c.ClientID, s.subject(i), s.target.audience())
			if err != nil {
				return nil, err
			}
			r := oauth.JWTBearer(s.token, c.Credential, signed, s.target.Scope)
			return &r, nil
		})
}

// subject is the user of an arrival's assertion.
func (s *jwtBearerSource) subject(i int) string {
	return subjectOf(int64(i) % int64(s.target.Parameters.Subjects))
}

type jwtBearerLoad struct {
	arrivals
	source *jwtBearerSource
	sample *sample
}

func (l *jwtBearerLoad) Check(i int, r *vegeta.Result) bench.Answer {
	scope := l.source.target.Scope
	t, answer := l.judgeTokens(i, r, scope, false)
	if answer.Outcome == bench.OK {
		l.sample.keep(issuedAt(i, r, t, l.source.clients[i%len(l.source.clients)].ClientID, l.source.subject(i), ""))
	}
	return answer
}

func (l *jwtBearerLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	return l.sample.verify(ctx)
}

var exchange = Scenario{
	Name:       "exchange",
	Summary:    "token exchange: a user's access token for another one",
	Source:     "RFC 8693",
	Operations: only("exchange"),
	Held:       true,
	Needs:      []oauth.Capability{oauth.GrantTokenExchange, oauth.GrantAuthorizationCode},
	Parameters: []string{ClientAuthKey, ScopeKey, AudienceKey, ClientsKey, SubjectsKey},
	Checks:     []Check{{"token_type, issued_token_type and scope of every answer", blindToTokens}, issuedCheck},
	Open:       openExchange,
}

type exchangeSource struct {
	pool    *pool
	token   string // endpoint
	clients []client
	inspect *inspector
}

func openExchange(ctx context.Context, t Target) (Source, error) {
	t.Parameters.DPoP = false
	s := &exchangeSource{}
	var err error
	if s.token, err = endpoint(t.Server.Endpoints().Token, "token"); err != nil {
		return nil, err
	}
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	if s.clients, err = t.clients(ctx, "exchange", func(spec *oauth.ClientSpec) {
		spec.GrantTypes = []string{string(oauth.GrantTokenExchange)}
	}); err != nil {
		return nil, err
	}
	s.pool, err = t.pool(ctx, "exchange subject")
	return s, err
}

func (s *exchangeSource) Notes() []string { return s.inspect.notes() }

func (s *exchangeSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	if err := s.pool.ready(ctx, ask); err != nil {
		return nil, err
	}
	l := &exchangeLoad{arrivals: heldArrivals(ask), source: s, sample: newSample(s.inspect, ask.Seed),
		pick: s.pool.pick(ask.Seed, 0x93)}
	target := s.inspect.target
	l.goodUntil(s.pool.expires)
	return l, l.encode(ctx, target, ruleOf("exchange", kindAccessToken, stateActive),
		func(i int) (*oauth.Request, error) {
			r := oauth.Exchange(s.token, s.clients[i%len(s.clients)].Credential, s.pool.grants[l.pick(i)].AccessToken,
				target.Scope, target.named())
			return &r, nil
		})
}

type exchangeLoad struct {
	arrivals
	source *exchangeSource
	pick   func(i int) int // of the pool, by arrival
	sample *sample
}

func (l *exchangeLoad) Check(i int, r *vegeta.Result) bench.Answer {
	scope := l.source.inspect.target.Scope
	t, answer := l.judgeTokens(i, r, scope, false)
	if answer.Outcome == bench.OK {
		if t.IssuedType != oauth.AccessTokenType {
			return wrong("issued_token_type is not the one that was asked for")
		}
		subject := l.source.pool.grants[l.pick(i)].subject
		l.sample.keep(issuedAt(i, r, t, l.source.clients[i%len(l.source.clients)].ClientID, subject,
			l.source.inspect.target.Parameters.Audience))
	}
	return answer
}

func (l *exchangeLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	return l.sample.verify(ctx)
}
