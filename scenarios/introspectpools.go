package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/forged"
)

func indexOf(state string) int {
	return slices.IndexFunc(introspectStates, func(t introspectState) bool { return t.name == state })
}

// fill makes the tokens of every state that is asked for, but for the expired ones.
func (s *introspectSource) fill(ctx context.Context, revocation string) error {
	live, err := s.renew(ctx)
	if err != nil {
		return err
	}
	switch {
	case s.wants(stateRevoked) && revocation == "":
		s.missing(stateRevoked, "this server names no revocation endpoint")
	case s.wants(stateRevoked):
		if err := s.revoke(ctx, revocation); err != nil {
			return err
		}
	}
	if s.wants(stateUnknown) {
		s.unknown(live)
	}
	if s.wants(stateMalformed) {
		if err := s.malformed(ctx); err != nil {
			return err
		}
	}
	if s.wants("refresh") {
		if err := s.refreshTokens(ctx); err != nil {
			return err
		}
	}
	if s.wants(stateWrongClient) {
		return s.foreign(ctx)
	}
	return nil
}

// renew mints the active tokens, and returns them.
func (s *introspectSource) renew(ctx context.Context) ([]minted, error) {
	begin := time.Now()
	count := introspectStates[0].count
	if s.noticed.habit == habitOne {
		count = min(count, len(s.clients)) // of more, only the newest would be alive
	}
	live, err := s.mint(ctx, s.clients, count)
	if err != nil {
		return nil, err
	}
	s.expires = time.Time{}
	for _, t := range live {
		at := begin.Add(t.Life())
		if t.ExpiresIn > 0 && (s.expires.IsZero() || at.Before(s.expires)) {
			s.expires = at
		}
	}
	s.pools[0] = s.look(s.clients, live)
	if s.wants(stateTampered) {
		if err := s.tamper(ctx, live); err != nil {
			return nil, err
		}
	}
	if len(s.pools[indexOf(stateWrongClient)]) > 0 {
		return live, s.foreign(ctx) // they are live too
	}
	return live, nil
}

// unknown makes tokens in the form of those that were issued, where it can be told.
func (s *introspectSource) unknown(live []minted) {
	issued := make([]string, len(live))
	for i, t := range live {
		issued[i] = t.AccessToken
	}
	count := introspectStates[indexOf(stateUnknown)].count
	var tokens []string
	if tokens, s.ownForm = forged.Alike(issued, count); !s.ownForm {
		tokens = forged.Unknown(count)
	}
	s.pools[indexOf(stateUnknown)] = s.strings(tokens)
}

// strings are questions about what was never issued.
func (s *introspectSource) strings(tokens []string) []probe {
	all := make([]probe, len(tokens))
	for i, t := range tokens {
		all[i] = probe{request: s.inspect.request(t)}
	}
	return all
}

// tamperedTokens is how many live tokens there are near misses of.
const tamperedTokens = 4

// tamper makes near misses of live tokens. Each is asked about once before the load.
func (s *introspectSource) tamper(ctx context.Context, live []minted) error {
	var pool, kept []probe
	for _, t := range live[:min(len(live), tamperedTokens)] {
		for _, near := range forged.Tamper(t.AccessToken) {
			pool = append(pool, probe{request: s.inspect.request(near.Token), how: near.How})
		}
		if s.inspect.keys == nil {
			continue
		}
		for _, key := range s.inspect.keys.First.PEM() {
			if near, ok := forged.Confuse(t.AccessToken, key); ok {
				pool = append(pool, probe{request: s.inspect.request(near.Token), how: near.How})
				break // of one key, for a large set would be all of the load
			}
		}
	}
	seen, err := reactions(ctx, s.target, len(pool), func(i int) oauth.Request { return pool[i].request },
		s.pools[0][0].request)
	if err != nil {
		return err
	}
	var refused []string
	for i, p := range pool {
		if seen[i].refused == "" {
			kept = append(kept, p)
		} else if what := p.how + " " + seen[i].refused; !slices.Contains(refused, what) {
			refused = append(refused, what)
		}
	}
	s.refuses("near misses of tokens", refused)
	s.pools[indexOf(stateTampered)] = kept
	return nil
}

// malformed asks about each malformed token once, so that what a server does with one of them is found whatever the
// seed draws.
func (s *introspectSource) malformed(ctx context.Context) error {
	seen, err := reactions(ctx, s.target, len(forged.Malformed),
		func(i int) oauth.Request { return s.inspect.request(forged.Malformed[i]) }, s.pools[0][0].request)
	if err != nil {
		return err
	}
	var asked, refused []string
	s.target.book.Count(FactMalformedAsked, int64(len(forged.Malformed)))
	s.target.book.Count(FactMalformedInactive, 0)
	for i, token := range forged.Malformed {
		switch r := seen[i]; {
		case r.refused != "":
			refused = append(refused, strconv.Quote(token)+" "+r.refused)
			continue
		case r.active:
			what := calledActive(stateMalformed+" token", "")
			s.flaws = append(s.flaws, bench.Flaw{Check: checkMalformed, Operation: "introspect", What: what})
		case r.inactive:
			s.target.book.Count(FactMalformedInactive, 1)
		}
		asked = append(asked, token)
	}
	s.refuses("malformed tokens", refused)
	s.pools[indexOf(stateMalformed)] = s.strings(asked)
	return nil
}

