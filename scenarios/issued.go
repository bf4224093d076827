package scenarios

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// sampleSize is how many of a trial's tokens are introspected when it is over, and
// mostJWTs how many JWTs are kept to check their signatures, which costs the server nothing.
const (
	sampleSize = 20
	mostJWTs   = 50_000
)

// Facts of issued tokens.
const (
	FactIssued       = "issued_tokens"              // under load
	FactIntrospected = "issued_tokens_introspected" // of them, after the trial
	FactJWTs         = "issued_jwts"
	FactJWTsVerified = "issued_jwts_verified" // by a published key
)

// sample is some of a trial's tokens, by reservoir sampling (Vitter 1985, algorithm R), and
// all of its JWTs.
type sample struct {
	*inspector
	rng      *rand.Rand
	seen     int
	kept     []*issuedToken
	jwts     []*issuedToken
	jwtsSeen int
	// ofClients says that clients got them for themselves, by client_credentials.
	ofClients bool
}

type issuedToken struct {
	promise
	arrival int
	token   string
	sub     string // of its claims, when it is a JWT
	nth     int    // of the trial's tokens, from 1
	what    string // is wrong with it; "" when nothing is known
}

// issuedAt is what the answer to an arrival's request granted.
func issuedAt(arrival int, r *vegeta.Result, t oauth.Token, clientID, subject, audience string) issuedToken {
	got := r.Timestamp.Add(r.Latency)
	return issuedToken{
		promise: promise{clientID, t.Scope, subject, audience, r.Timestamp, got, t.Life()},
		arrival: arrival, token: t.AccessToken,
	}
}

// expired tells whether its own time may be over.
func (t issuedToken) expired() bool {
	return t.life > 0 && time.Now().After(t.asked.Add(t.life-expiryLeeway))
}

func newSample(in *inspector, seed uint64) *sample {
	return &sample{inspector: in, rng: rand.New(rand.NewPCG(seed, 0x70))}
}

func (s *sample) keep(t issuedToken) {
	s.seen++
	t.nth = s.seen
	if oauth.LooksLikeJWT(t.token) {
		if s.jwtsSeen++; len(s.jwts) < mostJWTs {
			s.jwts = append(s.jwts, &t)
		}
	}
	if len(s.kept) < sampleSize {
		s.kept = append(s.kept, &t)
	} else if k := s.rng.IntN(s.seen); k < sampleSize {
		s.kept[k] = &t
	}
}

// verify looks at the tokens: every JWT must be signed by the server and say what was
// granted, and each token of the sample must be active until it expires.
func (s *sample) verify(ctx context.Context) ([]generator.Finding, error) {
	err := s.target.each(ctx, len(s.jwts), func(ctx context.Context, i int) (err error) {
		s.jwts[i].what, err = s.readJWT(ctx, s.jwts[i])
		return err
	})
	if err == nil && s.endpoint != "" {
		err = s.target.each(ctx, len(s.kept), func(ctx context.Context, i int) error {
			return s.introspect(ctx, s.kept[i])
		})
	}
	if err == nil {
		err = s.askAgain(ctx)
	}
	s.count()
	s.excuse(ctx)
	s.aged()
	var findings []generator.Finding
	told := map[int]bool{}
	for _, t := range slices.Concat(s.jwts, s.kept) {
		if t.what != "" && !told[t.arrival] {
			told[t.arrival] = true
			findings = append(findings, generator.Finding{Arrival: t.arrival, Answer: wrong(t.what)})
		}
	}
	return findings, err
}

// untilAskedAgain is how long an overloaded server has to come back.
const untilAskedAgain = time.Second

// askAgain asks a second time about tokens that were called inactive. A server that has more to do
// than it can, as at the end of a trial that was given up, may call a live token inactive because its
// database did not answer (Hydra does): such a token is noted and convicts nobody. A dead one
// stays dead.
func (s *sample) askAgain(ctx context.Context) error {
	dead := slices.DeleteFunc(slices.Clone(s.kept), func(t *issuedToken) bool { return t.what != caseInactive })
	if len(dead) == 0 {
		return nil
	}
	if err := generator.Pause(ctx, untilAskedAgain); err != nil {
		return err
	}
	return s.target.each(ctx, len(dead), func(ctx context.Context, i int) error {
		a, err := s.target.introspect(ctx, s.request(dead[i].token))
		if err != nil {
			return err
		}
		if a.Active {
			dead[i].what = s.claimsOf(a, *dead[i])
			s.target.book.Note("", "issued tokens were called inactive when the trial had just ended, and "+
				"active when they "+
				"were asked about again")
		}
		return nil
	})
}

