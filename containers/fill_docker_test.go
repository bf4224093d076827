package containers

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestFill fills every server's database and checks that it still serves. The speed
// that is asked for is logged, not tested: a shared machine cannot promise it.
func TestFill(t *testing.T) {
	for _, target := range tested() {
		t.Run(target, func(t *testing.T) {
			s := start(t, target, optionsOf(t, target))
			d := Dataset{Clients: 1000, Tokens: 200_000, Revoked: 0.05}
			for range 2 { // a second time must not collide with the first
				begin := time.Now()
				f, err := s.Fill(t.Context(), d)
				if strings.HasPrefix(target, "keycloak:") {
					// It has no rule for growth yet, and says so instead of filling nothing.
					if !errors.Is(err, errors.ErrUnsupported) {
						t.Errorf("fill: error %v; want that there is no rule", err)
					}
					break
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
			conform(t, s)
		})
	}
}
