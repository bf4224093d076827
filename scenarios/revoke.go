package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/stock"
)

var revoke = Scenario{
	Name: "revoke",
	Summary: "access tokens that token was granted in the load before, or that are minted before the clock starts, " +
		"and refresh tokens; all must be inactive afterwards, and some are watched meanwhile",
	Source:     "RFC 7009",
	Operations: only("revoke"),
	Held:       true,
	// Without introspection a revocation cannot be verified, and an unverified one must
	// not be called good.
	Needs: []oauth.Capability{oauth.GrantClientCredentials, oauth.HasRevocation, oauth.HasIntrospection},
	Parameters: []string{ClientAuthKey, ScopeKey, ClientsKey, SubjectsKey, RefreshShareKey, ForeignShareKey,
		OracleShareKey},
	Checks: []Check{
		{"every revoked token is inactive after the trial, and so are the access tokens of a revoked refresh token " +
			"where the server promises it",
			"resource servers that check JWTs by signature alone; instances that were not named"},
		{"the revocation oracle: a share of the tokens is introspected again at growing delays, for the lag until " +
			"they are inactive; none may be active again",
			"tokens beyond the 16 that are followed at once, which are counted; lags below the first delay"},
		{"a token whose revocation a client asked for that it was not issued to is still active after the trial",
			"servers with one client"},
	},
	Open: openRevoke,
}

func openRevoke(ctx context.Context, t Target) (Source, error) {
	e := t.Server.Endpoints()
	t.Parameters.DPoP = false
	s := &revokeSource{target: t}
	var err error
	if s.token, err = endpoint(e.Token, "token"); err != nil {
		return nil, err
	}
	if s.revocation, err = endpoint(e.Revocation, "revocation"); err != nil {
		return nil, err
	}
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	if _, err = endpoint(s.inspect.endpoint, "introspection"); err != nil {
		return nil, err
	}
	if s.clients, err = t.clients(ctx, "revoke", nil); err != nil {
		return nil, err
	}
	noticed, err := s.target.notice(ctx, s.inspect, s.token, s.clients[0])
	if err != nil {
		return nil, err
	}
	if s.habit = noticed.habit; len(s.clients) == 1 {
		if err := s.habit.fits("revoke", 2, 1); err != nil {
			return nil, err
		}
	}
	if err := noticed.revocable(ctx, s.target, s.revocation, s.clients[0]); err != nil {
		return nil, err
	}
	if err := s.openStranger(ctx); err != nil {
		return nil, err
	}
	return s, s.openUsers(ctx)
}

// openStranger makes the client that asks for what it must not, where that can be.
func (s *revokeSource) openStranger(ctx context.Context) error {
	if s.target.Parameters.ForeignShare == 0 {
		return nil
	}
	one := s.target
	one.Parameters.Clients = 1
	strangers, err := one.clients(ctx, "revoke wrong client", nil)
	if err != nil {
		return err
	}
	if strangers[0].ClientID == s.clients[0].ClientID {
		if share := s.target.Parameters.ForeignShare; share != Defaults().ForeignShare {
			return fmt.Errorf("%s %g cannot be honoured: there is but one client here", ForeignShareKey, share)
		}
		s.notes = append(s.notes, "no revocations by the wrong client: there is but one client here")
		return nil
	}
	s.stranger = strangers[0]
	return nil
}

// openUsers makes clients for refresh tokens where that can be.
func (s *revokeSource) openUsers(ctx context.Context) error {
	if s.target.Parameters.RefreshShare == 0 {
		return nil
	}
	// What was asked for by name and cannot be had is an error, and what is so by default a note.
	without := func(why string) error {
		if s.target.Parameters.RefreshShare != Defaults().RefreshShare {
			return fmt.Errorf("%s %g cannot be honoured: %s", RefreshShareKey, s.target.Parameters.RefreshShare, why)
		}
		s.notes = append(s.notes, "no refresh tokens are revoked: "+why)
		return nil
	}
	if !s.target.can(oauth.GrantRefreshToken) || !s.target.can(oauth.GrantAuthorizationCode) {
		return without("this server does not promise to grant them")
	}
	u, err := s.target.users(ctx, "revoke refresh", offline)
	if errors.Is(err, errNoUser) || errors.Is(err, errors.ErrUnsupported) {
		return without(err.Error())
	}
	s.users = u
	return err
}