// excuse takes the blame from tokens that died because others of their client were revoked: that
// is a fault of revocation, which its controls show. So it does from those that newer ones ended, of which the
// server keeps only so many.
func (s *sample) excuse(ctx context.Context) {
	kills := s.target.handover.killsOthers
	if s.ofClients && oldestDied(s.kept) {
		_ = s.target.bound(ctx, s.seen) // Where nobody can tell, what died counts.
	}
	for _, t := range s.kept {
		switch {
		case t.what != caseInactive:
		case s.displaced(t):
			t.what = ""
		case kills != nil && kills(ctx):
			t.what = ""
			s.target.book.Note("", "issued tokens died when others of their client were revoked, which is held "+
				"against the revocations")
		}
	}
}

// oldestDied tells whether tokens died, and of none of them lives an older one of its client.
func oldestDied(kept []*issuedToken) bool {
	died := false
	for _, t := range kept {
		older := func(o *issuedToken) bool {
			return o.what == "" && o.clientID == t.clientID && o.nth < t.nth && !o.expired()
		}
		if t.what != caseInactive {
			continue
		}
		if died = true; slices.ContainsFunc(kept, older) {
			return false
		}
	}
	return died
}

// displaced tells whether newer tokens ended a token, of which the server keeps only so many, and notes it. Whether
// it counts those of all clients together is not known, so that they are.
func (s *sample) displaced(t *issuedToken) bool {
	keeps := s.target.handover.keeps
	if !s.ofClients || keeps == 0 || float64(s.seen-t.nth) < (1-spared)*float64(keeps) {
		return false
	}
	s.target.book.Once("", "issued tokens were ended by newer ones", fmt.Sprintf("this server keeps about the newest "+
		"%d tokens of a client: issued ones that were older when the load was over had ended, which is not held "+
		"against it", keeps))
	return true
}

// caseInactive is an issued token that introspection does not know.
const caseInactive = "issued token is not active"

// introspect looks at one token of the sample.
func (s *sample) introspect(ctx context.Context, t *issuedToken) error {
	if t.what != "" {
		return nil
	}
	a, err := s.target.introspect(ctx, s.request(t.token))
	switch {
	case unsupportedToken(err):
		s.target.book.Note("", "introspection refuses the server's own tokens (400 unsupported_token_type): they "+
			"were judged by their signatures and claims")
		return nil
	case err != nil:
		return err
	case !a.Active && t.expired():
	case !a.Active && s.displaced(t):
		return nil
	case !a.Active && s.habit == habitOne:
		s.target.book.Note("", habitOne.String()+": whether issued tokens are active was not checked")
		return nil
	case !a.Active:
		t.what = caseInactive
	default:
		t.what = s.claimsOf(a, *t)
	}
	s.target.book.Count(FactIntrospected, 1)
	return nil
}

// count says how many tokens there were, of those that were looked at.
func (s *sample) count() {
	s.target.book.Count(FactIssued, int64(s.seen))
	if s.endpoint != "" {
		s.target.book.Count(FactIntrospected, 0)
	}
	if s.jwtsSeen > 0 {
		s.target.book.Count(FactJWTs, int64(s.jwtsSeen))
		s.target.book.Count(FactJWTsVerified, 0)
	}
}

// leastAged is how many tokens must be dead, and how many alive, before age is said to be
// what the dead have in common.
const leastAged = 2

// aged notes when the tokens that died are all older than those that live: a restart that
// lost them, or a bound on how many are kept.
func (s *sample) aged() {
	var dead, alive []*issuedToken
	for _, t := range s.kept {
		if t.what == caseInactive {
			dead = append(dead, t)
		} else if t.what == "" && !t.expired() {
			alive = append(alive, t)
		}
	}
	if len(dead) < leastAged || len(alive) < leastAged {
		return
	}
	byAge := func(a, b *issuedToken) int { return a.answered.Compare(b.answered) }
	youngest, oldest := slices.MaxFunc(dead, byAge), slices.MinFunc(alive, byAge)
	if !youngest.answered.Before(oldest.answered) {
		return
	}
	s.target.book.Once("", "tokens that died are older than all that live",
		fmt.Sprintf("tokens that died are older than all that live: of those looked at, "+
			"all %d issued by %s are dead, and all %d issued since %s live, which are about the newest %d of %d: a "+
			"restart lost them, or only so many are kept",
			len(dead), youngest.answered.Format(time.TimeOnly), len(alive), oldest.answered.Format(time.TimeOnly),
			s.seen-oldest.nth+1, s.seen))
}

