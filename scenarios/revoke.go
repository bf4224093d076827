package scenarios

import (
	"context"
	"fmt"
	"net/http"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

var revoke = Scenario{
	Name:    "revoke",
	Summary: "access tokens minted before the clock starts; afterwards each is introspected and must be inactive",
	Source:  "RFC 7009",
	Open:    openRevoke,
}

type revokeSource struct {
	target     Target
	client     oauth.Credential
	resource   oauth.Credential
	mint       oauth.Request
	revocation string
	inspection string
}

func openRevoke(ctx context.Context, t Target) (Source, error) {
	e := t.Server.Endpoints()
	endpoint, err := need(e.Token, "token endpoint")
	if err != nil {
		return nil, err
	}
	revocation, err := need(e.Revocation, "revocation endpoint")
	if err != nil {
		return nil, err
	}
	// Without introspection a revocation cannot be verified, and an unverified one
	// must not be called good.
	inspection, err := need(e.Introspection, "introspection endpoint")
	if err != nil {
		return nil, err
	}
	cred, err := t.Server.RegisterClient(ctx, t.confidential("oauthbench revoke"))
	if err != nil {
		return nil, err
	}
	resource, err := t.Server.IntrospectionCredential(ctx)
	if err != nil {
		return nil, err
	}
	return &revokeSource{
		target:     t,
		client:     cred,
		resource:   resource,
		mint:       oauth.ClientCredentials(endpoint, cred, t.Scope),
		revocation: revocation,
		inspection: inspection,
	}, nil
}

func (s *revokeSource) Notes() []string { return nil }

func (s *revokeSource) Prepare(ctx context.Context, ask Ask) (bench.Workload, error) {
	tokens, err := s.target.mint(ctx, s.mint, ask.Count)
	if err != nil {
		return nil, err
	}
	l := &revokeLoad{revokeSource: s, tokens: tokens, requests: make([]oauth.Request, ask.Count), done: make([]bool, ask.Count)}
	for i, t := range tokens {
		l.requests[i] = oauth.Revoke(s.revocation, s.client, t.AccessToken, "access_token")
	}
	return l, nil
}

// revokeLoad revokes one fresh token with each arrival.
type revokeLoad struct {
	*revokeSource
	tokens   []oauth.Token
	requests []oauth.Request
	done     []bool // the server said that this one is revoked
}

func (l *revokeLoad) Operation(int) string            { return "revoke" }
func (l *revokeLoad) Request(i int, t *vegeta.Target) { fill(t, &l.requests[i]) }

// Check accepts status 200 whatever the body: RFC 7009 section 2.2 gives it none.
func (l *revokeLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return refused(r)
	}
	l.done[i] = true
	return bench.Answer{}
}

// Verify introspects every token that the server said it revoked.
func (l *revokeLoad) Verify(ctx context.Context) ([]bench.Finding, error) {
	active := make([]bool, len(l.tokens))
	err := l.target.each(ctx, len(l.tokens), func(ctx context.Context, i int) error {
		if !l.done[i] {
			return nil
		}
		a, err := l.target.introspect(ctx, oauth.Introspect(l.inspection, l.resource, l.tokens[i].AccessToken))
		active[i] = a.Active
		return err
	})
	var findings []bench.Finding
	for i := range active {
		if active[i] {
			findings = append(findings, bench.Finding{
				Arrival: i,
				Answer:  bench.Answer{Outcome: bench.Invalid, Case: "revoked token is still active after the trial"},
			})
		}
	}
	if err != nil {
		err = fmt.Errorf("revoke: %w", err)
	}
	return findings, err
}