func (s *revokeSource) Notes() []string { return s.notes }

func (s *revokeSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &revokeLoad{arrivals: heldArrivals(ask), source: s, tokens: make([]revokeCase, ask.Count)}
	rng := rand.New(rand.NewPCG(ask.Seed, 0x4e))
	var access, refresh []int
	for i := range l.tokens {
		// All are drawn whatever can be had, so that all deployments get the same sequence.
		isRefresh, watched := rng.Float64() < s.target.Parameters.RefreshShare,
			rng.Float64() < s.target.Parameters.OracleShare
		l.tokens[i].watched = watched
		l.tokens[i].foreign = rng.Float64() < s.target.Parameters.ForeignShare && s.stranger.ClientID != ""
		if isRefresh && s.users != nil && !l.tokens[i].foreign {
			refresh = append(refresh, i)
		} else {
			access = append(access, i)
		}
	}
	if err := s.habit.fits("revoke", len(access), len(s.clients)); err != nil {
		return nil, err
	}
	if err := l.leaveAlive(ctx); err != nil {
		return nil, err
	}
	byAge, stocked, err := s.stockUp(ctx, l, ask, access)
	if err != nil {
		return nil, err
	}
	// The stock and the others may be of different clients, each of which has its newest ones.
	for _, some := range [][]int{byAge, byAge[stocked:]} {
		err = s.inspect.keepsFew(ctx, "revoke", len(some), len(s.clients), func(k int) oauth.Request {
			return s.inspect.request(l.tokens[some[k]].token)
		})
		if err != nil {
			return nil, err
		}
	}
	if err := s.grant(ctx, l, refresh); err != nil {
		return nil, err
	}
	if err := l.leaveAlive(ctx); err != nil {
		return nil, err
	}
	if err := l.seeAlive(ctx); err != nil {
		return nil, err
	}
	if err := l.outlive(ask); err != nil {
		return nil, err
	}
	s.target.handover.killsOthers = func(ctx context.Context) bool { return len(l.killed(ctx)) > 0 }
	err = l.encode(ctx, s.target, nil, func(i int) (*oauth.Request, error) {
		t := l.tokens[i]
		kind := kindAccessToken
		if t.refresh {
			kind = kindRefreshToken
		}
		l.rules[i] = ruleOf("revoke", kind, stateActive)
		if t.foreign {
			l.rules[i] = ruleOf("revoke", kind, stateWrongClient)
		}
		r := oauth.Revoke(s.revocation, t.client.Credential, t.token, t.hint())
		return &r, nil
	})
	if err == nil && s.target.Parameters.OracleShare > 0 {
		l.oracle = s.target.watch(ctx, s.inspect)
	}
	return l, err
}

// leastMinted is how many tokens are minted of the clients of this scenario, whatever there is
// in stock: they and the controls tell what a revocation does to other tokens of its client.
const leastMinted = controlsMost

// stockUp gets the access tokens of arrivals: plain ones from what the loads before were
// granted, as far as that goes, the others anew. It returns the arrivals, oldest token first, and how many are of
// the stock.
func (s *revokeSource) stockUp(ctx context.Context, l *revokeLoad, ask Ask, access []int) (byAge []int, stocked int,
	err error) {
	plain := 0
	for _, i := range access {
		if !l.tokens[i].foreign {
			plain++
		}
	}
	var taken []stock.Token
	if want := min(plain-leastMinted, ask.issues); want > 0 && s.habit == habitMany {
		if taken, err = s.stillGood(ctx, s.target.handover.Take(want), ask); err != nil {
			return nil, 0, err
		}
	}
	var anew []int
	var owners []client
	own := 0
	for _, i := range access {
		at := &l.tokens[i]
		switch {
		case at.foreign || len(taken) == 0:
			anew, owners = append(anew, i), append(owners, s.clients[own%len(s.clients)])
			own++
			continue
		case taken[0].Value == "":
			anew, owners = append(anew, i), append(owners, client{Credential: taken[0].Owner})
		default:
			t := taken[0]
			at.client, at.owner, at.token, at.expires = client{Credential: t.Owner}, t.Owner.ClientID, t.Value, t.Ends
			at.dead = []string{t.Value}
			byAge = append(byAge, i)
		}
		taken = taken[1:]
	}
	return append(byAge, anew...), len(byAge), s.mint(ctx, l, anew, owners)
}

