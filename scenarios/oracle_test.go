package scenarios

import (
	"maps"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// lateServer calls revoked tokens active until late after their revocation, and from
// revive on again; revive 0 never does.
func lateServer(late, revive time.Duration) *fakeServer {
	s := newFakeServer()
	at := map[*fakeToken]time.Time{}
	s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
		if path == "/revoke" && tok != nil {
			at[tok] = time.Now()
		}
		when, known := at[tok]
		if path != "/introspect" || !known {
			return 0, "", false
		}
		since := time.Since(when)
		return 200, `{"active":true}`, since < late || revive > 0 && since >= revive
	}
	return s
}

// oracular is a trial of revocations of which all are meant to be watched.
func oracular(t *testing.T, s *fakeServer) bench.Trial {
	t.Helper()
	p := Defaults()
	p.OracleShare, p.RefreshShare, p.ForeignShare, p.PrepareRate = 1, 0, 0, 1000
	return trialWith(t, s, p, 100, 20*time.Second, "revoke")
}

func TestOracleMeasuresTheLag(t *testing.T) {
	for _, late := range []time.Duration{0, 300 * time.Millisecond, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			got := oracular(t, lateServer(late, 0))
			m, lag := got.Measurement("revoke"), got.Lags[LagRevocation]
			// 400 tokens at 20/s; the oracle asks 50 times a second at most.
			if m.Outcomes != (bench.Outcomes{OK: 400}) || got.Facts[FactRevived] != 0 {
				t.Fatalf("late by %v: %+v, %v, facts %v; want all OK", late, m.Outcomes, m.Cases, got.Facts)
			}
			if lag == nil || lag.Count() != got.Facts[FactWatched] || lag.Count() < 30 ||
				lag.Count()+got.Facts[FactSkipped] != 400 {
				t.Fatalf("late by %v: facts %v, lag %v", late, got.Facts, lag)
			}
			// An upper bound, and no more than the doubling delays above the truth.
			if lag.Min() < late || lag.Quantile(0.5) > 2*late+800*time.Millisecond {
				t.Errorf("late by %v: lag from %v, median %v", late, lag.Min(), lag.Quantile(0.5))
			}
			// Looking at 400 tokens takes 0.4 s, so those of the last 0.3 s are inactive by then.
			if wantLate := late > time.Second; (got.Facts[FactLate] > 0) != wantLate {
				t.Errorf("late by %v: %d tokens died after the trial", late, got.Facts[FactLate])
			}
		})
	}
}

// A token that comes back to life is called that, whether the oracle sees it while the
// load runs or in the last look.
func TestOracleSeesTokensReturnToLife(t *testing.T) {
	for _, revive := range []time.Duration{500 * time.Millisecond, 21 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := lateServer(0, revive)
			got := oracular(t, s)
			m := got.Measurement("revoke")
			again := m.Cases["revoked token is active again"]
			if revive < time.Second && (again == 0 || again != got.Facts[FactRevived]) {
				t.Errorf("%v, facts %v", m.Cases, got.Facts)
			}
			if revive > 20*time.Second && m.Outcomes.Failed() > 0 {
				t.Errorf("%v before any token came back", m.Cases)
			}
			for name := range m.Cases {
				if name != "revoked token is active again" && name != "revoked token is still active after the trial" {
					t.Errorf("unexpected case %q", name)
				}
			}
		})
	}
}

// The oracle's questions are no part of the load, and few.
func TestOracleDoesNotDisturb(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		revocations, asked := 0, 0 // the first is a question before the load
		s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
			if path == "/revoke" {
				revocations++
			}
			if path == "/introspect" && revocations > 1 {
				asked++
			}
			return 0, "", false
		}
		got := oracular(t, s)
		if len(got.Measurements) != 1 || got.Measurements[0].Outcomes.Total() != 400 {
			t.Errorf("%d measurements, %+v", len(got.Measurements), got.Measurements[0].Outcomes)
		}
		// 20 s at 50 a second, and 400 tokens verified afterwards, within a second.
		if asked > 21*50+400 {
			t.Errorf("%d questions", asked)
		}
	})
}

