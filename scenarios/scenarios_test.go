package scenarios

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// trial runs one trial of the chosen scenarios, mixed, against the fake server.
func trial(t *testing.T, s *fakeServer, workers int, length time.Duration, names ...string) bench.Trial {
	t.Helper()
	return trialWith(t, s, Defaults(), workers, length, names...)
}

// reachedServer is a server with the transport to it.
type reachedServer interface {
	Server
	http.RoundTripper
}

// opened are the named scenarios at a server, with the client that has opened them.
func opened(t *testing.T, s reachedServer, p Parameters, parallel int, names ...string) (*generator.Client, *Set) {
	t.Helper()
	chosen, err := Find(names)
	if err != nil {
		t.Fatal(err)
	}
	client := generator.NewClientTransport(30*time.Second, s)
	set, err := Open(t.Context(), chosen,
		Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: parallel, Parameters: p})
	if err != nil {
		t.Fatal(err)
	}
	return client, set
}

func trialWith(t *testing.T, s reachedServer, p Parameters, workers int, length time.Duration,
	names ...string) bench.Trial {
	t.Helper()
	client, set := opened(t, s, p, 4, names...)
	load := bench.Load{Process: "constant", Length: length, Timeout: 30 * time.Second, Workers: workers}
	for _, name := range names {
		load.Streams = append(load.Streams, bench.Stream{Scenario: name, Rate: 20})
	}
	got, err := trialOf(t, client, set, load)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// trialOf is one trial of a load with opened scenarios.
func trialOf(t *testing.T, client *generator.Client, set *Set, load bench.Load) (got bench.Trial, err error) {
	t.Helper()
	e := experiment.Experiment{
		Loads: []bench.Load{load},
		Sides: map[bench.Role]experiment.Side{bench.Candidate: {
			Deployment: "fake", Client: client, Prepare: set.Prepare, Spent: func() bench.Spending {
				return bench.Spending{}
			},
		}},
		Store: func(t bench.Trial) error { got = t; return nil },
	}
	err = e.Run(t.Context(), []bench.Slot{{Role: bench.Candidate, Seed: 1}})
	return got, err
}

func TestEveryScenarioFindsARightServerRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := trial(t, newFakeServer(), 100, 50*time.Second, Names()...)
		if got.Unverified != "" {
			t.Fatalf("unverified %q", got.Unverified)
		}
		for _, s := range All {
			for _, o := range s.Operations {
				m := got.Measurement(o.Name)
				if m == nil {
					t.Errorf("%s: operation %s was not measured", s.Name, o.Name)
					continue
				}
				want := int64(1000 * o.Share)
				if s.Name == "refresh-retry" {
					continue // how many retries fit is up to the gap: see its own test
				}
				if m.Outcomes != (bench.Outcomes{OK: want}) {
					t.Errorf("%s: %+v, cases %v; want %d OK", m.Operation, m.Outcomes, m.Cases, want)
				}
			}
		}
	})
}

// A server that stops for 5 s is seen to stop, in every operation and mixed with the
// others, whether many requests may be in flight or few.
func TestEveryOperationShowsAStall(t *testing.T) {
	for name, workers := range map[string]int{"capped": 2, "uncapped": 5000} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				// The load begins when everything is prepared; expired tokens need a little
				// over 3 s for that. After 20 s the load is under way.
				stall := time.Now().Add(20 * time.Second)
				s.delay = func(sent time.Time) time.Duration {
					if sent.Before(stall) || sent.After(stall.Add(5*time.Second)) {
						return 0
					}
					return stall.Add(5 * time.Second).Sub(sent)
				}
				for _, m := range trial(t, s, workers, 60*time.Second, Names()...).Measurements {
					if got := m.Response.Max(); got < 4750*time.Millisecond || got > 5*time.Second {
						t.Errorf("%s: longest response %v; want 5 s less a gap", m.Operation, got)
					}
					if got := m.Response.Quantile(0.95); got < 1750*time.Millisecond {
						t.Errorf("%s: P95 %v; want about 2 s, for 5 of 60 s were stalled", m.Operation, got)
					}
					if m.Outcomes.OK == 0 || m.Outcomes.Failed() != 0 {
						t.Errorf("%s: %+v, cases %v; want all OK", m.Operation, m.Outcomes, m.Cases)
					}
				}
			})
		})
	}
}

