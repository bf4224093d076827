package oauth

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// quoteLimit is how much of a server's text is shown, in characters.
const quoteLimit = 160

// Quote is a server's text in quotation marks, fit to be shown and stored: on one line,
// cut, with escapes for what is not printable, and with what may be a secret masked.
// secrets are those that the request held, in any of the forms in which they were sent.
func Quote(text string, secrets ...string) string {
	text = plaintext.Secrets.String(text) // Before it is cut: half a secret would not be known again.
	for _, secret := range secrets {
		if len(secret) >= 4 { // a shorter one hides more than it protects
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return strconv.Quote(begin(text, quoteLimit))
}

// begin is the beginning of a text on one line, of at most so many characters, with what may
// be a secret masked.
func begin(text string, most int) string {
	words := strings.Fields(strings.ToValidUTF8(text, "�"))
	for i, w := range words {
		words[i] = maskWord(w)
	}
	runes := []rune(strings.Join(words, " "))
	if len(runes) > most {
		runes = append(runes[:most:most], '…')
	}
	return string(runes)
}

// longestWord is how long a word of a language and the names of OAuth may be; what is
// longer and has a digit may be a token or the number of a request.
const longestWord = 20

// maskWord masks the parts of a word that could be a secret.
func maskWord(word string) string {
	var b strings.Builder
	part := func(s string) {
		if len(s) > longestWord && strings.ContainsFunc(s, unicode.IsDigit) {
			s = "***"
		}
		b.WriteString(s)
	}
	start := 0
	for i, r := range word {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.~+=", r) {
			part(word[start:i])
			b.WriteString(word[i : i+len(string(r))])
			start = i + len(string(r))
		}
	}
	part(word[start:])
	return b.String()
}

// brief quotes the beginning of a body for an error message.
func brief(body []byte) string {
	const most, looked = 60, 1 << 16 // A secret that is cut there is far behind what is shown.
	text := string(body[:min(len(body), looked)])
	return strconv.Quote(begin(plaintext.Secrets.String(text), most))
}

// RedirectsTo is where an answer redirects to, in quotation marks and fit to be shown as a text is that
// is quoted: without its query, which may repeat what was sent, and without a password. "" where the
// answer is no redirection, or names no place.
func RedirectsTo(status int, header http.Header, secrets ...string) string {
	place := header.Get("Location")
	if status/100 != 3 || place == "" {
		return ""
	}
	u, err := url.Parse(place)
	if err != nil {
		return "an address that cannot be read"
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return Quote(u.String(), secrets...)
}
