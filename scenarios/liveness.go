package scenarios

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// A revocation is only seen where the token was seen alive before: a server that calls
// every token inactive has revoked nothing. So some tokens are introspected before they
// are revoked, at each instance, and some others, the controls, are not revoked at all
// and must outlive the trial.

// Names of what is wrong with tokens that are not, not yet, or no longer revoked.
const (
	caseRevived    = "revoked token is active again"
	caseNeverAlive = "live token called inactive before its revocation"
	caseKilledAll  = "token ended by the revocation of another of its client"
	caseLostAway   = "token that nobody revoked ended in a trial in which the server was away"
	elsewhereToo   = " at another instance"
)

const (
	// seenFirst is how many tokens are introspected before they are revoked, beside those
	// that the oracle watches and those that the wrong client asks for.
	seenFirst = 20
	// controlsMost is how many tokens are left alive, one of each client.
	controlsMost = 10
	// revokedAgain is how many tokens are revoked a second time when the load is over.
	revokedAgain = 3
	// looksDead is how often a control must be inactive to be called dead: a server that is
	// wrong now and then is another fault.
	looksDead = 3
)

// control is a token that nobody revokes.
type control struct {
	client  client
	token   string
	expires time.Time // of its own; zero: not told
	alive   bool      // it was seen active at first
}

// seeAlive introspects tokens that are about to be revoked. RFC 7662 leaves no room for a
// live token that is inactive, but another instance may hear of it a moment late, so that
// each has revocationPatience.
func (l *revokeLoad) seeAlive(ctx context.Context) error {
	var chosen []int
	for i, t := range l.tokens {
		if t.foreign || len(t.dead) > 0 && (t.watched || len(chosen) < seenFirst) {
			chosen = append(chosen, i)
		}
	}
	own := l.source.inspect.endpoint
	until := time.Now().Add(revocationPatience)
	defer func() {
		for _, t := range l.tokens {
			l.sawAlive = l.sawAlive || t.alive
		}
	}()
	return l.source.target.each(ctx, len(chosen), func(ctx context.Context, k int) error {
		t := &l.tokens[chosen[k]]
		value := t.token
		if len(t.dead) > 0 {
			value = t.dead[0]
		}
		t.alive = true
		for _, endpoint := range l.source.target.instances(own) {
			active, answered, err := l.source.inspect.seen(ctx, endpoint, value, until)
			if err != nil {
				return err
			}
			t.alive = t.alive && active
			if answered && !active && t.unseen == "" {
				t.unseen = caseNeverAlive
				if endpoint != own {
					t.unseen += elsewhereToo
				}
			}
		}
		return nil
	})
}

// leaveAlive mints controls: it is called before and after the tokens that are revoked are
// minted, for a revocation may end older ones or younger ones. A server that gives a client one
// token at a time has none.
func (l *revokeLoad) leaveAlive(ctx context.Context) error {
	s := l.source
	if s.habit != habitMany {
		return nil
	}
	begin := time.Now()
	clients := s.clients[:min(len(s.clients), controlsMost)]
	tokens, err := s.target.mint(ctx, len(clients), func(i int) (oauth.Request, error) {
		return oauth.ClientCredentials(s.token, clients[i].Credential, s.target.Scope, s.target.named()), nil
	})
	if err != nil {
		return err
	}
	for i, t := range tokens {
		c := control{client: clients[i], token: t.AccessToken, expires: ownEnd(begin, t.Token)}
		a, err := s.target.introspect(ctx, s.inspect.request(c.token))
		c.alive = err == nil && a.Active
		l.controls = append(l.controls, c)
	}
	return nil
}

// killed are the clients, by name, whose controls died with what was revoked. They are asked
// for once, when the load is over.
func (l *revokeLoad) killed(ctx context.Context) map[string]bool {
	if l.deadControls == nil {
		l.deadControls = l.lookAtControls(ctx)
	}
	return maps.Clone(l.deadControls)
}

func (l *revokeLoad) lookAtControls(ctx context.Context) map[string]bool {
	dead := map[string]bool{}
	for _, c := range l.controls {
		inactive := 0
		for range looksDead {
			a, err := l.source.target.introspect(ctx, l.source.inspect.request(c.token))
			if err != nil || a.Active {
				break
			}
			inactive++
		}
		if own := !c.expires.IsZero() && time.Now().After(c.expires); c.alive && !own && inactive == looksDead {
			dead[c.client.ClientID] = true
		}
	}
	return dead
}

type revokeSource struct {
	target     Target
	inspect    *inspector
	token      string // endpoint
	revocation string
	clients    []client
	users      *users // nil when no refresh tokens are revoked
	habit      habit  // of the server with the tokens of one client
	stranger   client // to whom none of the tokens was issued; without ClientID there is none
	notes      []string
}

// revokeCase is one token to revoke and the tokens that must then be inactive. When foreign
// is set, the wrong client asks for the revocation, and the token must stay active.
type revokeCase struct {
	client  client
	token   string
	refresh bool
	foreign bool      // client is not the one that it was issued to
	owner   string    // client_id that an access token was issued to
	expires time.Time // of its access token, by itself; zero: not told
	alive   bool      // it was seen active at each instance
	unseen  string    // what is wrong with a token that was called inactive too early
	dead    []string  // tokens that must be inactive then
	done    bool      // the server answered, and what is in dead must be
	watched bool      // the oracle follows it
}

// hint is the token_type_hint of its revocation.
func (t revokeCase) hint() string {
	if t.refresh {
		return "refresh_token"
	}
	return "access_token"
}