// Each planted fault is reported as what it is, in its operation and no other.
func TestPlantedFaultsAreFoundAndNamed(t *testing.T) {
	const active = `{"active":true,"client_id":"client-2","scope":"bench"}`
	on := func(path string, code int, body string) func(string, url.Values, *fakeToken) (int, string, bool) {
		return func(p string, _ url.Values, _ *fakeToken) (int, string, bool) { return code, body, p == path }
	}
	type fault = func(string, url.Values, *fakeToken) (int, string, bool)
	for _, c := range []struct {
		name     string
		scenario string
		fault    fault
		outcome  func(bench.Outcomes) int64
		want     string // the cases, separated by semicolons, and only these
	}{
		{"token endpoint fails", "token", on("/token", 500, "oops"), rejected, "status 500"},
		{"token endpoint answers HTML", "token", on("/token", 200, "<html>hello</html>"), invalid,
			"token response is not JSON"},
		{"token without token_type", "token", on("/token", 200, `{"access_token":"x"}`), invalid,
			"token response without token_type"},
		{"token of another type", "token", on("/token", 200, `{"access_token":"x","token_type":"mac"}`), invalid,
			"token_type is not Bearer"},
		{"token with a wider scope", "token",
			on("/token", 200, `{"access_token":"x","token_type":"bearer","scope":"bench admin"}`), invalid,
			"token with another scope"},
		{"tokens that were never stored", "token", on("/token", 200, `{"access_token":"x","token_type":"bearer"}`),
			invalid, "issued token is not active"},
		{"everything is active", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 200, active, p == "/introspect" && tok == nil
		}, invalid, "unknown token called active; malformed token called active; " +
			"tampered token called active (first character changed); " +
			"tampered token called active (character in the middle changed); " +
			"tampered token called active (last character changed); " +
			"tampered token called active (case swapped); tampered token called active (cut by one character); " +
			"tampered token called active (one character appended)"},
		{"revoked tokens are active", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 200, active, p == "/introspect" && tok != nil && tok.revoked
		}, invalid, "revoked token called active"},
		{"expired tokens are active", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 200, active, p == "/introspect" && tok != nil && time.Now().After(tok.expires)
		}, invalid, "expired token called active"},
		{"nothing is active", "introspect", on("/introspect", 200, `{"active":false}`), invalid,
			"active token called inactive; active refresh token called inactive"},
		{"another client's token", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 200, `{"active":true,"client_id":"mallory"}`, p == "/introspect" && live(tok)
		}, invalid, "active token with another client_id"},
		{"scope lost", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 200, `{"active":true,"scope":"other"}`, p == "/introspect" && live(tok)
		}, invalid, "active token without its scope"},
		{"active past its exp", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 200, `{"active":true,"exp":1}`, p == "/introspect" && live(tok)
		}, invalid, "active token with an exp in the past"},
		{"introspection without active", "introspect", on("/introspect", 200, `{}`), invalid,
			"introspection response without active"},
		{"inactive is unauthorized", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 401, `{"error":"invalid_token"}`, p == "/introspect" && tok != nil && tok.revoked
		}, invalid, "revoked token refused, and not called inactive (RFC 7662 section 2.2)"},
		{"inactive is no content", "introspect", func(p string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 204, "", p == "/introspect" && tok != nil && tok.revoked
		}, invalid, "revoked token refused, and not called inactive (RFC 7662 section 2.2)"},
		{"introspection refuses", "introspect", on("/introspect", 403, ``), rejected, "status 403"},
		{"revocation refuses", "revoke", on("/revoke", 400, `{"error":"invalid_request"}`), rejected,
			"status 400 invalid_request"},
		{"revocation does nothing", "revoke", on("/revoke", 200, ""), invalid,
			"revoked token is still active after the trial; revoked refresh token is still active after the trial"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				// The fault begins with the load: a fault during preparation is an error there.
				began := time.Now()
				s.fault = func(p string, f url.Values, tok *fakeToken) (int, string, bool) {
					if time.Since(began) < 10*time.Second {
						return 0, "", false
					}
					return c.fault(p, f, tok)
				}
				for _, m := range trial(t, s, 100, 40*time.Second, "token", "introspect", "revoke").Measurements {
					if m.Outcomes.Total() != 800 || m.Response.Count() != 800 {
						t.Errorf("%s: %+v, %d times; want 800 arrivals", m.Operation, m.Outcomes, m.Response.Count())
					}
					if m.Operation != c.scenario {
						// Verification introspects, so a lying introspection shows there as well;
						// no other fault may touch its neighbours.
						if c.scenario != "introspect" && m.Outcomes.OK != 800 {
							t.Errorf("%s: %+v, cases %v; want all OK", m.Operation, m.Outcomes, m.Cases)
						}
						continue
					}
					want := strings.Split(c.want, "; ")
					var counted int64
					for _, name := range want {
						counted += m.Cases[name]
					}
					if c.outcome(m.Outcomes) == 0 || len(m.Cases) != len(want) || counted != c.outcome(m.Outcomes) {
						t.Errorf("%+v, cases %v; want only %q", m.Outcomes, m.Cases, c.want)
					}
				}
			})
		})
	}
}

