package scenarios

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"oauthbench/internal/oauth"
)

// keyRing is the server's published keys: as they were at first, and as they are now, for
// a server may take another key into use while a load runs. Safe for concurrent use.
type keyRing struct {
	first oauth.Keys

	mu     sync.Mutex
	newest oauth.Keys
	read   time.Time
}

// freshKeys is how long keys are new enough: one token after another that none of them
// signed must not ask for the set each time.
const freshKeys = time.Second

// renew returns the keys as they are now, by read.
func (k *keyRing) renew(ctx context.Context, read func(context.Context) (oauth.Keys, error)) (oauth.Keys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.read.IsZero() && time.Since(k.read) < freshKeys {
		return k.newest, nil
	}
	newest, err := read(ctx)
	if err != nil {
		return oauth.Keys{}, err
	}
	k.newest, k.read = newest, time.Now()
	return newest, nil
}

// readJWT says what is wrong with a token that is a JWT (RFC 9068 section 4). What
// cannot be verified is counted, and convicts nobody.
func (s *sample) readJWT(ctx context.Context, t *issuedToken) (string, error) {
	if !oauth.LooksLikeJWT(t.token) {
		return "", nil
	}
	j, err := oauth.ReadJWT(t.token)
	if err != nil && j.Algorithm == "" {
		s.target.book.Note("", "signature of a JWT not verified: its header cannot be read, so that it may be none")
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
	if s.keys == nil {
		s.target.book.Note("", "signatures of JWTs not checked: the server publishes no key set")
		return "", nil
	}
	why, err := s.keys.first.Verify(j)
	if err != nil && !errors.Is(err, oauth.ErrUnsigned) || why == oauth.NoKey {
		newest, failed := s.keys.renew(ctx, s.published)
		if failed != nil {
			return "", failed
		}
		why, err = newest.Verify(j)
	}
	if why != "" {
		s.target.book.Note("", "signature of a JWT not verified: "+string(why))
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
	case !s.target.issuedBy(c.Issuer, j.Type == "at+jwt" || j.Type == "application/at+jwt"):
		return "JWT of another issuer"
	case c.Expires == 0:
		return "JWT without exp"
	case c.ClientID != "" && c.ClientID != t.clientID:
		return "JWT with another client_id"
	case t.subject != "" && c.Subject != "" && c.Subject != t.subject:
		return "JWT of another user"
	case !granted(t.scope, c.Scope):
		return "JWT with another scope"
	case !audible(t.audience, c.Audience):
		return "JWT for another audience"
	case c.ID != "" && !book.Agreed("token with jti "+c.ID, digest(t.token)):
		return "JWT with the jti of another token"
	case t.subject == "" && c.Subject != "" && !book.Agreed("sub of client "+t.clientID, c.Subject):
		return "JWT with another sub than the client's other tokens"
	}
	if what := s.target.datesOf(oauth.Dates{Issued: c.Issued, NotBefore: c.NotBefore, Expires: c.Expires}, t.promise, t.got); what != "" {
		return "JWT with an " + what
	}
	return ""
}

// digest stands for a token where only sameness matters.
func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return string(sum[:16])
}
