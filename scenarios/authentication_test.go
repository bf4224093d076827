package scenarios

import (
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

// A server that lets in who proves nothing is convicted for exactly that, in whatever
// scenario; a right one refuses all that is asked.
func TestWhoProvesNothingIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, scenario, auth string
		anyone               map[string]string
		want                 []string
		asked, refused       int64
	}{
		{"right", "token", oauth.AuthBasic, nil, nil, 13, 13},
		{"right, by assertion", "token", oauth.AuthPrivateKeyJWT, nil, nil, 8, 8},
		{"right, with refreshes", "refresh", oauth.AuthBasic, nil, nil, 17, 17},
		{"right, with public clients", "refresh", oauth.AuthNone, nil, nil, 3, 3},
		{"right, with assertions", "jwt-bearer", oauth.AuthBasic, nil, nil, 14, 14},
		{"any secret for tokens", "token", oauth.AuthBasic, map[string]string{"/token": "secret"},
			[]string{"token endpoint accepts a wrong secret (RFC 6749 section 3.2.1)"}, 13, 7},
		{"any signature for tokens", "token", oauth.AuthPrivateKeyJWT, map[string]string{"/token": "secret"},
			[]string{"token endpoint accepts a wrong secret (RFC 6749 section 3.2.1)"}, 8, 6},
		{"a secret in any case", "token", oauth.AuthBasic, map[string]string{"/token": "case"},
			[]string{"token endpoint accepts a secret in other case (RFC 6749 section 3.2.1)"}, 13, 12},
		{"a secret with more behind it", "token", oauth.AuthPost, map[string]string{"/token": "longer"},
			[]string{"token endpoint accepts a secret with a character appended (RFC 6749 section 3.2.1)"}, 13, 12},
		{"an empty secret", "token", oauth.AuthBasic, map[string]string{"/token": "empty"},
			[]string{"token endpoint accepts an empty secret (RFC 6749 section 3.2.1)"}, 13, 12},
		{"the beginning of a secret", "token", oauth.AuthBasic, map[string]string{"/token": "beginning"},
			[]string{"token endpoint accepts a wrong secret (RFC 6749 section 3.2.1)"}, 13, 7},
		{"whoever has a name", "token", oauth.AuthBasic, map[string]string{"/token": "unknown"},
			[]string{"token endpoint accepts a client that does not exist (RFC 6749 section 3.2.1)"}, 13, 12},
		{"any secret in the body", "token", oauth.AuthBasic, map[string]string{"/token": "body"},
			[]string{"token endpoint accepts a wrong secret by client_secret_post (RFC 6749 section 3.2.1)"}, 13, 12},
		{"no secret for tokens", "introspect", oauth.AuthBasic, map[string]string{"/token": "none"},
			[]string{"token endpoint accepts no credentials (RFC 6749 section 3.2.1)"}, 13, 10},
		{"any bearer token", "introspect", oauth.AuthBasic, map[string]string{"/introspect": "secret"},
			[]string{"introspection endpoint accepts a wrong secret (RFC 7662 section 2.1)"}, 13, 12},
		{"no bearer token", "token", oauth.AuthBasic, map[string]string{"/introspect": "none"},
			[]string{"introspection endpoint accepts no credentials (RFC 7662 section 2.1)"}, 13, 12},
		{"any secret for revocations", "revoke", oauth.AuthBasic, map[string]string{"/revoke": "secret"},
			[]string{"revocation endpoint accepts a wrong secret (RFC 7009 section 2.1)"}, 13, 11},
		{"no secret for revocations", "revoke", oauth.AuthPost, map[string]string{"/revoke": "none"},
			[]string{"revocation endpoint accepts no credentials (RFC 7009 section 2.1)"}, 13, 11},
		{"any secret for refreshes", "refresh", oauth.AuthBasic, map[string]string{"/token": "secret"},
			[]string{"token endpoint accepts a wrong secret (RFC 6749 section 3.2.1)",
				"refresh accepts a wrong secret (RFC 6749 section 6)"}, 17, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.guarded, s.anyone = true, c.anyone
				p := Defaults()
				p.ClientAuth = c.auth
				if c.auth == oauth.AuthPrivateKeyJWT {
					p.SigningAlg = oauth.ES256
				}
				got := trialWith(t, s, p, 10, 5*time.Second, c.scenario)
				var found []string
				for _, f := range got.Flaws {
					found = append(found, f.What)
				}
				if !slices.Equal(found, c.want) {
					t.Errorf("flaws %q; want %q", found, c.want)
				}
				for _, m := range got.Measurements {
					if m.Outcomes.Failed() > 0 {
						t.Errorf("%s: %+v, though every answer was right", m.Operation, m.Outcomes)
					}
				}
				if asked, refused := got.Facts[FactRefusalsAsked], got.Facts[FactRefusals]; asked != c.asked ||
					refused != c.refused {
					t.Errorf("%d refused of %d; want %d of %d", refused, asked, c.refused, c.asked)
				}
			})
		})
	}
}

