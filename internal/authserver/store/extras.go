package store

import "strings"

// Extras are what an access token may have besides.
type Extras struct {
	Audience   []string // nil for the client alone
	Thumbprint string   // of the key that its holder must prove (RFC 9449); "" for a bearer token
	Actor      string   // who acts for the subject (RFC 8693 section 4.1); "" for nobody
}

// encode is how Extras are stored: "" for none, which nearly all are.
func (e Extras) encode() string { return joinExtras(e.Thumbprint, spaced(e.Audience), e.Actor) }

func decodeExtras(text string) Extras {
	if text == "" {
		return Extras{}
	}
	parts := splitExtras(text, 3)
	return Extras{Thumbprint: parts[0], Audience: fields(parts[1]), Actor: parts[2]}
}

// joinExtras stores what few rows have in one column, so that the others pay for one
// empty column only: lines, of which just the last may have line feeds in it.
func joinExtras(parts ...string) string {
	if strings.Join(parts, "") == "" {
		return ""
	}
	return strings.Join(parts, "\n")
}

// splitExtras gives n parts, those that are missing empty.
func splitExtras(text string, n int) []string {
	parts := strings.SplitN(text, "\n", n)
	return append(parts, make([]string, n-len(parts))...)
}

// spaced and fields convert lists of scopes (RFC 6749 section 3.3).
func spaced(scopes []string) string { return strings.Join(scopes, " ") }
func fields(scope string) []string  { return strings.Fields(scope) }