// stillGood takes the value from tokens that are to be minted after all: those that end too soon,
// and all where the oldest or the newest is not active any more, as after a restart of a server
// that keeps its tokens in memory.
func (s *revokeSource) stillGood(ctx context.Context, tokens []stock.Token, ask Ask) ([]stock.Token, error) {
	now := time.Now()
	until := now.Add(ask.span() + revocationPatience + expiryLeeway)
	var fresh []string
	for i, t := range tokens {
		if !t.Fresh(now, until) {
			tokens[i].Value = ""
		} else {
			fresh = append(fresh, t.Value)
		}
	}
	if len(fresh) == 0 {
		return tokens, nil
	}
	for _, value := range []string{fresh[0], fresh[len(fresh)-1]} {
		if a, err := s.target.introspect(ctx, s.inspect.request(value)); err == nil && a.Active {
			continue
		}
		for i := range tokens {
			tokens[i].Value = ""
		}
		s.target.handover.Empty() // What is older is no better.
	}
	return tokens, context.Cause(ctx)
}

// mint makes the access tokens of arrivals, each of its owner.
func (s *revokeSource) mint(ctx context.Context, l *revokeLoad, arrivals []int, owners []client) error {
	begin := time.Now()
	minted, err := s.target.mint(ctx, len(arrivals), func(k int) (oauth.Request, error) {
		return oauth.ClientCredentials(s.token, owners[k].Credential, s.target.Scope, s.target.named()), nil
	})
	for k, t := range minted {
		at := &l.tokens[arrivals[k]]
		at.client, at.token, at.expires = owners[k], t.AccessToken, ownEnd(begin, t.Token)
		at.owner = at.client.ClientID
		if at.foreign {
			at.client = s.stranger
		} else {
			at.dead = []string{t.AccessToken}
		}
	}
	return err
}

// outlive fails when tokens end by themselves before one could tell whether they were
// revoked: an expired token is inactive, whatever became of its revocation.
func (l *revokeLoad) outlive(ask Ask) error {
	for _, t := range l.tokens {
		if !t.expires.IsZero() {
			l.goodUntil(t.expires.Add(-revocationPatience))
		}
	}
	const spare = revocationPatience + expiryLeeway
	if left := time.Until(l.until); !l.until.IsZero() && left < ask.span() {
		return fmt.Errorf("tokens live %v, and must live %v, until after the trial of %v, or nobody can tell whether "+
			"they were revoked: lengthen the server's access token lifetime",
			(left + spare).Round(time.Second), ask.span()+spare, ask.Length)
	}
	return nil
}

// grant makes the refresh tokens of arrivals. What dies with one is up to the server
// (RFC 7009 section 2.1), and so is whether introspection knows it.
func (s *revokeSource) grant(ctx context.Context, l *revokeLoad, arrivals []int) error {
	if len(arrivals) == 0 {
		return nil
	}
	begin := time.Now()
	grants, err := s.users.refreshable(ctx, len(arrivals))
	for k, g := range grants {
		at := &l.tokens[arrivals[k]]
		at.client, at.token, at.refresh = g.client, g.RefreshToken, true
		if s.target.can(oauth.IntrospectsRefresh) {
			at.dead = append(at.dead, g.RefreshToken)
		}
		if s.target.can(oauth.KillsAccessTokens) {
			at.dead, at.expires = append(at.dead, g.AccessToken), ownEnd(begin, g.Token)
		}
	}
	return err
}
