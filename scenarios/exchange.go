package scenarios

import (
	"context"
	"math/rand/v2"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/internal/oauth"
)

var exchange = Scenario{
	Name:       "exchange",
	Summary:    "token exchange: a user's access token for another one",
	Source:     "RFC 8693",
	Operations: only("exchange"),
	Needs:      []oauth.Capability{oauth.GrantTokenExchange, oauth.GrantAuthorizationCode},
	Parameters: []string{ClientAuthKey, ScopeKey, AudienceKey, ClientsKey, SubjectsKey},
	Checks:     []string{"token_type, issued_token_type and scope of every answer", issuedChecks},
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
	l := &exchangeLoad{arrivals: newArrivals(ask), source: s, sample: newSample(s.inspect, ask.Seed),
		picks: s.pool.picks(rand.New(rand.NewPCG(ask.Seed, 0x93)), ask.Count)}
	target := s.inspect.target
	l.goodUntil(s.pool.expires)
	return l, l.encode(ctx, target, ruleOf("exchange", kindAccessToken, stateActive), func(i int) (*oauth.Request, error) {
		r := oauth.Exchange(s.token, s.clients[i%len(s.clients)].Credential, s.pool.grants[l.picks[i]].AccessToken, target.Scope, target.named())
		return &r, nil
	})
}

type exchangeLoad struct {
	arrivals
	source *exchangeSource
	picks  []int32 // of the pool, by arrival
	sample *sample
}

func (l *exchangeLoad) Check(i int, r *vegeta.Result) bench.Answer {
	scope := l.source.inspect.target.Scope
	t, answer := l.judgeTokens(i, r, scope, false)
	if answer.Outcome == bench.OK {
		if t.IssuedType != oauth.AccessTokenType {
			return wrong("issued_token_type is not the one that was asked for")
		}
		subject := l.source.pool.grants[l.picks[i]].subject
		l.sample.keep(issuedAt(i, r, t, l.source.clients[i%len(l.source.clients)].ClientID, subject, l.source.inspect.target.Parameters.Audience))
	}
	return answer
}

func (l *exchangeLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	return l.sample.verify(ctx)
}
