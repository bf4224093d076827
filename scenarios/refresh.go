package scenarios

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

var refresh = Scenario{
	Name:       "refresh",
	Summary:    "chains of refreshes: each answer's refresh token feeds the next request of its chain",
	Source:     "RFC 6749 section 6, RFC 9700 section 4.14",
	Operations: only("refresh"),
	Held:       true,
	Needs:      []oauth.Capability{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken},
	Parameters: []string{ClientAuthKey, DPoPKey, ScopeKey, ClientsKey, SubjectsKey, ChainLengthKey},
	Checks: []Check{{"token_type and scope of every answer, and that every new refresh token works",
		"whether a refresh token that was used is still good: refresh-retry counts that"}, issuedCheck},
	Open: openRefresh,
}

type refreshSource struct {
	users   *users
	inspect *inspector
	idle    []*chain // that have uses left
}

func openRefresh(ctx context.Context, t Target) (Source, error) {
	s := &refreshSource{}
	var err error
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	s.users, err = t.users(ctx, "refresh", offline)
	return s, err
}

func (s *refreshSource) Notes() []string { return s.inspect.notes() }

// chain is one grant that is refreshed again and again. It goes on from trial to
// trial until it has its full length, or an answer is lost.
type chain struct {
	grant
	uses int // that were answered
	// next is the request with the newest token, nil while it is not known.
	next atomic.Pointer[oauth.Request]
	last atomic.Pointer[oauth.Request] // the same, and not taken away when it is sent
}

// extend makes the next request of the chain from a new refresh token.
func (s *refreshSource) extend(c *chain, token string, at time.Time) error {
	r, err := c.client.prove(oauth.Refresh(s.users.token, c.client.Credential, token), at, "")
	if err == nil {
		c.RefreshToken = token
		c.last.Store(r)
		c.next.Store(r)
	}
	return err
}

