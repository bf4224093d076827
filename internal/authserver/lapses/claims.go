package lapses

import (
	"crypto/rand"
	"time"
)

// constantID is the jti of all tokens whose jti is equal.
const constantID = "1"

// Skew is how far the server's clock is from the right time.
func (l *Lapses) Skew() time.Duration { return l.duration("clock_skew") }

// Claims changes the claims of a JWT access token that is issued now; it tells false
// when it has not.
func (l *Lapses) Claims(claims map[string]any) bool {
	if l.None() {
		return false
	}
	changed := false
	set := func(name string, value any) { claims[name], changed = value, true }
	issued, _ := claims["iat"].(float64)
	if skew := l.Skew(); skew != 0 {
		issued += skew.Seconds()
		set("iat", issued)
		set("nbf", issued)
	}
	if early := l.duration("early_nbf"); early != 0 {
		set("nbf", issued+early.Seconds())
	}
	if short := l.duration("short_exp"); short != 0 {
		set("exp", issued+short.Seconds())
	}
	if expires, ok := claims["exp"].(float64); ok && l.has("exp_fraction", tokenOperation) {
		set("exp", expires+0.5)
	}
	if l.has("equal_jti", "") {
		set("jti", constantID)
		set("nonce", rand.Text()) // two of one second would be one token
	}
	if l.has("other_sub", tokenOperation) && l.strikes("other_sub") {
		set("sub", otherSubject)
	}
	return changed
}

// UnknownKey tells whether the next JWT is signed by a key that is not in the key set.
func (l *Lapses) UnknownKey() bool { return l.strikes("unknown_key") }

// Alter remembers the token that a JWT with changed claims, or another signature, stands for.
func (l *Lapses) Alter(jwt, id string) { l.altered.ids.Store(jwt, id) }

// Altered gives the token that such a JWT stands for; "" when it is none of them.
func (l *Lapses) Altered(jwt string) string {
	if l.None() {
		return ""
	}
	id, _ := l.altered.ids.Load(jwt)
	text, _ := id.(string)
	return text
}
