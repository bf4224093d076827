package plaintext

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// spelling is how a secret may be written: for each of its characters, one after another, the ways of
// that character. A server, a library and a proxy each escape what they think they must, so that any
// character of an echoed secret may be escaped beside others that are not.
type spelling [][]string

// spellingsOf are all ways in which a secret may turn up.
func spellingsOf(secret string) []spelling {
	all := []spelling{spell(secret)}
	// A secret is often encoded for a form before it is put into a Basic header (RFC 6749,
	// section 2.3.1).
	for _, raw := range []string{secret, url.QueryEscape(secret)} {
		for _, form := range base64Forms(raw) {
			all = append(all, spelling{{form}})
		}
	}
	inHex := hex.EncodeToString([]byte(secret))
	return append(all, spelling{{inHex, strings.ToUpper(inHex)}})
}

// spell is a text with each of its characters as it is or escaped.
func spell(text string) spelling {
	var s spelling
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		s = append(s, waysOf(text[:size], r))
		text = text[size:]
	}
	return s
}

// waysOf are those in which one character is written: as it is, in per cent (RFC 3986, section 2.1) once
// and twice, as a reference of HTML, and escaped for JSON or in Go.
func waysOf(char string, r rune) []string {
	var once, twice strings.Builder
	for _, b := range []byte(char) {
		fmt.Fprintf(&once, "%%%02x", b)
		fmt.Fprintf(&twice, "%%25%02x", b)
	}
	all := []string{char, once.String(), twice.String()}
	if r == utf8.RuneError {
		return all
	}
	all = append(all, fmt.Sprintf("&#%d;", r), fmt.Sprintf("&#x%x;", r))
	if r <= 0xffff {
		all = append(all, fmt.Sprintf(`\u%04x`, r))
	}
	if r < utf8.RuneSelf {
		all = append(all, fmt.Sprintf(`\x%02x`, r))
	}
	switch r {
	case ' ':
		all = append(all, "+")
	case '"':
		all = append(all, "&quot;", `\"`)
	case '\'':
		all = append(all, "&apos;", `\'`)
	case '\\', '/':
		all = append(all, `\`+char)
	case '&', '<', '>':
		all = append(all, html.EscapeString(char))
	}
	return all
}

// firstBytes are those that it may begin with.
func (s spelling) firstBytes() []byte {
	var first []byte
	for _, way := range s[0] {
		if !slices.Contains(first, way[0]) {
			first = append(first, way[0])
		}
	}
	return first
}

// match tells how many bytes at the beginning of a text are the spelling, at most, 0 when none are; and
// whether more text could make it that, or make it longer.
func (s spelling) match(text string) (length int, more bool) {
	for _, way := range s[0] {
		if len(text) < len(way) {
			more = more || same(text, way[:len(text)])
			continue
		}
		if !same(text[:len(way)], way) {
			continue
		}
		if len(s) == 1 {
			length = max(length, len(way))
			continue
		}
		rest, cut := s[1:].match(text[len(way):])
		more = more || cut
		if rest > 0 {
			length = max(length, len(way)+rest)
		}
	}
	return length, more
}

// same compares letters as they are, but for those of an escape.
func same(text, way string) bool {
	if len(way) > 1 && strings.ContainsRune(`%&\`, rune(way[0])) {
		return strings.EqualFold(text, way)
	}
	return text == way
}

// isOwnWord tells whether a text is a word of this program's own texts.
func isOwnWord(text string) bool { return slices.Contains(ownWords, text) }

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
