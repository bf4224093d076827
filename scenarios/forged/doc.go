// Package forged makes tokens that no server issued: strings of no form at all, strings
// that look like tokens, and near misses of tokens that are live. A right introspection
// calls each of them inactive. The package sends nothing and judges no answer.
package forged

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// Unknown are n tokens that look like opaque tokens of 256 bits and were never issued.
func Unknown(n int) []string {
	out := make([]string, n)
	for i := range out {
		sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("oauthbench unknown token "), uint64(i)))
		out[i] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return out
}

// Malformed have no form that any server issues, but are sent correctly.
var Malformed = []string{
	"x", ".", "..", "eyJhbGciOiJub25lIn0.e30.", "eyJ.eyJ.eyJ", "'; --", "%00", "\u00e9\u00e8", "ory_at_", "null", "a b",
	"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
}
