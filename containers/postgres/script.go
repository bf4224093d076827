package postgres

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// run runs a script as one message, so that without BEGIN and COMMIT of its own it is one transaction. A
// *stack.StatementError is the error when the database refuses a statement.
func run(ctx context.Context, c *pgx.Conn, script string) error {
	begins := statements(script)
	for _, at := range begins {
		if fromClient.MatchString(script[at:]) {
			return &stack.StatementError{Line: lineOf(script, at),
				Said: "COPY FROM STDIN is for psql alone: use INSERT"}
		}
	}
	results := c.PgConn().Exec(ctx, script)
	done := 0
	for results.NextResult() {
		if _, err := results.ResultReader().Close(); err == nil {
			done++
		}
	}
	return refusal(script, begins, done, results.Close())
}

// fromClient begins a statement whose rows a client would have to send.
var fromClient = regexp.MustCompile(`(?i)^copy\s[^;]*\sfrom\s+stdin\b`)

// notTheScripts are classes of errors that say nothing of a script: of resources, of an operator, of the
// system, of the database's own faults.
var notTheScripts = []string{"53", "57", "58", "XX"}

// refusal makes an error that is the script's own one of a line: that which the database names, or else
// that of the first statement that was not done.
func refusal(script string, begins []int, done int, err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || len(refused.Code) < 2 || slices.Contains(notTheScripts, refused.Code[:2]) {
		return err
	}
	at := 0
	switch {
	case refused.Position > 0: // in characters, from 1
		for range refused.Position - 1 {
			_, n := utf8.DecodeRuneInString(script[at:])
			at += n
		}
	case len(begins) > 0: // what is deferred to the end is the last one's
		at = begins[min(done, len(begins)-1)]
	}
	said := refused.Error()
	for _, more := range []string{refused.Detail, refused.Hint} {
		if more != "" {
			said += "; " + more
		}
	}
	return &stack.StatementError{Line: lineOf(script, at), Said: said}
}

// lineOf is the number of the line, from 1, that a byte of a script is in.
func lineOf(script string, at int) int { return 1 + strings.Count(script[:at], "\n") }

// dollars begins and ends a text in a script.
var dollars = regexp.MustCompile(`^\$(?:[\pL_][\pL\pN_]*)?\$`)

// statements are where the statements of a script begin, in bytes; empty ones are none. It knows
// comments and each way of quoting, and not the bodies of functions that stand unquoted (BEGIN ATOMIC).
func statements(script string) (begins []int) {
	within, last, before := false, ' ', ' ' // a statement, and the characters before
	for i := 0; i < len(script); {
		rest := script[i:]
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case strings.HasPrefix(rest, "--"):
			i, last, before = i+until(rest, "\n"), ' ', ' '
			continue
		case strings.HasPrefix(rest, "/*"):
			i, last, before = i+comment(rest), ' ', ' '
			continue
		case r == ';':
			within = false
		case !unicode.IsSpace(r) && !within:
			begins, within = append(begins, i), true
		}
		switch tag := dollars.FindString(rest); {
		case r == '\'' || r == '"':
			n = quoted(rest, r == '\'' && (last == 'e' || last == 'E') && !wordly(before))
		case tag != "" && !wordly(last):
			n = len(tag) + until(rest[len(tag):], tag)
		}
		i, last, before = i+n, r, last
	}
	return begins
}

// wordly tells whether a character may be part of a name.
func wordly(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// until is how far it is to the end of what ends a text, or of the text.
func until(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// comment is how long the comment is that a text begins with. Comments stand in comments.
func comment(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth, i = depth+1, i+1
		case "*/":
			depth, i = depth-1, i+1
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// quoted is how long the quotation is that a text begins with; a mark that stands twice does not end it, which
// reads as two quotations that follow each other.
func quoted(text string, escapes bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == text[0]:
			return i + 1
		}
	}
	return len(text)
}
