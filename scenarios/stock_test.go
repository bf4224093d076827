package scenarios

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// revocations notes what a server is asked: how many tokens it is to grant, and which clients'
// tokens are revoked, in order of arrival.
type revocations struct {
	*fakeServer
	asked   int      // of the token endpoint
	clients []string // whose tokens were revoked
}

func watchRevocations() *revocations {
	w := &revocations{fakeServer: newFakeServer()}
	w.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
		switch {
		case path == "/token":
			w.asked++
		case path == "/revoke" && tok != nil && !tok.revoked:
			w.clients = append(w.clients, tok.client)
		}
		return 0, "", false
	}
	return w
}

// loads sends the same loads, one after another, and returns how many tokens were granted beside
// them, and the clients whose tokens each revoked.
func (w *revocations) loads(t *testing.T, p Parameters, load bench.Load, n int) (beside []int, clients [][]string) {
	t.Helper()
	client, set := opened(t, w, p, 1, "token", "revoke")
	for range n {
		w.asked, w.clients = 0, nil
		got, err := trialOf(t, client, set, load)
		if err != nil || got.Unverified != "" {
			t.Fatal(err, got.Unverified)
		}
		if m := got.Measurement("revoke"); m.Outcomes.Failed() > 0 {
			t.Fatalf("revocations failed: %v", m.Cases)
		}
		beside = append(beside, w.asked-int(got.Measurement("token").Offered*load.Length.Seconds()+.5))
		clients = append(clients, w.clients)
	}
	return beside, clients
}

func stockLoad() (Parameters, bench.Load) {
	p := Defaults()
	p.RefreshShare, p.ForeignShare, p.TrustAuthentication = 0, 0, true
	return p, bench.Load{Process: "constant", Length: 20 * time.Second, Timeout: time.Second, Workers: 1,
		Streams: []bench.Stream{{Scenario: "token", Rate: 20}, {Scenario: "revoke", Rate: 20}}}
}

// Tokens that one load was granted are what the next one revokes, and next to nothing is minted
// beside it: the controls, as many tokens for their clients, and one that a client gets after second revocations.
func TestIssuedTokensAreTheStockOfRevocations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, load := stockLoad()
		beside, _ := watchRevocations().loads(t, p, load, 3)
		controls := 2*p.Clients + afterwards
		if beside[0] < 400 || beside[1] != controls+leastMinted || beside[2] != beside[1] {
			t.Errorf("tokens granted beside three loads with 400 revocations: %v; want all of the first, then %d",
				beside,
				controls+leastMinted)
		}
	})
}

// Of a short load and a long one in turn, as a warm-up and a trial are, neither mints what the other
// leaves it.
func TestShortLoadsLeaveTheStockOfLongOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, long := stockLoad()
		short := long
		short.Length = long.Length / 10
		w := watchRevocations()
		client, set := opened(t, w, p, 1, "token", "revoke")
		for k, load := range []bench.Load{short, long, short, long} {
			w.asked = 0
			got, err := trialOf(t, client, set, load)
			if err != nil || got.Unverified != "" {
				t.Fatal(err, got.Unverified)
			}
			beside := w.asked - int(load.Streams[0].Rate*load.Length.Seconds()+.5)
			if controls := 2*p.Clients + afterwards; k > 1 && beside != controls+leastMinted {
				t.Errorf("load %d: %d tokens were granted beside it; want %d", k, beside, controls+leastMinted)
			}
		}
	})
}

// Both versions get equal stocks: as many tokens, of the same clients in the same order, also where
// one of them refused some of those that the load before asked for.
func TestStocksOfTwoVersionsAreEqual(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, load := stockLoad()
		_, right := watchRevocations().loads(t, p, load, 3)
		refuses := watchRevocations()
		within := 0
		plain := refuses.fault
		refuses.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
			code, body, ok := plain(path, form, tok)
			// The last requests of the first two loads are under load, and some of them are refused.
			if within++; path == "/token" && len(refuses.clients) > 0 && within%7 == 0 {
				return 503, `{"error":"server_error"}`, true
			}
			return code, body, ok
		}
		_, wrong := refuses.loads(t, p, load, 3)
		for k := range right {
			if !slices.Equal(right[k], wrong[k]) || len(right[k]) != 400 {
				t.Errorf("load %d: tokens of %d and %d clients in turn were revoked; want the same 400:\n%s\n%s", k,
					len(right[k]), len(wrong[k]), strings.Join(right[k], " "), strings.Join(wrong[k], " "))
			}
		}
	})
}

// A server that lost its tokens, as one that keeps them in memory does in a restart, is not
// blamed for it by the revocations: they get fresh tokens.
func TestLostStockIsMintedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, load := stockLoad()
		w := watchRevocations()
		plain := w.fault
		w.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
			if w.asked == 0 { // The first request of a load finds a server that has forgotten all.
				for _, old := range w.tokens {
					old.revoked = true
				}
			}
			return plain(path, form, tok)
		}
		beside, clients := w.loads(t, p, load, 3)
		if slices.Min(beside) < 400 || len(clients[2]) != 400 {
			t.Errorf("tokens granted beside loads whose stock was lost: %v; want those of 400 revocations each", beside)
		}
	})
}

// A revocation that ends the other tokens of its client is a fault of revocation alone, also
// where those tokens were issued by the load.
func TestRevocationThatKillsIsNoFaultOfTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, load := stockLoad()
		s := newFakeServer()
		s.killAll = true
		client, set := opened(t, s, p, 1, "token", "revoke")
		for range 2 {
			got, err := trialOf(t, client, set, load)
			if err != nil {
				t.Fatal(err)
			}
			if m := got.Measurement("token"); m.Outcomes.Failed() > 0 {
				t.Errorf("tokens are blamed: %v", m.Cases)
			}
			if m := got.Measurement("revoke"); m.Cases[caseKilledAll] == 0 {
				t.Errorf("revocations are not blamed: %v", m.Cases)
			}
		}
	})
}

// afterwards is how many tokens are granted when the load is over.
const afterwards = 1
