package lapses

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
)

// Forged tells whether introspection believes a JWT whatever its signature.
func (l *Lapses) Forged() bool { return l.has("forged", "") }

// Issued remembers a token that was handed out.
func (l *Lapses) Issued(value string) {
	fold, prefix := l.has("casefold", ""), l.has("prefix", "")
	if !fold && !prefix || len(value) <= unread {
		return
	}
	m := &l.issued
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.folded == nil {
		m.folded, m.begins, m.lengths = map[string]string{}, map[string]string{}, map[int]bool{}
	}
	if fold {
		m.folded[strings.ToLower(value)] = value
	}
	if prefix {
		begin := value[:len(value)-unread]
		m.begins[begin], m.lengths[len(begin)] = value, true
	}
}

// Meant gives the token that a presented one is taken for: itself, but for one that
// differs from a token in case only, or in its last characters only.
func (l *Lapses) Meant(value string) string {
	if l.None() {
		return value
	}
	m := &l.issued
	m.mu.Lock()
	defer m.mu.Unlock()
	if original, ok := m.folded[strings.ToLower(value)]; ok {
		return original
	}
	for n := range m.lengths {
		if n <= len(value) {
			if original, ok := m.begins[value[:n]]; ok {
				return original
			}
		}
	}
	return value
}

// Unsupported tells whether introspection and revocation refuse a token for its type.
func (l *Lapses) Unsupported(value string) bool {
	return l.has("jwt_unsupported", "") && strings.Count(value, ".") == 2
}

// RefusesInactive tells whether introspection answers an error for tokens that are not
// active, where RFC 7662 section 2.2 wants active false.
func (l *Lapses) RefusesInactive() bool { return l.has("inactive_400", "") }

// Malformed tells whether introspection refuses a token for its form.
func (l *Lapses) Malformed(value string) bool {
	return l.has("malformed_400", "") && !wellFormed(value)
}

// refreshForm is that of refresh tokens.
var refreshForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// wellFormed tells whether a value looks like a token: a refresh token, or an access
// token, which is a JWS of three parts or a JWE of five.
func wellFormed(value string) bool {
	parts := strings.Split(value, ".")
	if len(parts) != 3 && len(parts) != 5 {
		return refreshForm.MatchString(value)
	}
	for i, part := range parts {
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || i == 0 && !json.Valid(text) {
			return false
		}
	}
	return true
}
