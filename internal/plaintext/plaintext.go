package plaintext

import (
	"strings"
	"unicode"
)

// Line makes a string from a server, a plan or a command line fit for one line of
// a terminal: control characters, which could move the cursor or hide text, become
// visible, and so do characters that change the direction of writing.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, s)
}

// Shell writes a command so that it can be pasted into a POSIX shell.
func Shell(command []string) string {
	var words []string
	for _, w := range command {
		w = Line(w)
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r))
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
