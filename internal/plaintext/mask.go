package plaintext

import (
	"io"
	"strings"
	"sync"
)

// Hid stands where a secret was.
const Hid = "[secret]"

// leastSecret is the length in bytes below which a secret is not masked: it would turn up
// in ordinary words.
const leastSecret = 6

// ownWords are words of this program's own texts. A secret that is one of them is no
// secret, and hiding it would tear "client_[secret]_basic" apart; in Base64 or hexadecimal
// it is hidden all the same.
var ownWords = []string{
	"secret", "client", "password", "bearer", "public", "client_secret", "disabled", "enabled", "database", "server",
	"postgres", "postgresql", "keycloak", "glewlwyd", "reference", "embedded", "external", "spring", "introspect",
	"revoke",
}

// Secrets hides those of this process. What reads a secret adds it; what prints or stores
// text of others passes it through.
var Secrets Mask

// Mask hides secrets in what is printed or stored: as they are, with any of their characters escaped
// for URLs, HTML or JSON, in hexadecimal, and in Base64, alone or within longer text such as a Basic
// header. The zero value hides nothing until secrets are added; safe for concurrent use.
type Mask struct {
	mu sync.RWMutex
	// spellings are those that may begin with a byte, by that byte.
	spellings [256][]spelling
	any       bool
}

// NewMask returns a mask of secrets.
func NewMask(secrets ...string) *Mask {
	m := &Mask{}
	m.Add(secrets...)
	return m
}

// Add hides more secrets from now on. Those shorter than six bytes are not hidden.
func (m *Mask) Add(secrets ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) < leastSecret {
			continue
		}
		m.any = true
		for _, s := range spellingsOf(secret) {
			for _, first := range s.firstBytes() {
				m.spellings[first] = append(m.spellings[first], s)
			}
		}
	}
}

// String hides the secrets in a text.
func (m *Mask) String(text string) string {
	masked, _ := m.hide(text, true)
	return masked
}

// hide hides the secrets in a text. Of one that goes on it leaves out, and returns as waiting, what may
// be the beginning of a secret.
func (m *Mask) hide(text string, whole bool) (masked, waiting string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.any {
		return text, ""
	}
	var out strings.Builder
	shown := 0 // All before it is written.
	for at := 0; at < len(text); {
		length, more := m.at(text[at:])
		if more && !whole {
			out.WriteString(text[shown:at])
			return out.String(), text[at:]
		}
		if length == 0 {
			at++
			continue
		}
		out.WriteString(text[shown:at])
		out.WriteString(Hid)
		at += length
		shown = at
	}
	out.WriteString(text[shown:])
	return out.String(), ""
}

// at tells how many bytes at the beginning of a text are a secret, and whether more text could make
// it one, or a longer one.
func (m *Mask) at(text string) (length int, more bool) {
	for _, s := range m.spellings[text[0]] {
		n, cut := s.match(text)
		more = more || cut
		if n > length && !isOwnWord(text[:n]) {
			length = n
		}
	}
	return length, more
}

// Writer returns a writer that hides the secrets in what passes to w, also those that come
// in pieces: what may be the beginning of a secret waits for the next write or for Flush.
func (m *Mask) Writer(w io.Writer) *MaskWriter { return &MaskWriter{mask: m, to: w} }

// MaskWriter is made by Mask.Writer. Safe for concurrent use.
type MaskWriter struct {
	mask    *Mask
	to      io.Writer
	mu      sync.Mutex
	waiting string
}

// Write tells of all of p, whether it has passed or waits.
func (w *MaskWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var masked string
	masked, w.waiting = w.mask.hide(w.waiting+string(p), false)
	_, err := io.WriteString(w.to, masked)
	return len(p), err
}

// Flush writes what has waited.
func (w *MaskWriter) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := io.WriteString(w.to, w.mask.String(w.waiting))
	w.waiting = ""
	return err
}
