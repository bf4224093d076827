package hydra

import (
	"slices"
	"strings"
	"testing"
)

// A row knows a token by what is behind its last dot, or by that text's hash. The hash is that of
// FIPS 180-4's example for SHA-384.
func TestMarks(t *testing.T) {
	const hash = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
	for _, token := range []string{"abc", "key.abc", "ory_rt_key.abc", "header.payload.abc"} {
		if got := marks(token); !slices.Equal(got, []string{"abc", hash}) {
			t.Errorf("marks(%q) = %q", token, got)
		}
	}
}

// 1.x keeps a refresh token that was revoked, so that a second use of it is known; 2.x deletes it.
func TestRefreshTokensEndAsTheReleaseEndsThem(t *testing.T) {
	for release, want := range map[version]string{{1, 11}: "UPDATE hydra_oauth2_refresh SET active = false",
		{2, 3}: "DELETE FROM hydra_oauth2_refresh"} {
		r := rows(release)
		for _, statements := range [][]string{r.Revoke, r.Subject, r.Grants} {
			if all := strings.Join(statements, ";"); !strings.Contains(all, want) ||
				!strings.Contains(all, "DELETE FROM hydra_oauth2_access") {
				t.Errorf("%v: %s; want access tokens deleted and %q", release, all, want)
			}
		}
	}
}
