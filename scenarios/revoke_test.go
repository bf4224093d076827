package scenarios

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Whatever the wrong client is told, as long as RFC 7009 knows the answer, the token must
// live.
func TestRevocationByTheWrongClient(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		revokes bool
		want    bench.Outcomes
		name    string
	}{
		{200, "", false, bench.Outcomes{OK: 400}, ""},
		{400, "invalid_grant", false, bench.Outcomes{OK: 400}, ""},
		{400, "unauthorized_client", false, bench.Outcomes{OK: 400}, ""},
		{401, "invalid_client", false, bench.Outcomes{OK: 400}, ""},
		{403, "", false, bench.Outcomes{OK: 400}, ""},
		{400, "invalid_request", false, bench.Outcomes{OK: 400}, ""},
		{404, "no_such_token", false, bench.Outcomes{OK: 400}, ""},
		{400, "", false, bench.Outcomes{Rejected: 400}, "status 400"},
		{500, "server_error", false, bench.Outcomes{Rejected: 400}, "status 500 server_error"},
		{200, "", true, bench.Outcomes{Invalid: 400}, "token revoked by the wrong client"},
		{400, "invalid_grant", true, bench.Outcomes{Invalid: 400}, "token revoked by the wrong client"},
	} {
		t.Run(fmt.Sprintf("%d %s revokes %v", c.status, c.body, c.revokes), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
					if path != "/revoke" || tok == nil {
						return 0, "", false
					}
					tok.revoked = c.revokes
					return c.status, `{"error":"` + c.body + `"}`, true
				}
				p := Defaults()
				p.ForeignShare, p.OracleShare = 1, 0
				got := trialWith(t, s, p, 100, 20*time.Second, "revoke")
				m := got.Measurement("revoke")
				if m.Outcomes != c.want || m.Cases[c.name] != m.Outcomes.Failed() {
					t.Errorf("%+v, %v; want %+v, %q", m.Outcomes, m.Cases, c.want, c.name)
				}
				if len(m.Expectations) != 1 || m.Expectations[0].State != stateWrongClient {
					t.Errorf("cases of the matrix %+v; want only those of the wrong client", m.Expectations)
				}
			})
		})
	}
}

// A token whose own time is over is inactive, whatever became of its revocation. So a
// server that loses every revocation must not pass because its tokens live shortly.
func TestExpiryProvesNoRevocation(t *testing.T) {
	for _, c := range []struct {
		name        string
		life        time.Duration
		rate        float64 // of preparing and verifying
		refresh     float64
		unprepared  string
		unverified  string
		wantInvalid bool
	}{
		{name: "long", life: time.Hour, wantInvalid: true},
		{name: "just long enough", life: 29 * time.Second, wantInvalid: true},
		{name: "shorter than the trial", life: 15 * time.Second,
			unprepared: "tokens live 15s, and must live 28s, until after the trial of 20s"},
		{name: "over before anybody looks", life: 26 * time.Second,
			unprepared: "tokens live 26s, and must live 28s, until after the trial of 20s"},
		{name: "those of grants", life: 15 * time.Second, refresh: 1, unprepared: "tokens live 15s"},
		{name: "looked at slowly", life: 75 * time.Second, rate: 10, unverified: "tokens had expired by themselves",
			wantInvalid: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.life = c.life
				s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
					return 200, "", path == "/revoke"
				}
				p := Defaults()
				p.ForeignShare, p.OracleShare, p.RefreshShare, p.PrepareRate = 0, 0, c.refresh, c.rate
				client := generator.NewClientTransport(time.Second, s)
				set, err := Open(t.Context(), []Scenario{revoke},
					Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 4, Parameters: p})
				if err != nil {
					t.Fatal(err)
				}
				got, err := trialOf(t, client, set,
					bench.Load{Process: "constant", Length: 20 * time.Second, Timeout: time.Second, Workers: 10,
						Streams: []bench.Stream{{Scenario: "revoke", Rate: 20}}})
				if (err != nil) != (c.unprepared != "") || err != nil && !strings.Contains(err.Error(), c.unprepared) {
					t.Fatalf("error %v; want %q", err, c.unprepared)
				}
				if err != nil {
					return
				}
				if invalid := got.Measurement("revoke").Outcomes.Invalid; (invalid > 0) != c.wantInvalid {
					t.Errorf("%d invalid of 400 lost revocations", invalid)
				}
				if (got.Unverified != "") != (c.unverified != "") || !strings.Contains(got.Unverified, c.unverified) {
					t.Errorf("unverified %q; want %q", got.Unverified, c.unverified)
				}
			})
		})
	}
}