// Prepare lays out the arrivals on chains: two uses of one are further apart than the
// timeout, so that the answer to the first has come, or has been given up, when the
// second is due. There are spares for chains whose answer was lost; what is missing is
// granted here, before the clock.
func (s *refreshSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &refreshLoad{
		arrivals: heldArrivals(ask), source: s, ask: ask,
		used: make([]*chain, ask.Count), sample: newSample(s.inspect, ask.Seed), dry: make([]bool, ask.Count),
	}
	plan := layOut(ask, s.users.target.Parameters.ChainLength, s.left())
	if err := s.grow(ctx, plan.chains+plan.spares); err != nil {
		return nil, err
	}
	rule := ruleOf("refresh", kindRefreshToken, stateActive)
	l.owner, l.slots = plan.owner, make([]atomic.Pointer[chain], plan.chains)
	for k := range l.slots {
		l.slots[k].Store(s.idle[k])
	}
	for i := range l.rules {
		l.rules[i] = rule
	}
	l.spares = s.idle[plan.chains : plan.chains+plan.spares]
	first := plan.firstUses(ask.Count / 2)
	for k, c := range s.idle[:plan.chains+plan.spares] {
		// Proofs and assertions are dated: those of the last trial may be too old, and a
		// chain may begin long after the trial does.
		if !c.client.single() {
			continue
		}
		if c.client.Single() {
			l.goodUntil(time.Now().Add(oauth.AssertionLifetime))
		}
		if err := s.extend(c, c.RefreshToken, ask.at(first[k])); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// left are the uses that each idle chain has left. Chains that are spent or broken
// are forgotten.
func (s *refreshSource) left() []int {
	var alive []*chain
	var left []int
	for _, c := range s.idle {
		if n := s.users.target.Parameters.ChainLength - c.uses; n > 0 && c.next.Load() != nil {
			alive = append(alive, c)
			left = append(left, n)
		}
	}
	s.idle = alive
	return left
}

// grow adds chains until there are n.
func (s *refreshSource) grow(ctx context.Context, n int) error {
	missing := n - len(s.idle)
	if missing <= 0 {
		return nil
	}
	grants, err := s.users.refreshable(ctx, missing)
	if err != nil {
		return fmt.Errorf("%d chains of refresh tokens: %w", n, err)
	}
	for _, g := range grants {
		c := &chain{grant: g}
		if err := s.extend(c, g.RefreshToken, time.Now()); err != nil {
			return err
		}
		s.idle = append(s.idle, c)
	}
	return nil
}

// layout is which chain each arrival uses.
type layout struct {
	owner          []int
	chains, spares int
}

// firstUses are the arrivals that use each chain first, and for the spares, of which
// nobody knows that, one that is given.
func (p layout) firstUses(spare int) []int {
	first := make([]int, p.chains+p.spares)
	for k := range first {
		first[k] = spare
	}
	for i, k := range slices.Backward(p.owner) {
		first[k] = i
	}
	return first
}

// closedSpacing is how many arrivals of a closed loop lie between two uses of a chain,
// for each request in flight: later answers are rare, and spares stand in.
const closedSpacing = 8

// layOut gives each arrival the chain that has rested longest, or a new one when none
// has rested long enough. left are the uses of the chains there are.
func layOut(ask Ask, length int, left []int) layout {
	p := layout{owner: make([]int, ask.Count)}
	rested := func(i, last int) bool {
		if ask.Starts == nil {
			return i-last > closedSpacing*max(ask.InFlight, 1)
		}
		return ask.Starts[i]-ask.Starts[last] > ask.Timeout
	}
	var queue []int // arrivals whose chain has uses left, in order of use
	for i := range p.owner {
		if len(queue) > 0 && rested(i, queue[0]) {
			p.owner[i] = p.owner[queue[0]]
			queue = queue[1:]
		} else {
			p.owner[i] = p.chains
			p.chains++
			if p.chains > len(left) {
				left = append(left, length)
			}
		}
		if k := p.owner[i]; left[k] > 1 {
			left[k]--
			queue = append(queue, i)
		}
	}
	p.spares = 2 + ask.Count/100
	return p
}

type refreshLoad struct {
	arrivals
	source *refreshSource
	ask    Ask
	owner  []int                   // slot of each arrival
	slots  []atomic.Pointer[chain] // the chain that each has now
	used   []*chain                // by each arrival
	sample *sample

	spares []*chain
	spent  atomic.Int64 // spares
	dry    []bool       // arrivals that had neither their chain nor a spare
}

// Request sends the newest token of the arrival's chain. When its last answer was lost
// or is late, a spare takes the chain's place.
func (l *refreshLoad) Request(i int, t *vegeta.Target) {
	slot := &l.slots[l.owner[i]]
	c := slot.Load()
	r := c.next.Swap(nil)
	for r == nil {
		k := int(l.spent.Add(1)) - 1
		if k >= len(l.spares) {
			break
		}
		c = l.spares[k]
		slot.Store(c)
		r = c.next.Swap(nil)
	}
	l.used[i] = c
	if r == nil {
		// Something must be sent, for the arrival is due: a token that was used before.
		l.dry[i] = true
		r = c.last.Load()
	}
	fill(t, r)
}

func (l *refreshLoad) Check(i int, r *vegeta.Result) bench.Answer {
	c := l.used[i]
	c.uses++
	if l.dry[i] {
		return bench.Answer{Outcome: bench.Rejected, Case: "no refresh token left: earlier answers were lost"}
	}
	t, answer := l.judgeTokens(i, r, l.source.users.scope, c.client.proof != nil)
	if t.AccessToken == "" {
		return answer
	}
	next := t.RefreshToken
	if next == "" {
		next = c.RefreshToken // RFC 6749 section 6: the old one stays good
	}
	if err := l.source.extend(c, next, l.again()); err != nil {
		return wrong("next request cannot be made")
	}
	if answer.Outcome == bench.OK {
		l.sample.keep(issuedAt(i, r, t, c.client.ClientID, c.subject, ""))
	}
	return answer
}

// again is about when a chain is used next.
func (l *refreshLoad) again() time.Time {
	if l.ask.Starts == nil {
		return time.Now()
	}
	return time.Now().Add(l.ask.Timeout)
}

// Verify looks at a sample of the tokens. A refresh revokes what it replaces at many
// servers, so only each chain's newest access token is looked at.
func (l *refreshLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	newest := map[*chain]int{}
	for i, c := range l.used {
		newest[c] = i
	}
	kept := l.sample.kept[:0]
	for _, t := range l.sample.kept {
		if newest[l.used[t.arrival]] == t.arrival {
			kept = append(kept, t)
		}
	}
	l.sample.kept = kept
	return l.sample.verify(ctx)
}
