package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

var refreshRetry = Scenario{
	Name: "refresh-retry",
	Summary: "the same refresh token sent twice, as clients do that lost an answer; counts the grants " +
		"that die of it",
	Source:     "RFC 6749 section 10.4, RFC 9700 section 4.14.2",
	Operations: []Operation{{"refresh-first", 0.5}, {"refresh-retry", 0.5}},
	Held:       true,
	Needs:      []oauth.Capability{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken},
	Parameters: []string{ClientAuthKey, DPoPKey, ScopeKey, ClientsKey, SubjectsKey, RetryGapKey},
	Checks: []Check{
		{"a retry is answered with tokens or with invalid_grant, never otherwise",
			"which of both is right: that depends on the server's grace for retries"},
		{"facts refresh_retries and refresh_chains_killed: of up to 200 retried grants a trial, how many can then no " +
			"longer be refreshed", "grants beyond the 200; whether the access tokens of a dead grant die with it"},
	},
	Open: openRefreshRetry,
}

// Facts of refresh-retry.
const (
	FactRetries      = "refresh_retries"       // whose grant was tried once more afterwards
	FactChainsKilled = "refresh_chains_killed" // grants that could not be refreshed then
)

// probes is how many retried grants are tried once more after a trial.
const probes = 200

type retrySource struct {
	users *users
	idle  []grant // that survived their retry
}

func openRefreshRetry(ctx context.Context, t Target) (Source, error) {
	u, err := t.users(ctx, "refresh-retry", offline)
	return &retrySource{users: u}, err
}

func (s *retrySource) Notes() []string { return nil }

func (s *retrySource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &retryLoad{arrivals: heldArrivals(ask), source: s, pairs: pair(ask, s.users.target.Parameters.RetryGap)}
	count := 0
	for _, p := range l.pairs {
		count = max(count, p.grant+1)
	}
	if missing := count - len(s.idle); missing > 0 {
		more, err := s.users.refreshable(ctx, missing)
		if err != nil {
			return nil, err
		}
		s.idle = append(s.idle, more...)
	}
	l.grants, s.idle = s.idle[:count:count], s.idle[count:]
	l.newest, l.retried = make([]string, count), make([]bool, count)
	l.refused, l.lived = make([]int, count), make([]bool, count)
	server := s.users.target.Server
	first, retry := ruleOf("refresh-first", kindRefreshToken, stateActive).at(server),
		ruleOf("refresh-retry", kindRefreshToken, stateReused).at(server)
	err := l.encode(ctx, s.users.target, nil, func(i int) (*oauth.Request, error) {
		p := l.pairs[i]
		l.rules[i] = first
		if p.retry {
			l.rules[i] = retry
		}
		return l.request(l.grants[p.grant], ask.at(i))
	})
	return l, err
}

// pairing tells which grant an arrival refreshes, and whether as a retry.
type pairing struct {
	grant int
	retry bool
}

// pair makes each arrival the retry of the oldest first one that is gap or more ago,
// or a first one when there is none. In a closed loop the time is not known: there the
// retry comes when all that were under way may have been answered.
func pair(ask Ask, gap time.Duration) []pairing {
	pairs := make([]pairing, ask.Count)
	var waiting []int
	grants := 0
	for i := range pairs {
		due := len(waiting) > 0 && (ask.Starts != nil && ask.Starts[i]-ask.Starts[waiting[0]] >= gap ||
			ask.Starts == nil && i-waiting[0] >= 2*max(ask.InFlight, 1))
		if due {
			pairs[i] = pairing{pairs[waiting[0]].grant, true}
			waiting = waiting[1:]
			continue
		}
		pairs[i] = pairing{grants, false}
		waiting = append(waiting, i)
		grants++
	}
	return pairs
}

func (l *retryLoad) request(g grant, at time.Time) (*oauth.Request, error) {
	return g.client.prove(oauth.Refresh(l.source.users.token, g.client.Credential, g.RefreshToken), at, "")
}

type retryLoad struct {
	arrivals
	source  *retrySource
	pairs   []pairing
	grants  []grant
	newest  []string // refresh token of each grant, "" when no answer had one
	retried []bool   // the server granted or refused its retry, in whatever words
	refused []int    // arrival that presented the grant first and was refused, plus 1
	lived   []bool   // one of the two was answered with tokens
	facts   map[string]int64
}

func (l *retryLoad) Check(i int, r *vegeta.Result) bench.Answer {
	p := l.pairs[i]
	t, answer := l.judgeTokens(i, r, l.source.users.scope, l.grants[p.grant].client.proof != nil)
	if t.RefreshToken != "" {
		l.newest[p.grant] = t.RefreshToken
	}
	l.lived[p.grant] = l.lived[p.grant] || t.AccessToken != ""
	if !p.retry && t.AccessToken == "" && answer.Outcome == bench.OK {
		l.refused[p.grant] = i + 1
	}
	l.retried[p.grant] = l.retried[p.grant] || p.retry && (answer.Outcome == bench.OK || r.Code/100 == 4)
	return answer
}

// Verify tries retried grants once more. Those that live are used again in the next
// trial. A grant that dies is no fault: a server may see a thief in a retry. But one of
// the two must have been good for tokens.
func (l *retryLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	var probed []int
	for k, done := range l.retried {
		if done && len(probed) < probes {
			probed = append(probed, k)
		}
	}
	alive := make([]grant, len(probed))
	err := l.source.users.target.each(ctx, len(probed), func(ctx context.Context, n int) error {
		g := l.grants[probed[n]]
		if l.newest[probed[n]] != "" {
			g.RefreshToken = l.newest[probed[n]]
		}
		r, err := l.request(g, time.Now())
		if err != nil {
			return err
		}
		got, err := l.source.users.target.send(ctx, *r)
		if err != nil || got.status/100 == 4 {
			return err // refused: alive[n] says so
		}
		if got.status != http.StatusOK {
			return fmt.Errorf("refresh once more: status %d", got.status)
		}
		used := g.RefreshToken
		if g.Token, err = oauth.ParseToken(got.body); err != nil {
			return err
		}
		if g.RefreshToken == "" {
			g.RefreshToken = used // RFC 6749 section 6: the old one stays good
		}
		alive[n] = g
		return nil
	})
	killed := 0
	for _, g := range alive {
		if g.RefreshToken == "" {
			killed++
		} else {
			l.source.idle = append(l.source.idle, g)
		}
	}
	if err == nil {
		l.facts = map[string]int64{FactRetries: int64(len(probed)), FactChainsKilled: int64(killed)}
	}
	var findings []generator.Finding
	for k, i := range l.refused {
		if i > 0 && !l.lived[k] {
			findings = append(findings, generator.Finding{Arrival: i - 1,
				Answer: bench.Answer{Outcome: bench.Rejected, Case: "refresh token refused at its first use"}})
		}
	}
	return findings, err
}

// Observed makes a workload a generator.Observer.
func (l *retryLoad) Observed() bench.Observation { return bench.Observation{Facts: l.facts} }
