package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

var jwks = Scenario{
	Name:       "jwks",
	Summary:    "the published keys; every answer parsed",
	Source:     "RFC 7517 section 5",
	Operations: only("jwks"),
	Needs:      []oauth.Capability{oauth.HasJWKS},
	Checks: []Check{{"at least one key, none of them private",
		"whether the keys are those that sign: that JWTs tell"}},
	Open: func(_ context.Context, t Target) (Source, error) {
		at, err := endpoint(t.Server.Endpoints().JWKS, "key")
		return &document{target: t, request: oauth.Get(at), rule: ruleOf("jwks", kindNothing, stateFresh),
			check: checkKeys}, err
	},
}

var discovery = Scenario{
	Name:       "discovery",
	Summary:    "the metadata document; every answer parsed",
	Source:     "RFC 8414 section 3",
	Operations: only("discovery"),
	Needs:      []oauth.Capability{oauth.HasDiscovery},
	Checks: []Check{{"the issuer is the one that was asked, and the token endpoint is the one in use",
		"other members, which are read once when the server is reached"}},
	Open: func(ctx context.Context, t Target) (Source, error) {
		found, err := oauth.DiscoverMetadata(ctx, t.HTTP, t.Server.Endpoints().Issuer)
		return &document{target: t, request: oauth.Get(found.Address),
			rule: ruleOf("discovery", kindNothing, stateFresh), check: checkMetadata}, err
	},
}

// document is a scenario that asks for the same document again and again.
type document struct {
	target  Target
	request oauth.Request
	rule    *rule
	check   func(t Target, body []byte) string // what is wrong with it
}

func (d *document) Notes() []string { return nil }

func (d *document) Prepare(_ context.Context, ask Ask) (generator.Workload, error) {
	draw := func(int) (*oauth.Request, *rule) { return &d.request, d.rule }
	return &documentLoad{arrivals: drawnArrivals(ask, draw), document: d}, nil
}

type documentLoad struct {
	arrivals
	*document
}

func (l *documentLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return l.refusal(i, r)
	}
	if len(r.Body) >= generator.MaxBody {
		l.target.book.Note(l.rule.operation,
			fmt.Sprintf("the answer is longer than the %d MiB that are read under load: "+
				"what it says was not judged", generator.MaxBody>>20))
		return bench.Answer{}
	}
	if what := l.check(l.target, r.Body); what != "" {
		return wrong(what)
	}
	return bench.Answer{}
}

// Verify has nothing to add: each answer said all.
func (l *documentLoad) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }

func checkKeys(t Target, body []byte) string {
	keys, err := oauth.ParseKeys(body)
	t.book.Odd("jwks", keys.Odd)
	var refused *oauth.Refused
	switch {
	case errors.As(err, &refused):
		return refused.Case()
	case err != nil:
		return "not a set of public keys"
	case keys.Private:
		return privateKey
	}
	return ""
}

// privateKey is the case of a key set that gives away what signs.
const privateKey = "key set with a private or symmetric key (RFC 7517 section 9.2)"

func checkMetadata(t Target, body []byte) string {
	m, err := oauth.ParseMetadata(body)
	e := t.Server.Endpoints()
	t.book.Odd("discovery", m.Odd)
	var refused *oauth.Refused
	switch {
	case errors.As(err, &refused):
		return refused.Case()
	case e.Issuer != "" && !oauth.SameIssuer(m.Issuer, e.Issuer):
		return "metadata for another issuer"
	case e.Token != "" && m.Token != e.Token:
		return "metadata with another token endpoint"
	}
	return ""
}

var userinfo = Scenario{
	Name:       "userinfo",
	Summary:    "claims of the users who granted a token; each answer must name the right one",
	Source:     "OpenID Connect Core 1.0 section 5.3",
	Operations: only("userinfo"),
	Needs:      []oauth.Capability{oauth.HasUserinfo, oauth.GrantAuthorizationCode},
	Parameters: []string{DPoPKey, ScopeKey, ClientsKey, SubjectsKey},
	Checks:     []Check{{"sub is the user who granted the token", "other claims; whether a dead token is refused"}},
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
	l := &userinfoLoad{source: s, pick: s.pool.pick(ask.Seed, 0x75)}
	active := ruleOf("userinfo", kindAccessToken, stateActive)
	request := func(g grant, at time.Time) (*oauth.Request, error) {
		return g.client.prove(oauth.Userinfo(s.endpoint, g.AccessToken), at, g.AccessToken)
	}
	if s.pool.grants[0].client.proof != nil {
		l.arrivals = heldArrivals(ask)
		l.goodUntil(s.pool.expires)
		return l, l.encode(ctx, s.pool.users.target, active, func(i int) (*oauth.Request, error) {
			return request(s.pool.grants[l.pick(i)], ask.at(i))
		})
	}
	requests := make([]*oauth.Request, len(s.pool.grants))
	for k, g := range s.pool.grants {
		var err error
		if requests[k], err = request(g, time.Now()); err != nil {
			return nil, err
		}
	}
	l.arrivals = drawnArrivals(ask, func(i int) (*oauth.Request, *rule) { return requests[l.pick(i)], active })
	l.goodUntil(s.pool.expires)
	return l, nil
}

type userinfoLoad struct {
	arrivals
	source *userinfoSource
	pick   func(i int) int // of the pool
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
	case user.Subject != l.source.pool.grants[l.pick(i)].subject:
		return wrong("claims of another user")
	}
	return bench.Answer{}
}

// Verify has nothing to add: each answer said all.
func (l *userinfoLoad) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }
