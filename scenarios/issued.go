package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/internal/oauth"
)

// judgeTokens judges an answer of the token endpoint (RFC 6749 section 5.1).
func judgeTokens(r *vegeta.Result, rule *rule, scope string, proven bool) (oauth.Token, bench.Answer) {
	if r.Code != http.StatusOK {
		return oauth.Token{}, rule.refusal(r)
	}
	if !rule.allow(answerTokens) {
		return oauth.Token{}, wrong(rule.state + " " + rule.kind + " accepted")
	}
	kind := "Bearer"
	if proven {
		kind = "DPoP"
	}
	t, err := oauth.ParseToken(r.Body)
	switch {
	case err != nil:
		return t, wrong("not a token response")
	case !strings.EqualFold(t.TokenType, kind):
		return t, wrong("token_type is not " + kind)
	case !granted(scope, t.Scope):
		return t, wrong("token with another scope")
	}
	return t, bench.Answer{}
}

// inspector looks at tokens off the clock, as a resource server would.
type inspector struct {
	target   Target
	endpoint string // of introspection; "" when there is none
	resource oauth.Credential
	keys     oauth.Keys // none when the server publishes none
	hasKeys  bool
}

func (t Target) inspector(ctx context.Context) (*inspector, error) {
	e := t.Server.Endpoints()
	in := &inspector{target: t, endpoint: e.Introspection}
	var err error
	if in.endpoint != "" {
		if in.resource, err = t.Server.IntrospectionCredential(ctx); err != nil {
			return nil, err
		}
	}
	if e.JWKS != "" {
		in.keys, err = in.published(ctx)
		in.hasKeys = true
	}
	return in, err
}

// published are the server's keys as they are now. None is right as long as no token is a
// JWT.
func (in *inspector) published(ctx context.Context) (oauth.Keys, error) {
	address := in.target.Server.Endpoints().JWKS
	body, err := in.target.ask(ctx, oauth.Get(address))
	if err != nil {
		return oauth.Keys{}, err
	}
	keys, err := oauth.ParseKeys(body)
	if errors.Is(err, oauth.ErrNoKeys) {
		return keys, nil
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", address, err)
	}
	return keys, err
}

func (in *inspector) request(token string) oauth.Request {
	return oauth.Introspect(in.endpoint, in.resource, token)
}

// notes tells what cannot be looked at.
func (in *inspector) notes() []string {
	if in.endpoint == "" {
		return []string{"no introspection endpoint: issued tokens are not looked at again"}
	}
	return nil
}

// claimsOf says what is wrong with the claims of a live access token; "" when nothing
// is. Claims that are absent are not judged: RFC 7662 section 2.2 makes all optional.
// subject is the user who granted it; "" when none did.
func (t Target) claimsOf(a oauth.Introspection, clientID, subject, scope, audience string, at time.Time) string {
	switch {
	case subject != "" && a.Subject != "" && a.Subject != subject:
		return "active token of another user"
	case a.ClientID != "" && a.ClientID != clientID:
		return "active token with another client_id"
	case !granted(scope, a.Scope):
		return "active token without its scope"
	case a.Exp != 0 && time.Unix(a.Exp, 0).Add(expiryLeeway).Before(at):
		return "active token past its exp"
	case a.TokenType != "" && !slices.Contains(tokenTypes, strings.ToLower(a.TokenType)):
		return "active token of another token_type"
	case !t.issuer(a.Issuer):
		return "active token of another issuer"
	case !audible(audience, a.Audience):
		return "active token for another audience"
	}
	return ""
}

// tokenTypes are those of RFC 6750 and RFC 9449, and what servers say that take the
// member for the kind of token.
var tokenTypes = []string{"bearer", "dpop", "access_token"}

// issuer tells whether iss is the server's own name; "" is not judged.
func (t Target) issuer(iss string) bool {
	own := t.Server.Endpoints().Issuer
	return iss == "" || own == "" || strings.TrimSuffix(iss, "/") == strings.TrimSuffix(own, "/")
}

// audible tells whether aud has the audience that was asked for; none is not judged.
func audible(asked string, aud oauth.Audience) bool {
	return asked == "" || len(aud) == 0 || slices.Contains(aud, asked)
}

