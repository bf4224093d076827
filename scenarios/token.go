package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

var token = Scenario{
	Name:    "token",
	Summary: "client_credentials grant; every answer parsed, a sample introspected afterwards",
	Source:  "RFC 6749 section 4.4",
	Open:    openToken,
}

// tokenSample is how many of a trial's tokens are introspected when it is over.
const tokenSample = 20

type tokenSource struct {
	target     Target
	request    oauth.Request
	introspect func(token string) oauth.Request // nil without such an endpoint
}

func openToken(ctx context.Context, t Target) (Source, error) {
	e := t.Server.Endpoints()
	endpoint, err := need(e.Token, "token endpoint")
	if err != nil {
		return nil, err
	}
	cred, err := t.Server.RegisterClient(ctx, t.confidential("oauthbench token"))
	if err != nil {
		return nil, err
	}
	s := &tokenSource{target: t, request: oauth.ClientCredentials(endpoint, cred, t.Scope)}
	if e.Introspection != "" {
		resource, err := t.Server.IntrospectionCredential(ctx)
		if err != nil {
			return nil, err
		}
		s.introspect = func(token string) oauth.Request { return oauth.Introspect(e.Introspection, resource, token) }
	}
	return s, nil
}

// granted tells whether a token's scope is the one that was asked for, in any order.
// An answer that leaves it out grants what was asked (RFC 6749 section 5.1).
func (t Target) granted(scope string) bool {
	if t.Scope == "" || scope == "" || scope == t.Scope {
		return true
	}
	asked, got := strings.Fields(t.Scope), strings.Fields(scope)
	slices.Sort(asked)
	slices.Sort(got)
	return slices.Equal(asked, got)
}

// confidential is a client that authenticates with a secret and uses the
// client_credentials grant.
func (t Target) confidential(name string) oauth.ClientSpec {
	return oauth.ClientSpec{Name: name, AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}, Scope: t.Scope}
}

func (s *tokenSource) Notes() []string {
	if s.introspect == nil {
		return []string{"no introspection endpoint: issued tokens are not looked at again"}
	}
	return nil
}

func (s *tokenSource) Prepare(_ context.Context, ask Ask) (bench.Workload, error) {
	return &tokenLoad{tokenSource: s, rng: rand.New(rand.NewPCG(ask.Seed, 0x70))}, nil
}

// tokenLoad sends the same request every time.
type tokenLoad struct {
	*tokenSource
	rng    *rand.Rand
	seen   int
	sample []issued
}

type issued struct {
	arrival int
	token   string
}

func (l *tokenLoad) Operation(int) string            { return "token" }
func (l *tokenLoad) Request(_ int, t *vegeta.Target) { fill(t, &l.request) }

func (l *tokenLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return refused(r)
	}
	t, err := oauth.ParseToken(r.Body)
	switch {
	case err != nil:
		return bench.Answer{Outcome: bench.Invalid, Case: "not a token response"}
	case !strings.EqualFold(t.TokenType, "bearer"):
		return bench.Answer{Outcome: bench.Invalid, Case: "token_type is not Bearer"}
	case !l.target.granted(t.Scope):
		return bench.Answer{Outcome: bench.Invalid, Case: "token with another scope"}
	}
	l.keep(issued{i, t.AccessToken})
	return bench.Answer{}
}

// keep is reservoir sampling (Vitter 1985, algorithm R).
func (l *tokenLoad) keep(t issued) {
	l.seen++
	if len(l.sample) < tokenSample {
		l.sample = append(l.sample, t)
	} else if k := l.rng.IntN(l.seen); k < tokenSample {
		l.sample[k] = t
	}
}

// Verify introspects the sample: a token that was issued must be active.
func (l *tokenLoad) Verify(ctx context.Context) ([]bench.Finding, error) {
	if l.introspect == nil {
		return nil, nil
	}
	answers := make([]oauth.Introspection, len(l.sample))
	err := l.target.each(ctx, len(l.sample), func(ctx context.Context, i int) (err error) {
		answers[i], err = l.target.introspect(ctx, l.introspect(l.sample[i].token))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	var findings []bench.Finding
	for i, a := range answers {
		if !a.Active {
			findings = append(findings, bench.Finding{
				Arrival: l.sample[i].arrival,
				Answer:  bench.Answer{Outcome: bench.Invalid, Case: "issued token is not active"},
			})
		}
	}
	return findings, nil
}
