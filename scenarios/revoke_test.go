package scenarios

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

// Whatever the wrong client is told, as long as RFC 7009 knows the answer, the token must
// live; and when its own time is over, it may be gone.
func TestRevocationByTheWrongClient(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		revokes bool
		life    time.Duration
		want    bench.Outcomes
		name    string
	}{
		{200, "", false, time.Hour, bench.Outcomes{OK: 400}, ""},
		{400, "invalid_grant", false, time.Hour, bench.Outcomes{OK: 400}, ""},
		{400, "unauthorized_client", false, time.Hour, bench.Outcomes{OK: 400}, ""},
		{401, "invalid_client", false, time.Hour, bench.Outcomes{OK: 400}, ""},
		{403, "", false, time.Hour, bench.Outcomes{OK: 400}, ""},
		{500, "server_error", false, time.Hour, bench.Outcomes{Rejected: 400}, "status 500 server_error"},
		{200, "", true, time.Hour, bench.Outcomes{Invalid: 400}, "token revoked by the wrong client"},
		{400, "invalid_grant", true, time.Hour, bench.Outcomes{Invalid: 400}, "token revoked by the wrong client"},
		{200, "", false, 15 * time.Second, bench.Outcomes{OK: 400}, ""}, // shorter than the trial
	} {
		t.Run(fmt.Sprintf("%d %s revokes %v life %v", c.status, c.body, c.revokes, c.life), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.life = c.life
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
				if len(m.Expectations) != 1 || m.Expectations[0].State != foreign {
					t.Errorf("cases of the matrix %+v; want only those of the wrong client", m.Expectations)
				}
			})
		})
	}
}

// A deployment with one client is not asked, and says so.
func TestNoWrongClientWhereThereIsButOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oneClient{newFakeServer()}
		client := bench.NewClientTransport(time.Second, s)
		p := Defaults()
		p.RefreshShare, p.ForeignShare = 0, 1
		source, err := openRevoke(t.Context(), Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 1, Parameters: p})
		if err != nil {
			t.Fatal(err)
		}
		if notes := source.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "but one client") {
			t.Errorf("notes %q", notes)
		}
	})
}

// oneClient is a server that somebody else runs.
type oneClient struct{ *fakeServer }

func (s oneClient) RegisterClient(context.Context, oauth.ClientSpec) (oauth.Credential, error) {
	return oauth.Credential{Method: oauth.AuthBasic, ClientID: "the-one", Secret: "s"}, nil
}
