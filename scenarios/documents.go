package scenarios

import (
	"context"
	"errors"
	"net/http"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/internal/oauth"
)

var jwks = Scenario{
	Name:       "jwks",
	Summary:    "the published keys; every answer parsed",
	Source:     "RFC 7517 section 5",
	Operations: only("jwks"),
	Needs:      []oauth.Capability{oauth.HasJWKS},
	Checks:     []string{"at least one key, none of them private"},
	Open: func(_ context.Context, t Target) (Source, error) {
		at, err := endpoint(t.Server.Endpoints().JWKS, "key")
		return &document{target: t, request: oauth.Get(at), rule: ruleOf("jwks", kindNothing, stateFresh), check: checkKeys}, err
	},
}

var discovery = Scenario{
	Name:       "discovery",
	Summary:    "the metadata document; every answer parsed",
	Source:     "RFC 8414 section 3",
	Operations: only("discovery"),
	Needs:      []oauth.Capability{oauth.HasDiscovery},
	Checks:     []string{"the issuer is the one that was asked, and the token endpoint is the one in use"},
	Open: func(ctx context.Context, t Target) (Source, error) {
		found, err := oauth.DiscoverMetadata(ctx, t.HTTP, t.Server.Endpoints().Issuer)
		return &document{target: t, request: oauth.Get(found.Address), rule: ruleOf("discovery", kindNothing, stateFresh), check: checkMetadata}, err
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
	l := &documentLoad{arrivals: newArrivals(ask), document: d}
	for i := range l.requests {
		l.requests[i], l.rules[i] = &d.request, d.rule
	}
	return l, nil
}

type documentLoad struct {
	arrivals
	*document
}

func (l *documentLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return l.refusal(i, r)
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
	}
	return ""
}

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
