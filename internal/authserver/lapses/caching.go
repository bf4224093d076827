package lapses

import (
	"sync"
	"time"
)

// Repeats are the faults of a server that keeps to one token of a client.
type Repeats struct {
	planted
	kept   kept
	latest latest
}

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
func (r *Repeats) Again(asked string, now time.Time) (Kept, bool) {
	if !r.has("same_token", "") {
		return Kept{}, false
	}
	r.kept.mu.Lock()
	defer r.kept.mu.Unlock()
	k, ok := r.kept.tokens[asked]
	return k, ok && now.Before(k.Expires)
}

// Keep remembers a token for Again.
func (r *Repeats) Keep(asked string, k Kept) {
	if !r.has("same_token", "") {
		return
	}
	r.kept.mu.Lock()
	defer r.kept.mu.Unlock()
	if r.kept.tokens == nil {
		r.kept.tokens = map[string]Kept{}
	}
	r.kept.tokens[asked] = k
}

// latest has the signature of the newest access token, by client and subject.
type latest struct {
	mu  sync.Mutex
	are map[string]string
}

// Former gives the signature of the access token that a new one of the same client and
// subject ends; "" for none.
func (r *Repeats) Former(client, subject, signature string) string {
	if !r.has("one_token", "") {
		return ""
	}
	r.latest.mu.Lock()
	defer r.latest.mu.Unlock()
	if r.latest.are == nil {
		r.latest.are = map[string]string{}
	}
	key := client + "\n" + subject
	former := r.latest.are[key]
	r.latest.are[key] = signature
	return former
}
