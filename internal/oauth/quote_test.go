package oauth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// However a text is cut, no piece of a secret in it is left that tells more than its first
// letters.
func TestCutTextHoldsNoPieceOfASecret(t *testing.T) {
	const secret = "s3cr3t-Pa55/word+of the client"
	plaintext.Secrets.Add(secret)
	for what, form := range map[string]string{
		"as it is": secret,
		"Base64":   base64.StdEncoding.EncodeToString([]byte("the-client:" + secret)),
		"hex":      fmt.Sprintf("%x", secret),
	} {
		for before := range 2 * quoteLimit {
			text := strings.Repeat("x ", before/2) + form
			quoted := map[string]string{"Quote": Quote(text)}
			_, err := ParseToken([]byte("<p>" + text))
			var refused *Refused
			if !errors.As(err, &refused) || refused.Quote == "" {
				t.Fatalf("a page instead of a token: error %v; want one that quotes it", err)
			}
			quoted["a page"] = refused.Quote
			for where, q := range quoted {
				at := 0
				if what == "Base64" {
					at = base64.StdEncoding.EncodedLen(len("the-client:")) // which is no secret
				}
				for ; at+6 <= len(form); at++ {
					if strings.Contains(q, form[at:at+6]) {
						t.Fatalf("%s, %s after %d: %s holds %q", where, what, before, q, form[at:at+6])
					}
				}
			}
		}
	}
}

// A token that no header could carry is refused, for all of a trial's are held in memory.
func TestTokenHasABound(t *testing.T) {
	answer := func(access, refresh int) []byte {
		return fmt.Appendf(nil, `{"token_type":"bearer","access_token":%q,"refresh_token":%q}`,
			strings.Repeat("a", access), strings.Repeat("r", refresh))
	}
	for _, n := range [][2]int{{longestToken, longestToken}, {longestToken + 1, 1}, {1, longestToken + 1}} {
		_, err := ParseToken(answer(n[0], n[1]))
		if refuse := max(n[0], n[1]) > longestToken; (err != nil) != refuse {
			t.Errorf("tokens of %v bytes: error %v; want a refusal: %v", n, err, refuse)
		}
	}
}
