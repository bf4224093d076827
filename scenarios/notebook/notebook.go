// Package notebook keeps what is learnt of a server beside its answers being right or
// wrong: notes for the reader, what its answers must agree on, and its clock.
package notebook

import (
	"net/http"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Book keeps what is learnt of a deployment beside its answers being right or wrong:
// notes for the reader, and what its answers must agree on. One serves all scenarios of a
// deployment. Safe for concurrent use; a nil one forgets everything.
type Book struct {
	mu    sync.Mutex
	since bench.Observation // notes and facts since they were last taken
	first map[string]string // the text that was noted first, by what it is about
	agree map[string]string // what was said first of something that must stay the same
	clock clock
	left  int64 // tokens that were issued and not revoked, since they were last told
}

// New is an empty book.
func New() *Book {
	return &Book{first: map[string]string{}, agree: map[string]string{}}
}

// Note counts one more occurrence of what the reader should know. operation may be "".
func (b *Book) Note(operation, text string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if operation != "" {
		text = operation + ": " + text
	}
	b.since.Note(text, 1)
}

// Count adds to a fact.
func (b *Book) Count(fact string, n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since.Merge(bench.Observation{Facts: map[string]int64{fact: n}})
}

// Accuse keeps a flaw, each once.
func (b *Book) Accuse(flaw bench.Flaw) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since.Merge(bench.Observation{Flaws: []bench.Flaw{flaw}})
}

// Odd notes what was odd about an answer.
func (b *Book) Odd(operation string, odd oauth.Oddities) {
	for _, o := range odd {
		b.Note(operation, o)
	}
}

// Once notes a text that differs each time, in the words in which it came first.
func (b *Book) Once(operation, about, text string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	key := operation + "\x00" + about
	known, ok := b.first[key]
	if !ok && len(b.first) < bench.MaxNotes {
		known, b.first[key] = text, text
	}
	b.mu.Unlock()
	if known == "" {
		known = about
	}
	b.Note(operation, known)
}

// Agreed tells whether value is what was said first of something. A book keeps a bounded
// number of these and then agrees to all that is new.
func (b *Book) Agreed(about, value string) bool {
	const most = 1 << 16
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	known, ok := b.agree[about]
	if !ok && len(b.agree) < most {
		b.agree[about] = value
	}
	return !ok || known == value
}

// Take returns the notes and facts since the last call.
func (b *Book) Take() bench.Observation {
	if b == nil {
		return bench.Observation{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left > 0 {
		b.since.Note("tokens left at the server, alive until they expire", b.left)
		b.left = 0
	}
	o := b.since
	b.since = bench.Observation{}
	return o
}

// Refused notes in which words the server refused a request, or where it redirected to.
func (b *Book) Refused(operation, name string, sent *oauth.Request, status int, header http.Header, body []byte) {
	if b == nil {
		return
	}
	var secrets []string
	if sent != nil {
		secrets = sent.Secrets()
	}
	if to := oauth.RedirectsTo(status, header, secrets...); to != "" {
		b.Once(operation, name, name+": the server redirects to "+to+", which is not followed")
		return
	}
	if said := oauth.ParseRefusal(body).Description; said != "" {
		b.Once(operation, name, name+": the server says "+oauth.Quote(said, secrets...))
	}
}

// Left counts n more tokens that are left at a server, or fewer when n is negative.
func (b *Book) Left(n int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}

// clock is what the Date headers of answers tell of the server's clock: how far it is
// ahead of ours, at least and at most.
type clock struct {
	known       bool
	least, most time.Duration
}
