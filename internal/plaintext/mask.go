package plaintext

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"net/url"
	"slices"
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
var ownWords = []string{"secret", "client", "password", "bearer", "public", "client_secret"}

// Secrets hides those of this process. What reads a secret adds it; what prints or stores
// text of others passes it through.
var Secrets Mask

// Mask hides secrets in what is printed or stored: as they are, encoded for URLs, HTML,
// JSON and in hexadecimal, and in Base64, alone or within longer text such as a Basic
// header. The zero value hides nothing until secrets are added; safe for concurrent use.
type Mask struct {
	mu    sync.RWMutex
	forms []string // longest first
	hide  *strings.Replacer
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
	for _, s := range secrets {
		if len(s) >= leastSecret {
			m.forms = append(m.forms, formsOf(s)...)
		}
	}
	slices.SortFunc(m.forms, func(a, b string) int { return len(b) - len(a) })
	m.forms = slices.Compact(m.forms)
	var pairs []string
	for _, f := range m.forms {
		pairs = append(pairs, f, Hid)
	}
	m.hide = strings.NewReplacer(pairs...)
}

// formsOf are the ways in which a secret may turn up.
func formsOf(s string) []string {
	quoted, _ := json.Marshal(s) // a string always can
	query, path := url.QueryEscape(s), url.PathEscape(s)
	forms := []string{
		s, query, path, lowerEscapes(query), lowerEscapes(path), html.EscapeString(s),
		string(quoted[1 : len(quoted)-1]),
		hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
	}
	// A secret is often encoded for a form before it is put into a Basic header (RFC 6749,
	// section 2.3.1).
	for _, raw := range []string{s, query} {
		forms = append(forms, base64Forms(raw)...)
	}
	return slices.DeleteFunc(forms, func(f string) bool { return len(f) < leastSecret || slices.Contains(ownWords, f) })
}

// base64Forms are what is constant of a text in Base64, wherever it begins within a group
// of three bytes, in both alphabets.
func base64Forms(s string) []string {
	var forms []string
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := e.EncodeToString([]byte(strings.Repeat("\x00", before) + s))
			first := (before*8 + 5) / 6 // characters that also hold bits of what is before
			last := (before + len(s)) * 8 / 6
			if last-first >= 7 { // less turns up by chance
				forms = append(forms, text[first:last])
			}
		}
	}
	return forms
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

// String hides the secrets in a text.
func (m *Mask) String(s string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.hide == nil {
		return s
	}
	return m.hide.Replace(s)
}

func (m *Mask) empty() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.forms) == 0
}

// Writer returns a writer that hides the secrets in what passes to w, also those that come
// in pieces: what may be the beginning of a secret waits for the next write or for Flush.
func (m *Mask) Writer(w io.Writer) *MaskWriter { return &MaskWriter{mask: m, to: w} }

// MaskWriter is made by Mask.Writer. Safe for concurrent use.
type MaskWriter struct {
	mask    *Mask
	to      io.Writer
	mu      sync.Mutex
	waiting []byte
}

// Write tells of all of p, whether it has passed or waits.
func (w *MaskWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 && w.mask.empty() {
		return w.to.Write(p)
	}
	text := w.mask.String(string(w.waiting) + string(p))
	keep := w.mask.beginning(text)
	w.waiting = []byte(text[len(text)-keep:])
	_, err := io.WriteString(w.to, text[:len(text)-keep])
	return len(p), err
}

// Flush writes what has waited.
func (w *MaskWriter) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.to.Write(w.waiting)
	w.waiting = nil
	return err
}

// beginning is how many bytes at the end of a text may begin a secret.
func (m *Mask) beginning(text string) int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	most := 0
	for _, f := range m.forms {
		for n := min(len(f)-1, len(text)); n > most; n-- {
			if strings.HasSuffix(text, f[:n]) {
				most = n
			}
		}
	}
	return most
}
