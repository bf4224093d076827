package scenarios

import (
	"context"
	"math/rand/v2"
	"net/http"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/internal/oauth"
)

var userinfo = Scenario{
	Name:       "userinfo",
	Summary:    "claims of the users who granted a token; each answer must name the right one",
	Source:     "OpenID Connect Core 1.0 section 5.3",
	Operations: only("userinfo"),
	Needs:      []oauth.Capability{oauth.HasUserinfo, oauth.GrantAuthorizationCode},
	Parameters: []string{DPoPKey, ScopeKey, ClientsKey, SubjectsKey},
	Checks:     []string{"sub is the user who granted the token"},
	Open:       openUserinfo,
}

type userinfoSource struct {
	endpoint string
	pool     *pool
}

func openUserinfo(ctx context.Context, t Target) (Source, error) {
	s := &userinfoSource{}
	var err error
	if s.endpoint, err = endpoint(t.Server.Endpoints().Userinfo, "userinfo"); err != nil {
		return nil, err
	}
	// How the clients prove themselves is not measured here.
	t.Parameters.ClientAuth = oauth.AuthBasic
	s.pool, err = t.pool(ctx, "userinfo")
	return s, err
}

func (s *userinfoSource) Notes() []string { return nil }

func (s *userinfoSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	if err := s.pool.ready(ctx, ask); err != nil {
		return nil, err
	}
	l := &userinfoLoad{arrivals: newArrivals(ask), source: s, picks: s.pool.picks(rand.New(rand.NewPCG(ask.Seed, 0x75)), ask.Count)}
	l.goodUntil(s.pool.expires)
	return l, l.encode(ctx, s.pool.users.target, ruleOf("userinfo", kindAccessToken, stateActive), func(i int) (*oauth.Request, error) {
		g := s.pool.grants[l.picks[i]]
		return g.client.prove(oauth.Userinfo(s.endpoint, g.AccessToken), ask.at(i), g.AccessToken)
	})
}

type userinfoLoad struct {
	arrivals
	source *userinfoSource
	picks  []int32
}

func (l *userinfoLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return l.refusal(i, r)
	}
	user, err := oauth.ParseUserinfo(r.Body)
	l.book.Odd("userinfo", user.Odd)
	switch {
	case err != nil:
		return l.unreadable(i, r, err)
	case user.Subject != l.source.pool.grants[l.picks[i]].subject:
		return wrong("claims of another user")
	}
	return bench.Answer{}
}

// Verify has nothing to add: each answer said all.
func (l *userinfoLoad) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }
