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
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d rows in %v, %.0f rows/s, %v in all; before %v, after %v",
			d, f.Written, f.Elapsed.Round(time.Millisecond), f.Rate(),
			time.Since(begin).Round(time.Millisecond), f.Before, f.After)
		least := d.Clients + d.Tokens
		if strings.HasPrefix(target, "keycloak:") { // It keeps tokens only when they are revoked.
			least = d.Clients + int64(float64(d.Tokens)*d.Revoked)
			if _, err := s.Fill(t.Context(), Dataset{Tokens: 10}); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("fill with tokens that no row keeps: error %v; want that there is no rule", err)
			}
		}
		if f.Written < least {
			t.Errorf("%d rows were written; want at least %d", f.Written, least)
		}
	}
}