// sampleSize is how many of a trial's tokens are looked at when it is over.
const sampleSize = 20

// sample is some of a trial's tokens: reservoir sampling (Vitter 1985, algorithm R).
type sample struct {
	*inspector
	rng  *rand.Rand
	seen int
	kept []issuedToken
}

type issuedToken struct {
	arrival         int
	token           string
	clientID, scope string
	subject         string    // the user who granted it; "" when none did
	audience        string    // that it was asked for; "" when it was not
	sent            time.Time // the request for it
	expires         time.Time // not before; zero: not told
}

// issuedAt is what the answer to an arrival's request granted.
func issuedAt(arrival int, r *vegeta.Result, t oauth.Token, clientID, subject, scope, audience string) issuedToken {
	k := issuedToken{arrival: arrival, token: t.AccessToken, clientID: clientID, subject: subject, scope: scope, audience: audience, sent: r.Timestamp}
	if t.ExpiresIn > 0 {
		k.expires = r.Timestamp.Add(t.Life() - expiryLeeway)
	}
	return k
}

// expired tells whether its own time may be over.
func (t issuedToken) expired() bool { return !t.expires.IsZero() && time.Now().After(t.expires) }

func newSample(in *inspector, seed uint64) *sample {
	return &sample{inspector: in, rng: rand.New(rand.NewPCG(seed, 0x70))}
}

func (s *sample) keep(t issuedToken) {
	s.seen++
	if len(s.kept) < sampleSize {
		s.kept = append(s.kept, t)
	} else if k := s.rng.IntN(s.seen); k < sampleSize {
		s.kept[k] = t
	}
}

// verify looks at the sample: a token that was issued must be active until it expires,
// and a JWT must be signed by the server and say what was granted.
func (s *sample) verify(ctx context.Context) ([]generator.Finding, error) {
	found := make([]string, len(s.kept))
	err := s.target.each(ctx, len(s.kept), func(ctx context.Context, i int) error {
		t := s.kept[i]
		var err error
		if found[i], err = s.readJWT(ctx, t); err != nil || found[i] != "" || s.endpoint == "" {
			return err
		}
		a, err := s.target.introspect(ctx, s.request(t.token))
		switch {
		case err != nil:
			return err
		case !a.Active && t.expired():
		case !a.Active:
			found[i] = "issued token is not active"
		default:
			found[i] = s.target.claimsOf(a, t.clientID, t.subject, t.scope, t.audience, time.Now())
		}
		return nil
	})
	var findings []generator.Finding
	for i, what := range found {
		if what != "" {
			findings = append(findings, generator.Finding{Arrival: s.kept[i].arrival, Answer: wrong(what)})
		}
	}
	return findings, err
}

// readJWT says what is wrong with a token that is a JWT (RFC 9068 section 4). A server
// may have taken another key into use since the keys were read: then they are read again.
func (s *sample) readJWT(ctx context.Context, t issuedToken) (string, error) {
	if !s.hasKeys || !oauth.LooksLikeJWT(t.token) {
		return "", nil
	}
	c, err := s.keys.Verify(t.token)
	if err != nil && !errors.Is(err, oauth.ErrClaims) {
		newer, failed := s.published(ctx)
		if failed != nil {
			return "", failed
		}
		c, err = newer.Verify(t.token)
	}
	return s.judgeJWT(t, c, err), nil
}

func (s *sample) judgeJWT(t issuedToken, c oauth.Claims, err error) string {
	switch {
	case errors.Is(err, oauth.ErrClaims):
		return "JWT with claims of the wrong JSON types"
	case err != nil:
		return "JWT that the server's keys did not sign"
	case !s.target.issuer(c.Issuer):
		return "JWT of another issuer"
	case c.Expires == 0 || t.sent.After(time.Unix(int64(c.Expires), 0).Add(expiryLeeway)):
		return "JWT that was past its exp when it was issued"
	case c.ClientID != "" && c.ClientID != t.clientID:
		return "JWT with another client_id"
	case t.subject != "" && c.Subject != "" && c.Subject != t.subject:
		return "JWT of another user"
	case !granted(t.scope, string(c.Scope)):
		return "JWT with another scope"
	case !audible(t.audience, c.Audience):
		return "JWT for another audience"
	}
	return ""
}
