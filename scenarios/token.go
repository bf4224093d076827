package scenarios

import (
	"context"
	"math/rand/v2"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/internal/oauth"
)

var token = Scenario{
	Name:       "token",
	Summary:    "client_credentials grant; every answer parsed, a sample introspected afterwards",
	Source:     "RFC 6749 section 4.4",
	Operations: only("token"),
	Needs:      []oauth.Capability{oauth.GrantClientCredentials},
	Parameters: []string{ClientAuthKey, DPoPKey, ScopeKey, AudienceKey, ClientsKey},
	Checks:     []string{"token_type and scope of every answer", issuedChecks},
	Open:       openToken,
}

const issuedChecks = "a sample of the issued tokens: active with the right client_id, user (of users' tokens), scope, exp, iss, aud and token_type, and JWTs signed by the published keys"

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
	noticed, err := t.notice(ctx, s.inspect, s.endpoint, s.clients[0])
	s.inspect.habit = noticed.habit
	return s, err
}

func (s *tokenSource) Notes() []string { return s.inspect.notes() }

func (s *tokenSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &tokenLoad{arrivals: newArrivals(ask), source: s, sample: newSample(s.inspect, ask.Seed), by: make([]int32, ask.Count)}
	rng := rand.New(rand.NewPCG(ask.Seed, 0x7e))
	for i := range l.by {
		l.by[i] = rng.Int32N(int32(len(s.clients)))
	}
	// One request for each client will do, unless each needs a proof of its own.
	shared := make([]*oauth.Request, len(s.clients))
	for k, c := range s.clients {
		if !c.single() {
			r := oauth.ClientCredentials(s.endpoint, c.Credential, s.target.Scope, s.target.named())
			shared[k] = &r
		}
	}
	return l, l.encode(ctx, s.target, ruleOf("token", kindCredential, stateActive), func(i int) (*oauth.Request, error) {
		if r := shared[l.by[i]]; r != nil {
			return r, nil
		}
		c := s.clients[l.by[i]]
		return c.prove(oauth.ClientCredentials(s.endpoint, c.Credential, s.target.Scope, s.target.named()), ask.at(i), "")
	})
}

type tokenLoad struct {
	arrivals
	source *tokenSource
	sample *sample
	by     []int32 // client of each arrival
}

func (l *tokenLoad) Check(i int, r *vegeta.Result) bench.Answer {
	c, scope := l.source.clients[l.by[i]], l.source.target.Scope
	t, answer := l.judgeTokens(i, r, scope, c.proof != nil)
	if answer.Outcome == bench.OK {
		l.sample.keep(issuedAt(i, r, t, c.ClientID, "", l.source.target.Parameters.Audience))
	}
	return answer
}

func (l *tokenLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	return l.sample.verify(ctx)
}
