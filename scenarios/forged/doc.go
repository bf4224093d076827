// Package forged makes tokens that no server issued: strings of no form at all, strings
// that look like tokens, and near misses of tokens that are live. A right introspection
// calls each of them inactive. The package sends nothing and judges no answer.
package forged

// Malformed have no form that any server issues, but are sent correctly.
var Malformed = []string{
	"x", ".", "..", "eyJhbGciOiJub25lIn0.e30.", "eyJ.eyJ.eyJ", "'; --", "%00", "\u00e9\u00e8", "ory_at_", "null", "a b",
	"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
}