// ownEnd is the earliest end of an access token that was asked for at begin or later;
// zero: not told.
func ownEnd(begin time.Time, t oauth.Token) time.Time {
	if t.ExpiresIn <= 0 {
		return time.Time{}
	}
	return begin.Add(t.Life() - expiryLeeway)
}

// revokeLoad revokes one fresh token with each arrival.
type revokeLoad struct {
	arrivals
	source *revokeSource
	tokens []revokeCase
	oracle *oracle // nil when nothing is watched

	controls     []control
	deadControls map[string]bool // clients whose controls died, by name; nil until they were asked for

	sawAlive bool  // some token was called active before it was revoked
	again    []int // arrivals whose tokens were seen dead, and are revoked a second time
	late     *bench.Histogram
}

// leastKept is how many tokens there must be before the loss of the older ones is looked for,
// and unordered how many may have been minted at once, so that their order is not known.
const (
	leastKept = 8
	unordered = 4
)

// ended tells whether a token is inactive for good.
func (in *inspector) ended(ctx context.Context, question oauth.Request) bool {
	for range looksDead {
		if a, err := in.target.introspect(ctx, question); err != nil || a.Active {
			return false
		}
	}
	return true
}

// fewKept is a server that keeps only the newest tokens of a client, and fewer than a load needs.
type fewKept struct {
	kept, needed int    // of a client
	scenario     string // "" for all of the load together
	lone         bool   // There is but one client.
	seen         bool   // New tokens were seen to end old ones.
}

func (e *fewKept) Error() string {
	needs, cure := e.scenario, "leave it out"
	if e.scenario == "" {
		needs, cure = "this load", "lower its rate or its length"
	}
	if !e.lone {
		cure = "give it more clients with " + ClientsKey + ", or " + cure
	}
	others := ", or lost the others in a restart,"
	if e.seen {
		others = ""
	}
	return fmt.Sprintf("this server keeps only about the newest %d tokens of a client%s and %s needs %d alive: %s",
		e.kept, others, needs, e.needed, cure)
}

// keepsFew is an error when of tokens that were minted one after another, of some clients in turn, all but the
// newest have ended: then the server keeps only so many of a client, which is right, and cannot be
// measured with so many. Other losses are for the trial to find.
func (in *inspector) keepsFew(ctx context.Context, scenario string, n, clients int,
	question func(k int) oauth.Request) error {
	ended := func(k int) bool { return in.ended(ctx, question(k)) }
	if in.endpoint == "" || n < leastKept || !ended(0) || ended(n-1) {
		return nil
	}
	first := n // the oldest that lives
	for k := n - 1; k >= 0 && !ended(k); k-- {
		first = k
	}
	for k := range max(0, first-unordered) {
		if !ended(k) {
			return nil // not the oldest ones alone
		}
	}
	return &fewKept{kept: ofEach(n-first, clients), needed: ofEach(n, clients), scenario: scenario,
		lone: in.target.guest()}
}

// ofEach is how many of n tokens one of some clients has that get them in turn.
func ofEach(n, clients int) int { return (n + max(clients, 1) - 1) / max(clients, 1) }

// A bound on the tokens that a server keeps is looked for up to so many, with witnesses that must end by it.
const (
	mostSought = 5000
	witnesses  = 4
)

// bound looks for how many tokens of a client the server keeps, where tokens ended that nobody ended. It has others
// granted until those that were granted first are dead, and sees such tokens live for as long while none is
// granted: neither a restart nor a short life ends them so. What it finds is in the handover; 0 is none up to most.
func (t Target) bound(ctx context.Context, most int) error {
	h := t.handover
	most = min(most, mostSought)
	if h.keeps > 0 || most < 2*h.sought || most == 0 {
		return nil
	}
	h.sought = most
	in, err := t.inspector(ctx)
	if err != nil || in.endpoint == "" {
		return err
	}
	one := t
	one.Parameters.Clients, one.Parameters.DPoP, one.Parameters.ClientAuth = 1, false, oauth.AuthBasic
	clients, err := one.clients(ctx, "kept tokens", nil)
	if err != nil {
		return err
	}
	grant := func(n int) ([]minted, error) {
		return t.mint(ctx, n, func(int) (oauth.Request, error) {
			return oauth.ClientCredentials(t.Server.Endpoints().Token, clients[0].Credential, t.Scope, t.named()), nil
		})
	}
	began := time.Now()
	first, err := grant(witnesses)
	if first = in.living(ctx, first); err != nil || len(first) == 0 {
		return err
	}
	for kept := len(first); kept < most; {
		more := min(max(leastKept, kept/4), most-kept)
		if _, err := grant(more); err != nil {
			return err
		}
		if !slices.ContainsFunc(first, func(t minted) bool { return !in.ended(ctx, in.request(t.AccessToken)) }) {
			if idle, err := in.outliveIdle(ctx, grant, time.Since(began)); err != nil || !idle {
				return err
			}
			h.keeps = kept
			return nil
		}
		kept += more
	}
	return nil
}

// outliveIdle tells whether new tokens live for so long while none is granted.
func (in *inspector) outliveIdle(ctx context.Context, grant func(int) ([]minted, error), long time.Duration) (bool,
	error) {
	again, err := grant(witnesses)
	if err != nil {
		return false, err
	}
	again = in.living(ctx, again)
	if err := generator.Pause(ctx, long); err != nil {
		return false, err
	}
	return len(again) > 0 && len(in.living(ctx, again)) == len(again), nil
}

// living are those tokens that are active.
func (in *inspector) living(ctx context.Context, tokens []minted) []minted {
	return slices.DeleteFunc(slices.Clone(tokens), func(t minted) bool {
		a, err := in.target.introspect(ctx, in.request(t.AccessToken))
		return err != nil || !a.Active
	})
}