// claimsOf says what is wrong with what introspection says of an issued token.
func (s *sample) claimsOf(a oauth.Introspection, t issuedToken) string {
	s.target.book.Odd("introspect", a.Odd)
	if t.sub != "" && a.Subject != "" && a.Subject != t.sub {
		return "active token with another sub than its own"
	}
	return s.inspector.claimsOf(a, t.promise, time.Now())
}

// readJWT says what is wrong with a token that is a JWT (RFC 9068 section 4). What
// cannot be verified is counted, and convicts nobody.
func (s *sample) readJWT(ctx context.Context, t *issuedToken) (string, error) {
	if !oauth.LooksLikeJWT(t.token) {
		return "", nil
	}
	j, err := oauth.ReadJWT(t.token)
	if err != nil && j.Algorithm == "" {
		s.target.book.Note("", "signature of a JWT not verified: its header cannot be read, so that it may be no JWT")
		return "", nil
	}
	if what, err := s.signatureOf(ctx, j); err != nil || what != "" {
		return what, err
	}
	var refused *oauth.Refused
	if errors.As(err, &refused) {
		return refused.Case(), nil
	}
	t.sub = j.Claims.Subject
	return s.judgeJWT(*t, j), nil
}

// signatureOf says what is wrong with a JWT's signature.
func (s *sample) signatureOf(ctx context.Context, j oauth.JWT) (string, error) {
	if s.unread != nil {
		return "", s.unread
	}
	if s.keys == nil {
		s.target.book.Note("", "signatures of JWTs not checked: the server publishes no key set")
		return "", nil
	}
	why, err := s.keys.First.Verify(j)
	if err != nil && !errors.Is(err, oauth.ErrUnsigned) || why == oauth.NoKey {
		newest, failed := s.keys.Renew(ctx, s.published)
		if failed != nil {
			return "", failed
		}
		why, err = newest.Verify(j)
	}
	if why != "" {
		s.target.book.Note("", "signature of a JWT not verified: "+string(why))
	} else if err == nil {
		s.target.book.Count(FactJWTsVerified, 1)
	}
	for _, known := range []error{oauth.ErrUnsigned, oauth.ErrSignature, oauth.ErrUnknownKey} {
		if errors.Is(err, known) {
			return known.Error(), nil // without what may quote the token
		}
	}
	return "", err
}

// judgeJWT says what is wrong with the claims of a JWT.
func (s *sample) judgeJWT(t issuedToken, j oauth.JWT) string {
	c, book := j.Claims, s.target.book
	book.Odd("", c.Odd)
	switch {
	case !s.issuedBy(c.Issuer, j.Type == "at+jwt" || j.Type == "application/at+jwt"):
		return "JWT of another issuer"
	case c.Expires == 0:
		return "JWT without exp"
	case c.ClientID != "" && c.ClientID != t.clientID:
		return "JWT with another client_id"
	case t.subject != "" && c.Subject != "" && c.Subject != t.subject:
		return "JWT of another user"
	case !granted(t.scope, c.Scope):
		return "JWT with another scope"
	case !s.tells("JWT", t.scope, c.Scope):
		return "JWT without the scope that others of this server carry"
	case !s.carries("JWT", t.audience, c.Audience):
		return "JWT for another audience"
	case c.ID != "" && !book.Agreed("token with jti "+c.ID, digest(t.token)):
		return "JWT with the jti of another token"
	case t.subject == "" && c.Subject != "" && !book.Agreed("sub of client "+t.clientID, c.Subject):
		return "JWT with another sub than the client's other tokens"
	}
	if what := s.datesOf(oauth.Dates{Issued: c.Issued, NotBefore: c.NotBefore, Expires: c.Expires}, t.promise,
		t.answered); what != "" {
		return "JWT with an " + what
	}
	return ""
}

// digest stands for a token where only sameness matters.
func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return string(sum[:16])
}
