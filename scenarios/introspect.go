package scenarios

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

var introspect = Scenario{
	Name:    "introspect",
	Summary: "70 % active, 10 % revoked, 10 % expired, 10 % unknown tokens; each answer must match the token's state",
	Source:  "RFC 7662",
	Open:    openIntrospect,
}

// tokenState is what a token is, and so what introspection must say of it.
type tokenState struct {
	name   string
	share  float64 // of the requests
	count  int     // different tokens
	active bool
}

var tokenStates = []tokenState{
	{"active", 0.7, 100, true},
	{"revoked", 0.1, 25, false},
	{"expired", 0.1, 25, false},
	{"unknown", 0.1, 25, false},
}

// expiredLifetime is how long the tokens live that are introspected as expired.
// expiryLeeway is how long we wait beyond it: servers count in whole seconds, and
// clocks of a server and its database may differ a little.
const (
	expiredLifetime = 1 * time.Second
	expiryLeeway    = 2 * time.Second
)

type introspectSource struct {
	target   Target
	endpoint string
	client   oauth.Credential
	resource oauth.Credential
	mint     oauth.Request
	notes    []string

	pools   [][]oauth.Request // by tokenStates
	expires time.Time         // of the first active token to expire; zero: not told
}

func openIntrospect(ctx context.Context, t Target) (Source, error) {
	e := t.Server.Endpoints()
	tokenEndpoint, err := need(e.Token, "token endpoint")
	if err != nil {
		return nil, err
	}
	revocation, err := need(e.Revocation, "revocation endpoint")
	if err != nil {
		return nil, err
	}
	s := &introspectSource{target: t, pools: make([][]oauth.Request, len(tokenStates))}
	if s.endpoint, err = need(e.Introspection, "introspection endpoint"); err != nil {
		return nil, err
	}
	if s.client, err = t.Server.RegisterClient(ctx, t.confidential("oauthbench introspect")); err != nil {
		return nil, err
	}
	if s.resource, err = t.Server.IntrospectionCredential(ctx); err != nil {
		return nil, err
	}
	s.mint = oauth.ClientCredentials(tokenEndpoint, s.client, t.Scope)

	// The tokens that must expire come first: the others are made while they do.
	expired, mature, err := s.expiring(ctx, tokenEndpoint)
	if err != nil {
		return nil, err
	}
	revoked, err := s.revoked(ctx, revocation)
	if err != nil {
		return nil, err
	}
	if err := s.renew(ctx); err != nil {
		return nil, err
	}
	for i, state := range tokenStates {
		switch state.name {
		case "revoked":
			s.pools[i] = s.encode(revoked)
		case "expired":
			s.pools[i] = s.encode(expired)
		case "unknown":
			s.pools[i] = s.encode(unknownTokens(state.count))
		}
	}
	return s, bench.Pause(ctx, time.Until(mature))
}

func (s *introspectSource) Notes() []string { return s.notes }

// expiring mints tokens that will have expired at mature.
func (s *introspectSource) expiring(ctx context.Context, endpoint string) (tokens []string, mature time.Time, err error) {
	spec := s.target.confidential("oauthbench introspect expired")
	spec.AccessTokenLifetime = expiredLifetime
	cred, err := s.target.Server.RegisterClient(ctx, spec)
	if errors.Is(err, errors.ErrUnsupported) {
		s.notes = append(s.notes, "no expired tokens: this server has no lifetime per client; active ones take their share")
		return nil, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	minted, err := s.target.mint(ctx, oauth.ClientCredentials(endpoint, cred, s.target.Scope), stateNamed("expired").count)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, t := range minted {
		if life := time.Duration(t.ExpiresIn) * time.Second; life > expiredLifetime {
			s.notes = append(s.notes, fmt.Sprintf("no expired tokens: asked for a lifetime of %v, the server gave %v", expiredLifetime, life))
			return nil, time.Time{}, nil
		}
		tokens = append(tokens, t.AccessToken)
	}
	return tokens, time.Now().Add(expiredLifetime + expiryLeeway), nil
}

// revoked mints tokens and revokes them.
func (s *introspectSource) revoked(ctx context.Context, endpoint string) ([]string, error) {
	minted, err := s.target.mint(ctx, s.mint, stateNamed("revoked").count)
	if err != nil {
		return nil, err
	}
	tokens := accessTokens(minted)
	return tokens, s.target.each(ctx, len(tokens), func(ctx context.Context, i int) error {
		status, body, err := s.target.send(ctx, oauth.Revoke(endpoint, s.client, tokens[i], "access_token"))
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("revoke a token: %s answered %d %s", endpoint, status, oauth.ParseError(body))
		}
		return err
	})
}

