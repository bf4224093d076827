package forged

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
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

// leastBits is how much of a token in the form of others must be left to chance, so that it is none that was issued.
const leastBits = 64

// Alike are n tokens in the form of issued ones that were never issued: each has, at each place, one of the characters
// that issued ones have there, so that what all have alike (a prefix, the dashes of a UUID) is kept. Of several
// lengths the most frequent one is taken. ok is false where the issued ones tell too little of their form: where they
// are few, all the same, or so much alike that one of the new ones could be issued; and where they are JWTs, signed or
// encrypted, whose form is not one of characters.
func Alike(issued []string, n int) (tokens []string, ok bool) {
	if slices.ContainsFunc(issued, hasHeader) {
		return nil, false
	}
	places := placesOf(issued)
	bits := 0.0
	for _, p := range places {
		bits += math.Log2(float64(len(p)))
	}
	if bits < leastBits {
		return nil, false
	}
	for k := uint64(0); len(tokens) < n; k++ {
		seed := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("oauthbench token alike "), k))
		token := make([]byte, len(places))
		for i, p := range places {
			one := sha256.Sum256(binary.LittleEndian.AppendUint64(seed[:], uint64(i)))
			token[i] = p[binary.LittleEndian.Uint64(one[:])%uint64(len(p))]
		}
		if !slices.Contains(issued, string(token)) {
			tokens = append(tokens, string(token))
		}
	}
	return tokens, true
}

// hasHeader tells whether a token begins with a JOSE header (RFC 7515 section 4, RFC 7516 section 4).
func hasHeader(token string) bool {
	header, _, several := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(header)
	return several && err == nil && json.Valid(text)
}

// placesOf are the characters that tokens of the most frequent length have at each place, each once.
func placesOf(tokens []string) []string {
	lengths := map[int]int{}
	for _, t := range tokens {
		lengths[len(t)]++
	}
	most := 0
	for length, n := range lengths {
		if n > lengths[most] || n == lengths[most] && length > most {
			most = length
		}
	}
	places := make([]string, most)
	for _, t := range tokens {
		for i := range places {
			if len(t) == most && !strings.Contains(places[i], t[i:i+1]) {
				places[i] += t[i : i+1]
			}
		}
	}
	return places
}
