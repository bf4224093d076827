package lapses

import (
	"sync"
	"time"
)

// kept has the tokens that are given again, by who asks for what.
type kept struct {
	mu     sync.Mutex
	tokens map[string]Kept
}

// Kept is a token that is given again until it expires.
type Kept struct {
	Value     string // what the client has
	Signature string // by which the token is found
	Expires   time.Time
}

// Again gives the token that was issued before to who asks for the same, when the server
// gives the same token until it expires.
func (l *Lapses) Again(asked string, now time.Time) (Kept, bool) {
	if !l.has("same_token", "") {
		return Kept{}, false
	}
	l.kept.mu.Lock()
	defer l.kept.mu.Unlock()
	k, ok := l.kept.tokens[asked]
	return k, ok && now.Before(k.Expires)
}

// Keep remembers a token for Again.
func (l *Lapses) Keep(asked string, k Kept) {
	if !l.has("same_token", "") {
		return
	}
	l.kept.mu.Lock()
	defer l.kept.mu.Unlock()
	if l.kept.tokens == nil {
		l.kept.tokens = map[string]Kept{}
	}
	l.kept.tokens[asked] = k
}

// latest has the signature of the newest access token, by client and subject.
type latest struct {
	mu  sync.Mutex
	are map[string]string
}

// Former gives the signature of the access token that a new one of the same client and
// subject ends; "" for none.
func (l *Lapses) Former(client, subject, signature string) string {
	if !l.has("one_token", "") {
		return ""
	}
	l.latest.mu.Lock()
	defer l.latest.mu.Unlock()
	if l.latest.are == nil {
		l.latest.are = map[string]string{}
	}
	key := client + "\n" + subject
	former := l.latest.are[key]
	l.latest.are[key] = signature
	return former
}