// A deployment with one client is not asked, and says so; who asked for it by a share of
// their own is told that it cannot be.
func TestNoWrongClientWhereThereIsButOne(t *testing.T) {
	for share, refused := range map[float64]bool{Defaults().ForeignShare: false, 1: true} {
		synctest.Test(t, func(t *testing.T) {
			s := newOneClient()
			p := Defaults()
			p.RefreshShare, p.ForeignShare = 0, share
			source, err := openRevoke(t.Context(),
				Target{Server: s, Scope: DefaultScope, HTTP: httpOf(s), Parallel: 1, Parameters: p})
			if (err != nil) != refused {
				t.Fatalf("share %g: %v", share, err)
			}
			if refused {
				return
			}
			if notes := source.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "but one client") {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

// oneClient is a server that somebody else runs.
type oneClient struct{ *fakeServer }

func newOneClient() oneClient {
	s := newFakeServer()
	s.clients["the-one"] = oauth.ClientSpec{AuthMethod: oauth.AuthBasic, AccessTokenLifetime: time.Hour}
	return oneClient{s}
}

func (s oneClient) RegisterClient(context.Context, oauth.ClientSpec) (oauth.Credential, error) {
	return oauth.Credential{Method: oauth.AuthBasic, ClientID: "the-one", Secret: fakeSecret}, nil
}

// No request after a revocation brings its token back: one that does is found, though the token was dead whenever it
// was asked for before.
func TestRequestsAfterARevocationBringNothingBack(t *testing.T) {
	const flaw = "revoked token is active again"
	for name, c := range map[string]struct {
		plant func(s *fakeServer) func(path string, form url.Values, tok *fakeToken) (int, string, bool)
		want  string // begins so; "" for nothing
		note  string
	}{
		"right": {plant: func(*fakeServer) func(string, url.Values, *fakeToken) (int, string, bool) { return nil }},
		"a second revocation is refused": {
			plant: func(*fakeServer) func(string, url.Values, *fakeToken) (int, string, bool) {
				return func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
					return 400, `{"error":"invalid_token"}`, path == "/revoke" && tok != nil && tok.revoked
				}
			}, note: "revoke: a token that is revoked already is refused"},
		"a second revocation": {
			plant: func(*fakeServer) func(string, url.Values, *fakeToken) (int, string, bool) {
				return func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
					again := path == "/revoke" && tok != nil && tok.revoked
					if again {
						tok.revoked = false
					}
					return 200, "", again
				}
			}, want: flaw + " after a second revocation"},
		"a new token": {plant: func(s *fakeServer) func(string, url.Values, *fakeToken) (int, string, bool) {
			return func(path string, form url.Values, _ *fakeToken) (int, string, bool) {
				for _, tok := range s.tokens {
					if path == "/token" && form.Get("grant_type") == "client_credentials" {
						tok.revoked = false
					}
				}
				return 0, "", false
			}
		}, want: flaw + " after its client got a new one"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.fault = c.plant(s)
				p := Defaults()
				p.RefreshShare, p.TrustAuthentication = 0, true
				got := trialWith(t, s, p, 4, 5*time.Second, "revoke")
				found := slices.ContainsFunc(got.Flaws, func(f bench.Flaw) bool { return f.What == c.want })
				if found != (c.want != "") || c.want == "" && len(got.Flaws) > 0 {
					t.Errorf("flaws %v; want %q", got.Flaws, c.want)
				}
				noted := false
				for n := range got.Notes {
					noted = noted || strings.HasPrefix(n, c.note)
				}
				if c.note != "" && !noted {
					t.Errorf("notes %v; want %q", got.Notes, c.note)
				}
			})
		})
	}
}
