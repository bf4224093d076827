// Package stock keeps the tokens that one load was granted, for the next load to revoke. Minting
// a token for each revocation takes as long as the load itself where secrets are hashed, and is
// not measured; tokens that were issued and checked under load cost nothing more.
//
// Two versions that are sent the same loads have equal stocks: as many tokens, of the same
// clients in the same order, also where one of them refused some.
package stock

import (
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

// Stock is what the last load left. The zero value is empty. It belongs to one deployment, and
// is not safe for concurrent use.
type Stock struct{ last []Token }

// Put replaces the stock by the tokens of a load, by arrival.
func (s *Stock) Put(tokens []Token) { s.last = tokens }

// Take empties the stock, and returns the newest n of it, in their order.
func (s *Stock) Take(n int) []Token {
	taken := s.last[max(0, len(s.last)-n):]
	s.last = nil
	return taken
}
