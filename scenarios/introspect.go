package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

var introspect = Scenario{
	Name: "introspect",
	Summary: "a mix of active, revoked, expired, unknown, tampered, malformed and refresh tokens; each answer " +
		"must match the token's state",
	Source:     "RFC 7662",
	Operations: only("introspect"),
	Needs:      []oauth.Capability{oauth.GrantClientCredentials, oauth.HasIntrospection},
	Parameters: []string{ScopeKey, AudienceKey, ClientsKey, SubjectsKey, StatesKey},
	Checks: []Check{
		{"active or not, by the token's state",
			"tokens that came to their state long ago, or in other ways: an account that was closed, keys that " +
				"were changed"},
		{"after each trial, near misses of live tokens: a character changed, case swapped, cut, one appended, " +
			"and of JWTs a signature flipped, left out or of zeros, alg none, another key's signature, also with the " +
			"key in its header or another name for it, " +
			"and HS256 with the public key as its secret",
			"other near misses; case is left alone in tokens of one case"},
		{"client_id, user (of refresh tokens), scope, exp, iss, aud and token_type of active tokens",
			"members that the answer leaves out, for all but active are optional (RFC 7662 section 2.2)"}},
	Open: openIntrospect,
}

func openIntrospect(ctx context.Context, t Target) (Source, error) {
	e := t.Server.Endpoints()
	s := &introspectSource{target: t, pools: make([][]probe, len(introspectStates))}
	var err error
	if s.token, err = endpoint(e.Token, "token"); err != nil {
		return nil, err
	}
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	if _, err = endpoint(s.inspect.endpoint, "introspection"); err != nil {
		return nil, err
	}
	// How the clients prove themselves is not measured here.
	s.target.Parameters.ClientAuth, s.target.Parameters.DPoP = oauth.AuthBasic, false
	if s.clients, err = s.target.clients(ctx, "introspect", nil); err != nil {
		return nil, err
	}
	if s.noticed, err = s.target.notice(ctx, s.inspect, s.token, s.clients[0]); err == nil {
		err = s.noticed.introspects()
	}
	if err != nil {
		return nil, err
	}
	// The tokens that must expire come first: the others are made while they do.
	mature, err := s.expiring(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, e.Revocation); err != nil {
		return nil, err
	}
	return s, generator.Pause(ctx, time.Until(mature))
}

// Prepare draws the sequence of states and tokens. Active tokens are minted anew
// when they would expire during the trial.
func (s *introspectSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	const margin = time.Minute
	if !s.expires.IsZero() && time.Until(s.expires) < ask.span()+margin {
		if _, err := s.renew(ctx); err != nil {
			return nil, err
		}
		if left := time.Until(s.expires); left < ask.span() {
			return nil, tooShort(left, ask)
		}
	}
	if err := s.outlast(ctx, ask); err != nil {
		return nil, err
	}
	l := &introspectLoad{source: s, seed: bench.RandomAt(ask.Seed, 0x17), shares: s.shares()}
	rules := make([]*rule, len(introspectStates))
	for k, state := range introspectStates {
		rules[k] = ruleOf("introspect", state.kind, state.state)
	}
	l.arrivals = drawnArrivals(ask, func(i int) (*oauth.Request, *rule) {
		p := l.pick(i)
		return &s.pools[p.state][p.token].request, rules[p.state]
	})
	l.goodUntil(s.expires)
	return l, nil
}

// outlast makes sure that the server keeps as many tokens as there are. Those that ended in a closed loop, which
// has it grant far more than the loads that count, are minted anew, and all of them before each load where it is
// known to keep few: newer ones end them.
func (s *introspectSource) outlast(ctx context.Context, ask Ask) error {
	if ask.due == nil {
		return nil // The closed loop itself may end them.
	}
	h := s.target.handover
	ended := h.keeps > 0
	if h.looped > len(s.pools[0]) && !ended {
		var err error
		if ended, err = s.someEnded(ctx); err != nil {
			return err
		}
	}
	h.looped = 0
	if ended {
		s.target.book.Note("introspect",
			"this server seems to keep only so many tokens, so that those which are asked "+
				"about were minted anew after many others")
		if _, err := s.renew(ctx); err != nil {
			return err
		}
		if len(s.pools[indexOf("refresh")]) > 0 {
			if err := s.refreshTokens(ctx); err != nil {
				return err
			}
		}
	}
	live := s.pools[0]
	return s.inspect.keepsFew(ctx, "introspect", len(live), len(s.clients),
		func(k int) oauth.Request { return live[k].request })
}

// someEnded tells whether any of the tokens that are asked about has ended: of a server that keeps those that
// were asked for last, it need not be the oldest.
func (s *introspectSource) someEnded(ctx context.Context) (bool, error) {
	var ended atomic.Bool
	err := s.target.each(ctx, len(s.pools[0]), func(ctx context.Context, k int) error {
		if !ended.Load() && s.inspect.ended(ctx, s.pools[0][k].request) {
			ended.Store(true)
		}
		return context.Cause(ctx)
	})
	return ended.Load(), err
}