// refuses notes which tokens the server refuses, each with how. A refusal is no time that it took to introspect.
func (s *introspectSource) refuses(tokens string, each []string) {
	if len(each) > 0 {
		s.target.book.Note("introspect",
			fmt.Sprintf("%s are refused, and not called inactive (RFC 7662 section 2.2); they were asked once, off "+
				"the clock: %s", tokens, strings.Join(each, ", ")))
	}
}

// expiring mints tokens that will have expired at mature.
func (s *introspectSource) expiring(ctx context.Context) (mature time.Time, err error) {
	if !s.wants(stateExpired) {
		return time.Time{}, nil
	}
	spec := s.target.spec("oauthbench introspect expired")
	spec.AccessTokenLifetime = expiredLifetime
	cred, err := s.target.register(ctx, spec)
	if errors.Is(err, errors.ErrUnsupported) {
		return time.Time{}, s.missing(stateExpired, "this server has no lifetime per client")
	}
	if err != nil {
		return time.Time{}, err
	}
	short := []client{{Credential: cred}}
	minted, err := s.mint(ctx, short, introspectStates[indexOf(stateExpired)].count)
	if err != nil {
		return time.Time{}, err
	}
	for _, t := range minted {
		if life := t.Life(); life > expiredLifetime {
			return time.Time{}, s.missing(stateExpired,
				fmt.Sprintf("asked for a lifetime of %v, the server gave %v", expiredLifetime, life))
		}
	}
	s.pools[indexOf(stateExpired)] = s.look(short, minted)
	return time.Now().Add(expiredLifetime + expiryLeeway), nil
}

// revoke mints tokens and revokes them, and gives the server its time: RFC 7009 section 2
// allows for a propagation delay, which the revoke scenario measures. A token that is then
// still active is for the trial to find.
func (s *introspectSource) revoke(ctx context.Context, endpoint string) error {
	count := introspectStates[indexOf(stateRevoked)].count
	owners, err := s.owners(ctx, count)
	if err != nil {
		return err
	}
	minted, err := s.mint(ctx, owners, count)
	if err != nil {
		return err
	}
	s.pools[indexOf(stateRevoked)] = s.look(owners, minted)
	err = s.target.each(ctx, len(minted), func(ctx context.Context, i int) error {
		_, err := s.target.ask(ctx, oauth.Revoke(endpoint, owners[i%len(owners)].Credential, minted[i].AccessToken,
			"access_token"))
		if err != nil {
			err = fmt.Errorf("revoke a token: %w", err)
		} else if s.target.guest() {
			s.target.book.Left(-1)
		}
		return err
	})
	if unsupportedToken(err) {
		s.pools[indexOf(stateRevoked)] = nil
		return s.missing(stateRevoked, "this server does not revoke its own tokens: "+err.Error()+
			" (RFC 7009 section 2.2.1)")
	}
	if err != nil {
		return err
	}
	until := time.Now().Add(revocationPatience)
	return s.target.each(ctx, len(minted), func(ctx context.Context, i int) error {
		for delay := firstDelay; time.Now().Before(until); delay *= 2 {
			a, err := s.target.introspect(ctx, s.pools[indexOf(stateRevoked)][i].request)
			if err != nil || !a.Active {
				return nil // an answer that says nothing is for the trial to find, too
			}
			if err := generator.Pause(ctx, min(delay, time.Until(until))); err != nil {
				return err
			}
		}
		return nil
	})
}

// owners are the clients whose tokens are revoked: those of the live tokens, unless the
// server gives each client one token at a time.
func (s *introspectSource) owners(ctx context.Context, count int) ([]client, error) {
	if s.noticed.habit == habitMany {
		return s.clients, nil
	}
	t := s.target
	t.Parameters.Clients = count
	owners, err := t.clients(ctx, "introspect revoked", nil)
	if err == nil && owners[0].ClientID == s.clients[0].ClientID {
		err = fmt.Errorf("%v: with one client, revoked tokens cannot be told from active ones; leave them out with "+
			"%s active=1,unknown=1", s.noticed.habit, StatesKey)
	}
	return owners, err
}

