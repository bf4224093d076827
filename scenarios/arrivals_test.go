package scenarios

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// What would be stale before the trial ends is an error before it begins, not a server
// that is called wrong after ten minutes.
func TestNothingIsStaleBeforeTheTrialEnds(t *testing.T) {
	for _, c := range []struct {
		name    string
		streams []bench.Stream
		length  time.Duration
		change  func(*Parameters)
		want    string // "" for nothing wrong
	}{
		{"codes", []bench.Stream{{Scenario: "authcode", Rate: 1}}, 9 * time.Minute, nil, ""},
		{"a trial longer than codes live", []bench.Stream{{Scenario: "authcode", Rate: 1}}, 11 * time.Minute, nil,
			"scenario authcode: authorization codes are good for 10m0s and the trial takes 11m1s with its last answer"},
		{"codes that are stale when the last answer may come", []bench.Stream{{Scenario: "authcode", Rate: 1}},
			10*time.Minute - 500*time.Millisecond, nil,
			"scenario authcode: authorization codes are good for 10m0s"},
		{"tokens that live an hour", []bench.Stream{{Scenario: "userinfo", Rate: 1}, {Scenario: "introspect", Rate: 1}},
			59 * time.Minute, nil, ""},
		{"users' tokens that expire before the last answer", []bench.Stream{{Scenario: "userinfo", Rate: 1}},
			time.Hour - 500*time.Millisecond, nil,
			"scenario userinfo: tokens live 1h0m0s, the trial takes 59m59.5s and its last answer may take 1s more"},
		{"tokens that expire before the last answer", []bench.Stream{{Scenario: "introspect", Rate: 1}},
			time.Hour - 500*time.Millisecond, nil,
			"scenario introspect: tokens live 1h0m0s, the trial takes 59m59.5s and its last answer may take 1s more"},
		{"codes that wait while revoke prepares 600 tokens",
			[]bench.Stream{{Scenario: "authcode", Rate: 1}, {Scenario: "revoke", Rate: 5}}, 2 * time.Minute,
			func(p *Parameters) { p.PrepareRate, p.RefreshShare = 1, 0 }, "scenario authcode: what was prepared for 1"},
		{"the same, prepared faster", []bench.Stream{{Scenario: "authcode", Rate: 1}, {Scenario: "revoke", Rate: 5}},
			2 * time.Minute,
			func(p *Parameters) { p.PrepareRate, p.RefreshShare = 10, 0 }, ""},
		{"devices", []bench.Stream{{Scenario: "device", Rate: 1}}, 20 * time.Minute, nil,
			"scenario device: device codes are good for"},
		{"assertions of a grant", []bench.Stream{{Scenario: "jwt-bearer", Rate: 1}}, time.Hour, nil,
			"scenario jwt-bearer: assertions are good for 55m0s"},
		{"assertions of a client", []bench.Stream{{Scenario: "token", Rate: 1}}, time.Hour,
			func(p *Parameters) {
				p.ClientAuth, p.SigningAlg = oauth.AuthPrivateKeyJWT, oauth.ES256
			}, ""}, // They are signed half an hour before they are sent, and not earlier.
		{"assertions of a client that refreshes", []bench.Stream{{Scenario: "refresh", Rate: 1}}, time.Hour,
			func(p *Parameters) {
				p.ClientAuth, p.SigningAlg = oauth.AuthPrivateKeyJWT, oauth.ES256
			}, "scenario refresh: what was prepared for"},
		{"a secret, which does not spoil", []bench.Stream{{Scenario: "token", Rate: 1}}, time.Hour, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := newFakeServer()
				p := Defaults()
				p.OracleShare = 0
				if c.change != nil {
					c.change(&p)
				}
				var names []string
				for _, s := range c.streams {
					names = append(names, s.Scenario)
				}
				_, set := opened(t, server, p, 1, names...)
				load := bench.Load{Process: "constant", Length: c.length, Timeout: time.Second, Streams: c.streams}
				schedule, err := load.Draw(1)
				if err != nil {
					t.Fatal(err)
				}
				_, err = set.Prepare(t.Context(), load, schedule, 1)
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v; want %q", err, c.want)
				}
			})
		})
	}
}
