package scenarios

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// A server that calls every token inactive, or at which one revocation ends all tokens of
// a client, is convicted for exactly that, and no lag is a figure where no live token was
// seen to die.
func TestRevocationsThatWereNeverSeen(t *testing.T) {
	const inactive = `{"active":false}`
	revocations := 0 // of the server that restarts
	for _, c := range []struct {
		name      string
		elsewhere string // introspection endpoint of another instance
		fault     func(s *fakeServer, path string, form url.Values, tok *fakeToken) (int, string, bool)
		want      string // the one case; "" for a right server
		lag       bool
	}{
		{name: "right", lag: true},
		{name: "right, at two instances", elsewhere: "http://fake.test/introspect?elsewhere", lag: true},
		{name: "blind", want: caseNeverAlive,
			fault: func(_ *fakeServer, path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				return 200, inactive, path == "/introspect"
			}},
		{name: "blind instance", elsewhere: "http://fake.test/introspect?elsewhere",
			want: caseNeverAlive + elsewhereToo,
			fault: func(_ *fakeServer, path string, form url.Values, _ *fakeToken) (int, string, bool) {
				return 200, inactive, path == "/introspect" && form.Has("elsewhere")
			}},
		{name: "kills all", want: caseKilledAll, lag: true,
			fault: func(s *fakeServer, _ string, _ url.Values, _ *fakeToken) (int, string, bool) {
				s.killAll = true
				return 0, "", false
			}},
		{name: "loses tokens with a restart", want: caseLostAway, lag: true,
			fault: func(s *fakeServer, path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				if path != "/revoke" {
					return 0, "", false
				}
				if revocations++; revocations == 40 {
					for _, token := range s.tokens {
						token.revoked = true
					}
				}
				return 502, "", revocations >= 40 && revocations < 45
			}},
		{name: "refuses inactive tokens", want: caseRefusedInactive,
			fault: func(_ *fakeServer, path string, _ url.Values, tok *fakeToken) (int, string, bool) {
				return 400, `{"error":"invalid_token"}`, path == "/introspect" && !tok.live()
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				if c.fault != nil {
					s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
						return c.fault(s, path, form, tok)
					}
				}
				p := Defaults()
				p.RefreshShare, p.OracleShare, p.ForeignShare = 0, 0.5, 0.1
				client := generator.NewClientTransport(time.Second, s)
				set, err := Open(t.Context(), []Scenario{revoke},
					Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(), Elsewhere: c.elsewhere, Parallel: 4,
						Parameters: p})
				if err != nil {
					t.Fatal(err)
				}
				got, err := trialOf(t, client, set,
					bench.Load{Process: "constant", Length: 5 * time.Second, Timeout: time.Second, Workers: 10,
						Streams: []bench.Stream{{Scenario: "revoke", Rate: 20}}})
				if err != nil {
					t.Fatal(err)
				}
				m := got.Measurement("revoke")
				for name := range maps.Keys(m.Cases) {
					if name != c.want && !strings.HasPrefix(name, "status 502") {
						t.Errorf("%q was found, too", name)
					}
				}
				if (m.Cases[c.want] > 0) != (c.want != "") || got.Unverified != "" {
					t.Errorf("cases %v, unverified %q; want %q", m.Cases, got.Unverified, c.want)
				}
				if _, lag := got.Lags[LagRevocation]; lag != c.lag {
					t.Errorf("lag given: %v; want %v", lag, c.lag)
				}
			})
		})
	}
}

// What a server does with the tokens of one client is noticed before the load: what cannot
// be measured then is refused with the reason, or done with more clients.
func TestTokensAsServersMakeThem(t *testing.T) {
	for _, c := range []struct {
		name, scenario string
		clients        int
		prepare        func(s *fakeServer)
		opens          string // part of the error of Open, "" for none
		trial          string // of the first trial, likewise
	}{
		{"same token, revoked", "revoke", 1, func(s *fakeServer) { s.sameToken = true }, "the same token", ""},
		{"same token, too few clients", "revoke", 3, func(s *fakeServer) {
			s.sameToken = true
		}, "", "needs a client for each token"},
		{"same token, enough clients", "revoke", 200, func(s *fakeServer) { s.sameToken = true }, "", ""},
		{"same token, introspected", "introspect", 1, func(s *fakeServer) { s.sameToken = true }, "", ""},
		{"same token, issued", "token", 1, func(s *fakeServer) { s.sameToken = true }, "", ""},
		{"one token, revoked", "revoke", 1, func(s *fakeServer) {
			s.oneToken = true
		}, "ends the client's one before", ""},
		{"one token, introspected", "introspect", 2, func(s *fakeServer) { s.oneToken = true }, "", ""},
		{"one token, issued", "token", 2, func(s *fakeServer) { s.oneToken = true }, "", ""},
		{"not introspected", "introspect", 1, unsupported("/introspect"), "does not introspect its own tokens", ""},
		{"not introspected, revoked", "revoke", 1, unsupported("/introspect"), "does not introspect its own tokens",
			""},
		{"not revoked", "revoke", 1, unsupported("/revoke"), "does not revoke its own tokens", ""},
		{"not revoked, introspected", "introspect", 1, unsupported("/revoke"), "", ""},
		{"not introspected, issued", "token", 1, unsupported("/introspect"), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				c.prepare(s)
				p := Defaults()
				p.Clients = c.clients
				chosen, err := Find([]string{c.scenario})
				if err != nil {
					t.Fatal(err)
				}
				client := generator.NewClientTransport(time.Second, s)
				set, err := Open(t.Context(), chosen,
					Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 4, Parameters: p})
				if (err != nil) != (c.opens != "") || err != nil && !strings.Contains(err.Error(), c.opens) {
					t.Fatalf("open: %v; want %q", err, c.opens)
				}
				if err != nil {
					return
				}
				got, err := trialOf(t, client, set,
					bench.Load{Process: "constant", Length: 5 * time.Second, Timeout: time.Second, Workers: 10,
						Streams: []bench.Stream{{Scenario: c.scenario, Rate: 20}}})
				if (err != nil) != (c.trial != "") || err != nil && !strings.Contains(err.Error(), c.trial) {
					t.Fatalf("trial: %v; want %q", err, c.trial)
				}
				if err != nil {
					return
				}
				if m := got.Measurement(c.scenario); m.Outcomes.Failed() > 0 || got.Unverified != "" {
					t.Errorf("%+v, %v, unverified %q", m.Outcomes, m.Cases, got.Unverified)
				}
			})
		})
	}
}

// unsupported makes a server refuse live tokens for their kind at an endpoint.
func unsupported(at string) func(*fakeServer) {
	return func(s *fakeServer) {
		s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 400, `{"error":"unsupported_token_type"}`, path == at && tok != nil
		}
	}
}

// A server that refuses the few tokens that are asked for before the load is loaded all the
// same: how much it refuses is what the load finds out.
func TestRefusalsBeforeTheLoadEndNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, asked := newFakeServer(), 0
		s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
			if path == "/token" {
				asked++
			}
			return 503, "", path == "/token" && asked%3 == 1
		}
		got := trialWith(t, s, Defaults(), 10, 5*time.Second, "token")
		m := got.Measurement("token")
		if m.Outcomes.Rejected < 30 || m.Outcomes.Rejected > 36 || m.Outcomes.Failed() != m.Outcomes.Rejected {
			t.Errorf("%+v, %v; want a third of 100 rejected, and nothing else", m.Outcomes, m.Cases)
		}
	})
}

// Of tokens of which only the newest live the server is said to keep only so many; what is
// lost otherwise is not excused.
func TestServerThatKeepsFewTokensIsNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		dead func(k int) bool // of 40
		want string
	}{
		{"all live", func(int) bool { return false }, ""},
		{"all but the newest 5 are dead", func(k int) bool { return k < 35 }, "about the newest 5 tokens"},
		{"all are dead", func(int) bool { return true }, ""},
		{"every second is dead", func(k int) bool { return k%2 == 0 }, ""},
		{"the oldest and one more are dead", func(k int) bool { return k == 0 || k == 20 }, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			target := Target{Server: s, HTTP: httpOf(s), Parallel: 1, Parameters: Defaults()}
			in, err := target.inspector(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			name := func(k int) string { return fmt.Sprintf("kept-%d", k) }
			for k := range 40 {
				s.tokens[name(k)] = &fakeToken{client: "c", expires: time.Now().Add(time.Hour), revoked: c.dead(k)}
			}
			asked := func(k int) oauth.Request { return in.request(name(k)) }
			for clients, want := range map[int]string{1: c.want, 5: strings.Replace(c.want, "5", "1", 1)} {
				err = in.keepsFew(t.Context(), "introspect", 40, clients, asked)
				if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("%s, %d clients: %v; want %q", c.name, clients, err, want)
				}
			}
		})
	}
}
