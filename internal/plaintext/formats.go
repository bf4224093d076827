package plaintext

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// gap is a zero-width space. It stands where GitHub would see a mention, an issue or an
// address: entities would not do, for they are decoded before those are looked for.
const gap = "\u200b"

// ghNumber is how GitHub also writes an issue's number.
var ghNumber = regexp.MustCompile(`(?i)\b(gh-)([0-9])`)

// Markdown makes a string plain text within Markdown: no markup, no HTML, no new line, no
// link, and no mention of a person or an issue, which would call them to the comment.
func Markdown(s string) string {
	var b strings.Builder
	for _, r := range Line(s) {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '@', '#':
			b.WriteString(string(r) + gap)
		case '\\', '`', '*', '_', '[', ']', '|', '~', '!', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	text := strings.NewReplacer("://", ":"+gap+"//", "www.", "www"+gap+".", "WWW.", "WWW"+gap+".").Replace(b.String())
	return ghNumber.ReplaceAllString(text, "${1}"+gap+"${2}")
}

// Cell makes text fit for a spreadsheet: one line, and an apostrophe before what a
// spreadsheet would run as a formula (OWASP, CSV Injection).
func Cell(s string) string {
	s = Line(s)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " "))
	if strings.ContainsRune("=+-@|%＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// JSON escapes what a terminal would act on within a JSON text and leaves what it says as
// it is: encoding/json lets control characters above 0x7f and bidirectional ones through.
func JSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\n' || r == utf8.RuneError || !Hidden(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}