// shares are those of introspectStates by their weights, each with all before it.
func (s *introspectSource) shares() []float64 {
	shares := make([]float64, len(introspectStates))
	sum := 0.0
	for k, t := range introspectStates {
		sum += s.target.Parameters.States[t.name]
		shares[k] = sum
	}
	for k := range shares {
		shares[k] /= sum
	}
	return shares
}

type introspectLoad struct {
	arrivals
	source *introspectSource
	seed   uint64
	shares []float64
}

// pick is a token, by the index of its state and its own in the pool of that state.
type pick struct{ state, token int }

// pick draws the token of an arrival. Both numbers are drawn whatever the state, so that
// deployments with different pools still get the same sequence.
func (l *introspectLoad) pick(i int) pick {
	u := float64(bench.RandomAt(l.seed, 2*uint64(i))>>11) / (1 << 53)
	state := 0
	for state < len(l.shares)-1 && u >= l.shares[state] {
		state++
	}
	if len(l.source.pools[state]) == 0 {
		state = 0
	}
	choice := bench.RandomAt(l.seed, 2*uint64(i)+1)
	return pick{state, int(choice % uint64(len(l.source.pools[state])))}
}

func (l *introspectLoad) Check(i int, r *vegeta.Result) bench.Answer {
	rule, p := l.caseOf(i), l.pick(i)
	of := l.source.pools[p.state][p.token]
	name := rule.state + " token"
	if rule.kind == kindRefreshToken {
		name = rule.state + " refresh token"
	}
	if r.Code != http.StatusOK {
		return l.refused(i, r, name)
	}
	a, err := oauth.ParseIntrospection(r.Body)
	l.book.Odd(rule.operation, a.Odd)
	switch {
	case err != nil:
		return l.unreadable(i, r, err)
	case a.Active && !rule.allow(answerActive):
		return wrong(calledActive(name, of.how))
	case !a.Active && !rule.allow(answerInactive):
		return wrong(name + calledInactive)
	case !a.Active:
		return bench.Answer{}
	}
	if rule.kind == kindRefreshToken {
		a.TokenType, a.Audience = "", nil // neither is defined for them
	}
	if what := l.source.inspect.claimsOf(a, of.promise, r.Timestamp.Add(r.Latency)); what != "" {
		return wrong(what)
	}
	return bench.Answer{}
}

// ended tells whether the token of an arrival is inactive for good.
func (l *introspectLoad) ended(ctx context.Context, i int) bool {
	p := l.pick(i)
	return l.source.inspect.ended(ctx, l.source.pools[p.state][p.token].request)
}

// refused judges an error about a token. RFC 7662 section 2.2 wants active false for what
// is not active; an error for what was never a token of this server is noted, for it gives
// nothing away, and one for a token that was is a wrong answer.
func (l *introspectLoad) refused(i int, r *vegeta.Result, name string) bench.Answer {
	rule := l.caseOf(i)
	about := refusesToken(int(r.Code), oauth.ParseRefusal(r.Body).Error) || saysInactive(r.Body)
	if !about || rule.allow(answerActive) {
		return l.refusal(i, r)
	}
	alien := rule.state == stateMalformed || rule.state == stateTampered || rule.state == stateUnknown &&
		!l.source.ownForm
	if !alien {
		return wrong(name + " refused, and not called inactive (RFC 7662 section 2.2)")
	}
	l.book.Note(rule.operation, fmt.Sprintf("a %s is refused with %d, and not called inactive (RFC 7662 section 2.2)",
		name, r.Code))
	return bench.Answer{}
}

// saysInactive tells whether a body is that of an inactive token, whatever status it came with.
func saysInactive(body []byte) bool {
	a, err := oauth.ParseIntrospection(body)
	return err == nil && !a.Active
}

// accuse asks about near misses of a live token off the clock, so that each is asked
// whatever the seed draws, and tells what was found before the load.
func (l *introspectLoad) accuse(ctx context.Context) []bench.Flaw {
	s := l.source
	all := s.flaws
	s.flaws = nil
	if !s.wants(stateTampered) {
		return all
	}
	for _, p := range s.pools[indexOf(stateTampered)] {
		a, err := s.target.introspect(ctx, p.request)
		s.target.book.Count(FactNearMissesAsked, 1)
		switch {
		case err != nil:
		case a.Active:
			what := calledActive(stateTampered+" token", p.how)
			all = append(all, bench.Flaw{Check: checkNearMisses, Operation: "introspect", What: what})
		default:
			s.target.book.Count(FactNearMissesInactive, 1)
		}
	}
	return all
}

// Verify has nothing to add: each answer said all.
func (l *introspectLoad) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }
