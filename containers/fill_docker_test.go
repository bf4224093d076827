package containers

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// fillTwice fills the database of a server, and once more: a second time must not collide with the
// first. The speed is logged, not tested: a shared machine cannot promise it.
func fillTwice(t *testing.T, s *Stack, target string) {
	t.Helper()
	d := Dataset{Clients: 1000, Tokens: 200_000, Revoked: 0.05}
	for range 2 {
		begin := time.Now()
		f, err := s.Fill(t.Context(), d)
		if strings.HasPrefix(target, "keycloak:") {
			// It has no rule for growth yet, and says so instead of filling nothing.
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("fill: error %v; want that there is no rule", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d rows in %v, %.0f rows/s, %v in all; before %v, after %v",
			d, f.Written, f.Elapsed.Round(time.Millisecond), f.Rate(),
			time.Since(begin).Round(time.Millisecond), f.Before, f.After)
		if f.Written < d.Clients+d.Tokens {
			t.Errorf("%d rows were written; want at least %d", f.Written, d.Clients+d.Tokens)
		}
	}
}
