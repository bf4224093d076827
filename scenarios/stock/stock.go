// Package stock keeps the tokens that one load was granted, for later loads to revoke. Minting
// a token for each revocation takes as long as the load itself where secrets are hashed, and is
// not measured; tokens that were issued and checked under load cost nothing more.
//
// Two versions that are sent the same loads have equal stocks: as many tokens, of the same
// clients in the same order, also where one of them refused some.
package stock

import (
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Token is what one arrival of a load was to be granted.
type Token struct {
	Owner oauth.Credential
	Value string // "" where nothing was granted: it is to be minted by its owner
	Asked time.Time
	Ends  time.Time // by itself, zero when that was not told
}

// Fresh tells whether the token exists and is good until a time, with most of its life before
// it: what is young can be revoked and looked at no later than one that was minted just now.
func (t Token) Fresh(now, until time.Time) bool {
	if t.Value == "" || t.Ends.IsZero() {
		return t.Value != ""
	}
	return t.Ends.After(until) && now.Sub(t.Asked) <= t.Ends.Sub(t.Asked)/4
}

// Stock is what loads left: it belongs to one deployment, and is not safe for concurrent use. The
// zero value is empty.
type Stock struct {
	kept []Token // of loads that both versions are sent alike, oldest first
	last []Token // of a load that only one version may have been sent: for the next load alone
	most int     // tokens that one load has put
}

// Put adds the tokens of a load that both versions are sent alike, by arrival. A short load takes less
// than a long one before it has left, and leaves less than a long one after it takes: the rest is kept,
// up to twice what the largest load has put.
func (s *Stock) Put(tokens []Token) {
	s.most = max(s.most, len(tokens))
	s.kept = append(s.kept, tokens...)
	if more := len(s.kept) - 2*s.most; more > 0 {
		s.kept = slices.Clone(s.kept[more:])
	}
}

// PutOnce replaces what the last load of this kind left: of a closed loop that one version may have been
// sent more of than the other.
func (s *Stock) PutOnce(tokens []Token) { s.last = tokens }

// Take takes the newest n tokens, in their order: those that were put once, of which none are left then,
// and as many as are missing of those that are kept.
func (s *Stock) Take(n int) []Token {
	once := s.last[max(0, len(s.last)-n):]
	s.last = nil
	first := max(0, len(s.kept)-(n-len(once)))
	taken := slices.Concat(s.kept[first:], once)
	s.kept = s.kept[:first:first]
	return taken
}

// Empty forgets all tokens: their server has lost them.
func (s *Stock) Empty() { s.kept, s.last = nil, nil }