// With another instance given, that one is asked too, while the load runs and after: a
// token that only lives on there was not revoked.
func TestOracleAsksElsewhere(t *testing.T) {
	const begun = 3 * time.Second // of the trial's five
	for _, c := range []struct {
		name       string
		elsewhere  func(revoked time.Duration, revocation int) (code int, body string, ok bool)
		want       map[string]int64 // cases
		unverified bool
		unanswered bool
	}{
		{name: "right", elsewhere: func(time.Duration, int) (int, string, bool) { return 0, "", false }},
		{name: "never hears of it", elsewhere: func(time.Duration, int) (int, string, bool) {
			return 200, `{"active":true}`, true
		},
			want: map[string]int64{"revoked token is still active at another instance after the trial": 50}},
		{name: "one in ten is lost", elsewhere: func(_ time.Duration, n int) (int, string, bool) {
			return 200, `{"active":true}`, n%10 == 0
		},
			want: map[string]int64{"revoked token is still active at another instance after the trial": 5}},
		{name: "silent at first", elsewhere: func(at time.Duration, _ int) (int, string, bool) {
			return 503, "", at < begun
		}, unanswered: true},
		{name: "silent", elsewhere: func(time.Duration, int) (int, string, bool) {
			return 503, "", true
		}, unanswered: true, unverified: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				revoked := map[*fakeToken]int{}
				var first time.Time
				s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
					if path == "/revoke" && tok != nil {
						if first.IsZero() {
							first = time.Now()
						}
						revoked[tok] = len(revoked)
					}
					if n, known := revoked[tok]; known && form.Has("elsewhere") {
						return c.elsewhere(time.Since(first), n)
					}
					return 0, "", false
				}
				client := generator.NewClientTransport(time.Second, s)
				p := Defaults()
				p.OracleShare, p.RefreshShare, p.ForeignShare = 1, 0, 0
				target := Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(),
					Elsewhere: "http://other.test/introspect?elsewhere", Parameters: p}
				set, err := Open(t.Context(), []Scenario{revoke}, target)
				if err != nil {
					t.Fatal(err)
				}
				got, err := trialOf(t, client, set,
					bench.Load{Process: "constant", Length: 5 * time.Second, Timeout: time.Second, Workers: 10,
						Streams: []bench.Stream{{Scenario: "revoke", Rate: 10}}})
				if err != nil {
					t.Fatal(err)
				}
				if m := got.Measurement("revoke"); !maps.Equal(m.Cases, c.want) {
					t.Errorf("cases %v; want %v", m.Cases, c.want)
				}
				if (got.Unverified != "") != c.unverified {
					t.Errorf("unverified: %q", got.Unverified)
				}
				if got.Facts[FactWatched] == 0 || (got.Facts[FactUnanswered] > 0) != c.unanswered {
					t.Errorf("facts %v", got.Facts)
				}
				// How long it was silent is no lag of the server's.
				if lag := got.Lags[LagRevocation]; lag != nil && lag.Max() > time.Second {
					t.Errorf("a lag of %v", lag.Max())
				}
			})
		})
	}
}

// A revocation that takes a while to be seen everywhere is a lag (RFC 7009 section 2), and no
// wrong answer of introspection; one that takes longer than our patience is.
func TestRevokedTokensGetTheirTime(t *testing.T) {
	for late, right := range map[time.Duration]bool{0: true, 4 * time.Second: true, time.Minute: false} {
		synctest.Test(t, func(t *testing.T) {
			p := Defaults()
			p.States = map[string]float64{stateActive: 1, stateRevoked: 1}
			got := trialWith(t, lateServer(late, 0), p, 100, 10*time.Second, "introspect")
			if m := got.Measurement("introspect"); (m.Outcomes.Failed() == 0) != right ||
				m.Outcomes.Failed() != m.Cases["revoked token called active"] {
				t.Errorf("late by %v: %+v, %v", late, m.Outcomes, m.Cases)
			}
		})
	}
}
