package upgrade

import (
	"fmt"
	"slices"
	"testing"
)

// A client sticks to its side, and with a larger share none goes back.
func TestSwitchSticks(t *testing.T) {
	const clients = 10_000
	var s Switch
	before := map[string]bool{}
	for _, share := range []float64{0, 0.05, 0.25, 1} {
		s.Canary(share)
		green := 0
		for i := range clients {
			client := fmt.Sprintf("client-%d", i)
			at := s.Issue(client)
			if at != s.Issue(client) || before[client] && at != Green {
				t.Fatalf("share %g: %s is at %s", share, client, at)
			}
			if before[client] = at == Green; before[client] {
				green++
			}
		}
		// Binomial: five standard deviations of at most 50.
		if want := share * clients; float64(green) < want-250 || float64(green) > want+250 {
			t.Errorf("share %g: %d of %d clients at green", share, green, clients)
		}
	}
}

// Tokens are asked about where they were made while both serve, and revoked at both, so
// that going back loses nothing either.
func TestSwitchKnowsOrigins(t *testing.T) {
	var s Switch
	both := []Place{Blue, Green}
	for _, test := range []struct {
		what               string
		do                 func()
		askBlue, askGreen  Place
		revokesOfBlueToken []Place
	}{
		{"before", func() {}, Blue, Blue, []Place{Blue}},
		{"canary", func() { s.Canary(0.05) }, Blue, Green, both},
		{"canary of all", func() { s.Canary(1) }, Blue, Green, both},
		{"over, ready to go back", s.OverReady, Green, Green, []Place{Green, Blue}},
		{"over", s.Over, Green, Green, []Place{Green}},
		{"back", s.Back, Blue, Blue, []Place{Blue}},
	} {
		test.do()
		if s.Ask(Blue) != test.askBlue || s.Ask(Green) != test.askGreen {
			t.Errorf("%s: blue's token is asked about at %s, green's at %s", test.what, s.Ask(Blue), s.Ask(Green))
		}
		if got := s.Revoke(Blue); !slices.Equal(got, test.revokesOfBlueToken) {
			t.Errorf("%s: blue's token is revoked at %v; want %v", test.what, got, test.revokesOfBlueToken)
		}
	}
}