// renew mints the active tokens.
func (s *introspectSource) renew(ctx context.Context) error {
	begin := time.Now()
	minted, err := s.target.mint(ctx, s.mint, stateNamed("active").count)
	if err != nil {
		return err
	}
	s.expires = time.Time{}
	for _, t := range minted {
		at := begin.Add(time.Duration(t.ExpiresIn) * time.Second)
		if t.ExpiresIn > 0 && (s.expires.IsZero() || at.Before(s.expires)) {
			s.expires = at
		}
	}
	s.pools[slices.IndexFunc(tokenStates, func(t tokenState) bool { return t.active })] = s.encode(accessTokens(minted))
	return nil
}

func (s *introspectSource) encode(tokens []string) []oauth.Request {
	requests := make([]oauth.Request, len(tokens))
	for i, t := range tokens {
		requests[i] = oauth.Introspect(s.endpoint, s.resource, t)
	}
	return requests
}

// Prepare draws the sequence of states and tokens. Active tokens are minted anew
// when they would expire during the trial.
func (s *introspectSource) Prepare(ctx context.Context, ask Ask) (bench.Workload, error) {
	const margin = time.Minute
	if !s.expires.IsZero() && time.Until(s.expires) < ask.Length+margin {
		if err := s.renew(ctx); err != nil {
			return nil, err
		}
		if time.Until(s.expires) < ask.Length {
			return nil, fmt.Errorf("tokens live %v, the trial takes %v: lengthen the server's access token lifetime", time.Until(s.expires).Round(time.Second), ask.Length)
		}
	}
	l := &introspectLoad{introspectSource: s, picks: make([]pick, ask.Count)}
	rng := rand.New(rand.NewPCG(ask.Seed, 0x17))
	for i := range l.picks {
		// Both numbers are drawn whatever the state, so that deployments with different
		// pools still get the same sequence.
		state, choice := stateAt(rng.Float64()), rng.Uint32()
		if len(s.pools[state]) == 0 {
			state = 0
		}
		l.picks[i] = pick{state: uint8(state), token: uint8(choice % uint32(len(s.pools[state])))}
	}
	return l, nil
}

type introspectLoad struct {
	*introspectSource
	picks []pick
}

type pick struct{ state, token uint8 }

func (l *introspectLoad) Operation(int) string { return "introspect" }

func (l *introspectLoad) Request(i int, t *vegeta.Target) {
	p := l.picks[i]
	fill(t, &l.pools[p.state][p.token])
}

func (l *introspectLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return refused(r)
	}
	state := tokenStates[l.picks[i].state]
	a, err := oauth.ParseIntrospection(r.Body)
	wrong := ""
	switch {
	case err != nil:
		wrong = "not an introspection response"
	case a.Active && !state.active:
		wrong = state.name + " token called active"
	case !a.Active && state.active:
		wrong = "active token called inactive"
	case !a.Active:
	case a.ClientID != "" && a.ClientID != l.client.ClientID:
		wrong = "active token with another client_id"
	case !l.target.granted(a.Scope):
		wrong = "active token without its scope"
	case a.Exp != 0 && time.Unix(a.Exp, 0).Add(expiryLeeway).Before(r.Timestamp):
		wrong = "active token past its exp"
	}
	if wrong != "" {
		return bench.Answer{Outcome: bench.Invalid, Case: wrong}
	}
	return bench.Answer{}
}

// Verify has nothing to add: each answer said all.
func (l *introspectLoad) Verify(context.Context) ([]bench.Finding, error) { return nil, nil }

func stateNamed(name string) tokenState {
	return tokenStates[slices.IndexFunc(tokenStates, func(t tokenState) bool { return t.name == name })]
}

// stateAt maps u in [0,1) to an index of tokenStates by their shares.
func stateAt(u float64) int {
	for i, t := range tokenStates {
		if u -= t.share; u < 0 {
			return i
		}
	}
	return len(tokenStates) - 1
}

func accessTokens(tokens []oauth.Token) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		out[i] = t.AccessToken
	}
	return out
}

// unknownTokens look like opaque tokens but were never issued: 256 bits each.
func unknownTokens(n int) []string {
	out := make([]string, n)
	for i := range out {
		sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("oauthbench unknown token "), uint64(i)))
		out[i] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return out
}