// refreshTokens are introspected where the server promises to know them.
func (s *introspectSource) refreshTokens(ctx context.Context) error {
	if !s.target.can(oauth.IntrospectsRefresh) && !s.target.can(oauth.IntrospectsHinted) {
		return s.missing("refresh", "this server does not promise to introspect them")
	}
	u, err := s.target.users(ctx, "introspect refresh", offline)
	if errors.Is(err, errNoUser) || errors.Is(err, errors.ErrUnsupported) {
		return s.missing("refresh", err.Error())
	}
	if err != nil {
		return err
	}
	grants, err := u.refreshable(ctx, introspectStates[indexOf("refresh")].count)
	if err != nil {
		return err
	}
	pool := make([]probe, len(grants))
	for i, g := range grants {
		scope := cmp.Or(g.Scope, u.scope)
		if s.target.can(oauth.IntrospectsHinted) {
			scope = "" // Keycloak lists there all scopes of the client, also those that no token says.
		}
		pool[i] = probe{promise: promise{clientID: g.client.ClientID, subject: g.subject, scope: scope},
			request: s.inspect.aboutRefresh(g.client, g.RefreshToken)}
	}
	s.pools[indexOf("refresh")] = pool
	return nil
}

// foreign are live tokens that a client asks about which they were not issued to.
func (s *introspectSource) foreign(ctx context.Context) error {
	if s.inspect.resource.Method == "" {
		return s.missing(stateWrongClient, "its introspection endpoint asks nobody who they are")
	}
	asking, err := s.target.register(ctx, s.target.spec("oauthbench introspect wrong client"))
	if err != nil {
		return err
	}
	if asking.ClientID == s.clients[0].ClientID {
		return s.missing(stateWrongClient, "there is but one client here")
	}
	minted, err := s.mint(ctx, s.clients, introspectStates[indexOf(stateWrongClient)].count)
	if err != nil {
		return err
	}
	pool := s.look(s.clients, minted)
	for i, t := range minted {
		pool[i].request = oauth.Introspect(s.inspect.endpoint, asking, t.AccessToken)
	}
	s.pools[indexOf(stateWrongClient)] = pool
	return nil
}

// Facts of questions beside the load.
const (
	FactNearMissesAsked    = "near_misses_asked" // of live tokens, after trials
	FactNearMissesInactive = "near_misses_inactive"
	FactMalformedAsked     = "malformed_asked" // before the load
	FactMalformedInactive  = "malformed_inactive"
)

// probe is one introspection request and what was granted, which its answer must say.
type probe struct {
	promise
	request oauth.Request
	how     string // it was tampered with; "" when it was not
}

type introspectSource struct {
	target  Target
	inspect *inspector
	token   string // endpoint
	clients []client
	notes   []string
	noticed noticed
	flaws   []bench.Flaw // that were found before any load; nil once they were told

	pools   [][]probe // by introspectStates
	ownForm bool      // Unknown tokens have the form of this server's.
	expires time.Time // of the first active token to expire; zero: not told
}

func (s *introspectSource) Notes() []string { return s.notes }

func (s *introspectSource) wants(name string) bool { return s.target.Parameters.States[name] > 0 }

// missing notes that there are no tokens in a state; who asked for them by a weight of
// their own is told that they cannot be had.
func (s *introspectSource) missing(state, why string) error {
	if w := s.target.Parameters.States[state]; w != Defaults().States[state] {
		return fmt.Errorf("%s %s=%g cannot be honoured: %s", StatesKey, state, w, why)
	}
	s.notes = append(s.notes, fmt.Sprintf("no %s tokens: %s; active ones take their share", state, why))
	return nil
}

// mint gets n tokens, of all clients in turn.
func (s *introspectSource) mint(ctx context.Context, clients []client, n int) ([]minted, error) {
	return s.target.mint(ctx, n, func(i int) (oauth.Request, error) {
		return oauth.ClientCredentials(s.token, clients[i%len(clients)].Credential, s.target.Scope, s.target.named()),
			nil
	})
}

// look makes the questions about tokens that mint got.
func (s *introspectSource) look(clients []client, tokens []minted) []probe {
	all := make([]probe, len(tokens))
	for i, t := range tokens {
		all[i] = probe{promise: s.promise(clients[i%len(clients)].ClientID, t),
			request: s.inspect.request(t.AccessToken)}
	}
	return all
}

// promise is what the answer with a token of a client granted.
func (s *introspectSource) promise(clientID string, t minted) promise {
	return promise{clientID: clientID, scope: cmp.Or(t.Scope, s.target.Scope), audience: s.target.Parameters.Audience,
		asked: t.asked, answered: t.answered, life: t.Life()}
}

// Of a token that is live nothing may say that it is not.
const (
	calledInactive      = " called inactive"
	caseActiveInactive  = stateActive + " token" + calledInactive
	caseRefreshInactive = stateActive + " refresh token" + calledInactive
)

func calledActive(name, how string) string {
	if how != "" {
		how = " (" + how + ")"
	}
	return name + " called active" + how
}