// Where the right secret gets no token, that a wrong one gets none either proves nothing, and
// is not counted as a check.
func TestRefusalsOfAGrantThatThereIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.guarded = true
		s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
			return 400, `{"error":"unsupported_grant_type"}`, path == "/token"
		}
		got := trialWith(t, guestServer{s}, Defaults(), 10, time.Second, "jwks")
		if asked, known := got.Facts[FactRefusalsAsked]; asked != 0 || !known {
			t.Errorf("asked %d times (%v); want a check that was not made", asked, known)
		}
	})
}

// Nothing is asked when that is switched off, and a server with one client is asked only
// once, and not about another client's tokens.
func TestWhoIsNotAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Defaults()
		p.TrustAuthentication = true
		if got := trialWith(t, newFakeServer(), p, 10, time.Second, "token"); got.Facts[FactRefusalsAsked] != 0 {
			t.Errorf("asked all the same: %v", got.Facts)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := newOneClient()
		a := newAuthentication(Target{Server: s, HTTP: httpOf(s), Parallel: 1, Parameters: Defaults()},
			[]Scenario{token})
		var all bench.Observation
		for range 3 {
			seen := a.probe(t.Context())
			if len(seen.Flaws) > 0 {
				t.Errorf("flaws %v", seen.Flaws)
			}
			all.Merge(seen)
		}
		if asked, refused := all.Facts[FactRefusalsAsked], all.Facts[FactRefusals]; asked != 9 || refused != 9 {
			t.Errorf("%d refused of %d; want 9, in one trial of three", refused, asked)
		}
	})
}

// A server with rules against guessing locks nobody out by rules that count failures in a row.
// Where it counts all, the questions end with the lock, and the next trial says why there is none.
func TestRulesThatLockOut(t *testing.T) {
	for _, c := range []struct {
		forgives bool
		asked    int64
	}{{true, 9}, {false, 3}} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.locksAfter, s.forgives, s.lacks = 3, c.forgives, noUsers
			client := generator.NewClientTransport(30*time.Second, guestServer{s})
			set, err := Open(t.Context(), []Scenario{revoke}, Target{Server: guestServer{s}, Scope: DefaultScope,
				HTTP: client.HTTP(), Parallel: 4, Parameters: Defaults()})
			if err != nil {
				t.Fatal(err)
			}
			load := bench.Load{Process: "constant", Length: time.Second, Timeout: 30 * time.Second, Workers: 10,
				Streams: []bench.Stream{{Scenario: "revoke", Rate: 20}}}
			got, err := trialOf(t, client, set, load)
			if err != nil {
				t.Fatal(err)
			}
			if got.Facts[FactRefusalsAsked] != c.asked || got.Facts[FactRefusals] != c.asked ||
				(got.Notes[lockedOut] == 0) != c.forgives {
				t.Errorf("forgives %v: %v, %v; want %d questions", c.forgives, got.Facts, got.Notes, c.asked)
			}
			_, err = trialOf(t, client, set, load)
			if (err == nil) != c.forgives || err != nil && !strings.Contains(err.Error(), lockedOut) {
				t.Errorf("forgives %v: the next trial: %v", c.forgives, err)
			}
		})
	}
}

// A server that once fails to answer the right secret has locked nobody out.
func TestAFailureIsNoLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOneClient()
		asked := 0
		s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
			if path != "/token" {
				return 0, "", false
			}
			asked++
			return 200, `{"token_type":"Bearer"}`, asked%3 == 0
		}
		a := newAuthentication(Target{Server: s, HTTP: httpOf(s), Parallel: 1, Parameters: Defaults()},
			[]Scenario{token})
		if seen := a.probe(t.Context()); seen.Notes[lockedOut] > 0 || a.hasLocked() {
			t.Errorf("%v; want no lock", seen.Notes)
		}
	})
}
