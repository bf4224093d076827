package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Plain makes text that may hold words of a server or a plan fit for a terminal and a
// log, line by line, without the secrets of this process.
func Plain(text string) string {
	lines := strings.Split(plaintext.Secrets.String(text), "\n")
	for i, l := range lines {
		lines[i] = plaintext.Line(l)
	}
	return strings.Join(lines, "\n")
}

// Fprintf is fmt.Fprintf for arguments that may hold words of others, such as a server, an
// image, a plan or a stored file: strings, errors and what is a fmt.Stringer are made plain.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	made := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			made[i] = Plain(a)
		case error:
			made[i] = Plain(a.Error())
		case fmt.Stringer:
			made[i] = Plain(a.String())
		default:
			made[i] = a
		}
	}
	return fmt.Fprintf(w, format, made...)
}
