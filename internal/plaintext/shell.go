package plaintext

import "strings"

// Shell writes a command so that it can be pasted into a POSIX shell.
func Shell(command []string) string {
	var words []string
	for _, w := range command {
		w = Line(w)
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
				strings.ContainsRune("@%+=:,./_-", r))
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