func invalid(o bench.Outcomes) int64  { return o.Invalid }
func rejected(o bench.Outcomes) int64 { return o.Rejected }

func live(t *fakeToken) bool { return t.live() }

// One token in a thousand coming back to life must be seen.
func TestOneRevivedTokenIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		var revived *fakeToken
		s.fault = func(p string, f url.Values, tok *fakeToken) (int, string, bool) {
			if p == "/revoke" && revived == nil && s.issued > 500 {
				revived = tok
			}
			if p == "/introspect" && tok != nil && tok == revived {
				return 200, `{"active":true}`, true
			}
			return 0, "", false
		}
		m := trial(t, s, 100, 50*time.Second, "revoke").Measurements[0]
		if m.Outcomes != (bench.Outcomes{OK: 999, Invalid: 1}) {
			t.Errorf("%+v, cases %v; want exactly the one wrong", m.Outcomes, m.Cases)
		}
	})
}

// Tokens may live for ever, as far as seconds can tell, longer than a time.Duration.
func TestTokensThatLiveForEver(t *testing.T) {
	for _, seconds := range []string{"9999999999", "9223372036854775807", "-1", "0"} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.fault = func(path string, form url.Values, _ *fakeToken) (int, string, bool) {
				if path != "/token" || form.Get("grant_type") != "client_credentials" {
					return 0, "", false
				}
				s.issued++
				token := fmt.Sprintf("token-%d", s.issued)
				s.tokens[token] = &fakeToken{client: "client-0", scope: DefaultScope,
					expires: time.Now().Add(1000 * time.Hour)}
				return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":%s}`, token, seconds),
					true
			}
			p := Defaults()
			p.States = map[string]float64{stateActive: 1}
			if m := trialWith(t, s, p, 100, 20*time.Second, "introspect").Measurements[0]; m.Outcomes.Failed() > 0 {
				t.Errorf("%s seconds: %+v, %v", seconds, m.Outcomes, m.Cases)
			}
		})
	}
}

// Tokens may live shorter than a trial takes.
func TestExpiredTokensAreNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.life = 5 * time.Second
		got := trial(t, s, 100, 50*time.Second, "token", "authcode", "refresh", "device", "jwt-bearer")
		for _, m := range got.Measurements {
			if m.Outcomes.Failed() > 0 {
				t.Errorf("%s: %+v, %v; want all OK", m.Operation, m.Outcomes, m.Cases)
			}
		}
	})
}

func TestUnverifiableTrialSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		began := time.Now()
		s.fault = func(p string, _ url.Values, _ *fakeToken) (int, string, bool) {
			return 503, "", p == "/introspect" && time.Since(began) > 10*time.Second
		}
		got := trial(t, s, 100, 20*time.Second, "revoke")
		if !strings.Contains(got.Unverified, "503") {
			t.Errorf("unverified %q; want the reason", got.Unverified)
		}
	})
}

// Both versions of a pair get the same requests in the same order, also when one
// cannot have expired tokens.
func TestTheSameSeedAsksTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		picks := func(s *fakeServer, seed uint64) []pick {
			source, err := openIntrospect(t.Context(),
				Target{Server: s, Scope: DefaultScope, HTTP: generator.NewClientTransport(time.Second, s).HTTP(),
					Parallel: 4, Parameters: Defaults()})
			if err != nil {
				t.Fatal(err)
			}
			w, err := source.Prepare(t.Context(), Ask{Count: 500, Seed: seed, Length: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			all := make([]pick, 500)
			for i := range all {
				all[i] = w.(*introspectLoad).pick(i)
			}
			return all
		}
		without := newFakeServer()
		without.noLifetimes = true
		a, b, c := picks(newFakeServer(), 1), picks(newFakeServer(), 1), picks(without, 1)
		counts := map[string]int{}
		for i := range a {
			counts[introspectStates[a[i].state].name]++
			if a[i] != b[i] {
				t.Fatalf("arrival %d: %v and %v with the same seed", i, a[i], b[i])
			}
			if expired := introspectStates[a[i].state].name == "expired"; !expired && a[i] != c[i] || expired &&
				c[i].state != 0 {
				t.Fatalf("arrival %d: %v where there are no expired tokens; want %v, or active for expired", i, c[i],
					a[i])
			}
		}
		// 70 and 10 % of 500, within 5 standard deviations.
		if counts["active"] < 300 || counts["active"] > 400 || counts["revoked"] < 17 || counts["revoked"] > 83 ||
			len(counts) != 7 {
			t.Errorf("states %v; want about 350 and 50, and seven of them", counts)
		}
		if d := picks(newFakeServer(), 2); maps.Equal(map[int]pick{0: a[0], 1: a[1], 2: a[2], 3: a[3]},
			map[int]pick{0: d[0], 1: d[1], 2: d[2], 3: d[3]}) {
			t.Error("another seed asks the same")
		}
	})
}

func TestActiveTokensAreRenewedBeforeTheyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		client := generator.NewClientTransport(time.Second, s)
		source, err := openIntrospect(t.Context(),
			Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 4, Parameters: Defaults()})
		if err != nil {
			t.Fatal(err)
		}
		before := s.issued
		prepare := func(length time.Duration) error {
			_, err := source.Prepare(t.Context(), Ask{Count: 1, Length: length})
			return err
		}
		if err := prepare(10 * time.Minute); err != nil || s.issued != before {
			t.Fatalf("error %v, %d tokens minted; want none, for these still live 50 minutes", err, s.issued-before)
		}
		time.Sleep(55 * time.Minute)
		if err := prepare(10 * time.Minute); err != nil || s.issued != before+introspectStates[0].count {
			t.Errorf("error %v, %d tokens minted; want all active ones anew", err, s.issued-before)
		}
		if err := prepare(2 * time.Hour); err == nil {
			t.Error("a trial longer than its tokens live was let through")
		}
	})
}

func TestFindNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"tokn"}, `unknown scenario "tokn": did you mean token? There are ` + strings.Join(Names(), ", ")},
		{[]string{"token", "token"}, `scenario "token" is named twice`},
		{nil, "no scenario is named"},
	} {
		if _, err := Find(c.names); err == nil || err.Error() != c.want {
			t.Errorf("Find(%q): %v; want %s", c.names, err, c.want)
		}
	}
}
