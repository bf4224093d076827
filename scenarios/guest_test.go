package scenarios

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// guestServer is a fakeServer that is not ours: it has one client, whatever is asked for.
type guestServer struct{ *fakeServer }

func (guestServer) Guest() {}

// noUsers are what a server lacks at which nobody can log in.
var noUsers = []oauth.Capability{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.IntrospectsRefresh}

func (g guestServer) RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error) {
	g.mu.Lock()
	first := len(g.clients) == 0
	g.mu.Unlock()
	if first {
		return g.fakeServer.RegisterClient(ctx, spec)
	}
	if spec.AccessTokenLifetime > 0 {
		return oauth.Credential{}, errors.ErrUnsupported
	}
	return oauth.Credential{Method: spec.AuthMethod, ClientID: "client-0", Secret: "0123456789abcdef0123456789abcdef"},
		nil
}

// Servers that keep to what their specifications allow, or to what every client reads, are
// convicted of nothing, and what is unusual about them is noted.
func TestUnusualServersAreRight(t *testing.T) {
	tokens := func(more string) func(*fakeServer, url.Values) (int, string) {
		return func(s *fakeServer, form url.Values) (int, string) {
			s.issued++
			token := fmt.Sprintf("token-%d", s.issued)
			s.tokens[token] = &fakeToken{client: "client-0", scope: form.Get("scope"),
				expires: time.Now().Add(time.Hour)}
			return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"%s}`, token, more)
		}
	}
	said := func(member string) func(*fakeToken) string {
		return func(tok *fakeToken) string {
			return fmt.Sprintf(`{"active":true,"client_id":%q,"scope":%q,%s}`, tok.client, tok.scope, member)
		}
	}
	for _, c := range []struct {
		name, scenario string
		token          func(*fakeServer, url.Values) (int, string)
		introspection  func(*fakeToken) string
		note           string // begins so
		wrong          string
	}{
		{name: "expires_in in a string", scenario: "token", token: tokens(`,"expires_in":"3599"`),
			note: "token: expires_in is a string (RFC 6749 section 5.1: a number)"},
		{name: "vendor's token type", scenario: "token", token: func(s *fakeServer, form url.Values) (int, string) {
			code, body := tokens("")(s, form)
			return code, strings.Replace(body, "Bearer", "BearerToken", 1)
		}, note: "token: token_type is neither Bearer nor DPoP"},
		{name: "scope in a list", scenario: "introspect", introspection: func(tok *fakeToken) string {
			return fmt.Sprintf(`{"active":true,"client_id":%q,"scope":[%q]}`, tok.client, tok.scope)
		}, note: "introspect: scope is a list, not a string"},
		{name: "exp with a fraction", scenario: "introspect", introspection: func(tok *fakeToken) string {
			return said(fmt.Sprintf(`"exp":%d.546935`, tok.expires.Unix()))(tok)
		}, note: "introspect: exp has a fraction (RFC 7662 section 2.2: an integer)"},
		{name: "another issuer, always", scenario: "introspect",
			introspection: said(`"iss":"https://sts.windows.net/tenant/"`),
			note: `tokens name the issuer "https://sts.windows.net/tenant/", and the metadata ` +
				`"http://fake.test"`},
		{name: "scope separated by commas", scenario: "introspect", introspection: func(tok *fakeToken) string {
			return fmt.Sprintf(`{"active":true,"client_id":%q,"scope":%q}`, tok.client,
				tok.scope+","+tok.scope)
		}, note: "introspect: scope is separated by commas"},
		{name: "another issuer each time", scenario: "introspect", introspection: func(tok *fakeToken) string {
			return said(fmt.Sprintf(`"iss":"https://%d.example"`, time.Now().UnixNano()))(tok)
		}, wrong: "active token of another issuer"},
		{name: "tokens dated by a slow clock", scenario: "introspect", introspection: func(tok *fakeToken) string {
			slow := tok.expires.Add(-2 * time.Hour).Unix()
			return said(fmt.Sprintf(`"iat":%d,"exp":%d`, slow-3600, slow))(tok)
		}, note: "tokens are dated 2h0m"},
		{name: "exp in milliseconds", scenario: "introspect", introspection: func(tok *fakeToken) string {
			return said(fmt.Sprintf(`"exp":%d`, tok.expires.UnixMilli()))(tok)
		}, wrong: "active token with an exp that is no number of seconds"},
		{name: "exp a year late", scenario: "introspect", introspection: func(tok *fakeToken) string {
			return said(fmt.Sprintf(`"exp":%d`, tok.expires.AddDate(1, 0, 0).Unix()))(tok)
		}, wrong: "active token with an exp long after the end of its expires_in"},
		{name: "refused with a reason", scenario: "token", token: func(s *fakeServer, form url.Values) (int, string) {
			if s.issued < 3 { // one that never grants any is not loaded at all
				return tokens("")(s, form)
			}
			return 400, `{"error":"invalid_scope","error_description":"no such\nscope: bench"}`
		}, note: `token: status 400 invalid_scope: the server says "no such scope: bench"`,
			wrong: "status 400 invalid_scope"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.lacks = noUsers
				s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
					switch {
					case path == "/token" && c.token != nil && form.Get("grant_type") == "client_credentials":
						code, body := c.token(s, form)
						return code, body, code != 0
					case path == "/introspect" && c.introspection != nil && tok.live() && !tok.refresh:
						return 200, c.introspection(tok), true
					}
					return 0, "", false
				}
				got := trialWith(t, guestServer{s}, Defaults(), 100, 20*time.Second, c.scenario)
				for name, n := range got.Measurements[0].Cases {
					if name != c.wrong {
						t.Errorf("%s: %d; want only %q", name, n, c.wrong)
					}
				}
				if c.wrong != "" && got.Measurements[0].Cases[c.wrong] == 0 {
					t.Errorf("no %q in %v", c.wrong, got.Measurements[0].Cases)
				}
				noted := c.note == ""
				for text := range got.Notes {
					noted = noted || strings.HasPrefix(text, c.note)
				}
				if !noted {
					t.Errorf("no note %q in %v", c.note, got.Notes)
				}
			})
		})
	}
}

// A scope that the answer declares may be another than was asked for, and must then always
// be the same (RFC 6749 section 3.3).
func TestAnotherScopeIsGrantedAlike(t *testing.T) {
	for name, c := range map[string]struct {
		scopes []string
		wrong  bool
	}{
		"wider": {[]string{"email bench profile"}, false}, "narrower": {[]string{"be"}, false},
		"now this, now that": {[]string{"bench email", "email bench", "email"}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				if path != "/token" {
					return 0, "", false
				}
				s.issued++
				token, scope := fmt.Sprintf("token-%d", s.issued), c.scopes[s.issued%len(c.scopes)]
				s.tokens[token] = &fakeToken{client: "client-0", scope: scope, expires: time.Now().Add(time.Hour)}
				return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","scope":%q}`, token, scope), true
			}
			got := trialWith(t, guestServer{s}, Defaults(), 100, 6*time.Second, "token")
			wrong := got.Measurements[0].Cases["token with another scope than the others that were asked for alike"]
			if (wrong > 0) != c.wrong || got.Measurements[0].Outcomes.Failed() != wrong {
				t.Errorf("%s: %v; want some: %v", name, got.Measurements[0].Cases, c.wrong)
			}
			if !c.wrong && len(got.Notes) != 2 {
				t.Errorf("%s: notes %v; want one, and that tokens are left", name, got.Notes)
			}
		})
	}
}

// What was asked for and no token tells of is noted; tokens of which some carry it and some
// do not are not alike.
func TestWhatHasNoEffectIsNoted(t *testing.T) {
	for name, c := range map[string]struct {
		audiences []string
		wrong     bool
		notes     []string
	}{
		"ignored": {[]string{`"other"`}, false, []string{
			`audience "api" was asked for, and no introspection answer carries it`,
			`scope "bench" was asked for, and no introspection answer carries any`}},
		"carried": {[]string{`["api","other"]`}, false,
			[]string{`scope "bench" was asked for, and no introspection answer carries any`}},
		"now and then": {[]string{`"api"`, `"other"`}, true, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.lacks = noUsers
			asked := 0
			s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
				if path != "/introspect" || !tok.live() {
					return 0, "", false
				}
				asked++
				return 200, fmt.Sprintf(`{"active":true,"client_id":%q,"aud":%s}`, tok.client,
					c.audiences[asked%len(c.audiences)]), true
			}
			p := Defaults()
			p.Audience = "api"
			got := trialWith(t, guestServer{s}, p, 100, 6*time.Second, "introspect")
			if m := got.Measurements[0]; (m.Cases["active token for another audience"] > 0) != c.wrong ||
				m.Outcomes.Failed() != m.Cases["active token for another audience"] {
				t.Errorf("%s: %v", name, m.Cases)
			}
			for _, n := range c.notes {
				if got.Notes[n] == 0 {
					t.Errorf("%s: no note %q in %v", name, n, got.Notes)
				}
			}
		})
	}
}

// withoutRevocation introspects and does not revoke.
type withoutRevocation struct{ guestServer }

func (w withoutRevocation) Endpoints() oauth.Endpoints {
	e := w.guestServer.Endpoints()
	e.Revocation = ""
	return e
}

// Where no token can be revoked, active ones take the share of the revoked.
func TestIntrospectionWithoutRevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.lacks = append([]oauth.Capability{oauth.HasRevocation}, noUsers...)
		set, err := openOn(t, withoutRevocation{guestServer{s}}, Defaults(), 20, "introspect")
		if err != nil {
			t.Fatal(err)
		}
		const want = "introspect: no revoked tokens: this server names no revocation endpoint; active ones take " +
			"their share"
		if !slices.Contains(set.Notes(), want) {
			t.Errorf("notes %q; want %q", set.Notes(), want)
		}
	})
}

// A malformed token that is refused with any error is noted, and no part of the load.
func TestMalformedTokensThatAreRefused(t *testing.T) {
	for _, status := range []int{400, 401, 404, 500} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.lacks = noUsers
			s.fault = func(path string, form url.Values, _ *fakeToken) (int, string, bool) {
				return status, `{"error":"server_error"}`, path == "/introspect" && form.Get("token") == "x"
			}
			got := trialWith(t, guestServer{s}, Defaults(), 100, 20*time.Second, "introspect")
			if m := got.Measurement("introspect"); m.Outcomes.Failed() > 0 || got.Facts[FactMalformedInactive] !=
				got.Facts[FactMalformedAsked]-1 {
				t.Errorf("%d: %v, facts %v; want one refused, and none in the load", status, m.Cases, got.Facts)
			}
		})
	}
}

// A server that refuses whatever has not the form of its own tokens, in whatever way, gives nothing away: that is
// noted, and it is loaded with what has that form.
func TestForeignFormsThatAreRefused(t *testing.T) {
	own := regexp.MustCompile(`^token-\d+-[A-Za-z0-9_-]{43}$`)
	foreign := func(form url.Values) bool { return form.Has("token") && !own.MatchString(form.Get("token")) }
	for name, c := range map[string]struct {
		status int // 0 for a connection that ends
		body   string
	}{
		"bad request": {400, `{"error":"invalid_request"}`}, "unauthorized": {401, `{"error":"invalid_token"}`},
		"not found": {404, ""}, "an error": {500, "<html>"}, "no content": {204, ""}, "null": {200, "null"},
		"a bad request that says inactive": {400, `{"active":false}`},
		"an ended connection":              {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.lacks = noUsers
				if c.status == 0 {
					s.breaks = foreign
				}
				s.fault = func(path string, form url.Values, _ *fakeToken) (int, string, bool) {
					return c.status, c.body, path == "/introspect" && c.status != 0 && foreign(form)
				}
				got := trialWith(t, guestServer{s}, Defaults(), 100, 20*time.Second, "introspect")
				m := got.Measurement("introspect")
				unknown := slices.ContainsFunc(m.Expectations, func(e bench.Expected) bool {
					return e.State == stateUnknown && e.Outcomes.OK > 0
				})
				if m.Outcomes.Failed() > 0 || !unknown {
					t.Errorf("%v; want no failure, with unknown tokens among what was asked", m.Cases)
				}
				for _, tokens := range []string{"near misses of tokens are refused", "malformed tokens are refused"} {
					if !slices.ContainsFunc(slices.Collect(maps.Keys(got.Notes)), func(note string) bool {
						return strings.Contains(note, tokens)
					}) {
						t.Errorf("no note says that %s: %v", tokens, got.Notes)
					}
				}
			})
		})
	}
}

// A server that is away while tokens are prepared is waited for, and it is noted; one that stays away
// is not waited for twice.
func TestAbsenceOffTheClock(t *testing.T) {
	for away, ends := range map[time.Duration]bool{2 * time.Second: false, time.Hour: true} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.lacks = noUsers
			var from time.Time
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				return 502, "<html>", path == "/token" && !from.IsZero() && time.Since(from) < away
			}
			client := generator.NewClientTransport(30*time.Second, guestServer{s})
			set, err := Open(t.Context(), []Scenario{revoke}, Target{Server: guestServer{s}, Scope: DefaultScope,
				HTTP: client.HTTP(), Parallel: 4, Parameters: Defaults()})
			if err != nil {
				t.Fatal(err)
			}
			from = time.Now()
			got, err := trialOf(t, client, set, bench.Load{Process: "constant", Length: time.Second,
				Timeout: 30 * time.Second, Workers: 10, Streams: []bench.Stream{{Scenario: "revoke", Rate: 20}}})
			if (err != nil) != ends || time.Since(from) > time.Minute {
				t.Fatalf("away for %v: %v after %v", away, err, time.Since(from))
			}
			if !ends && (got.Measurements[0].Outcomes.Failed() > 0 ||
				!strings.Contains(fmt.Sprint(got.Notes), "off the clock the server was away (status 502")) {
				t.Errorf("away for %v: %+v, %v", away, got.Measurements[0].Outcomes, got.Notes)
			}
		})
	}
}

// What is not active is called so whatever status it comes with: that is what it is convicted of, and no refusal.
func TestInactiveByAnotherStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.lacks = noUsers
		s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
			return 403, `{"active":false}`, path == "/introspect" && tok != nil && tok.revoked
		}
		got := trialWith(t, guestServer{s}, Defaults(), 100, 10*time.Second, "introspect")
		m := got.Measurements[0]
		if m.Cases[caseRefusedInactive] == 0 || m.Outcomes.Rejected > 0 || len(m.Cases) != 1 {
			t.Errorf("%+v, %v; want only %q", m.Outcomes, m.Cases, caseRefusedInactive)
		}
	})
}

// A connection that ends at a malformed token is a fact about the server, and the token is no part of the load.
func TestConnectionsThatEndAtMalformedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeServer()
		s.lacks = noUsers
		s.breaks = func(form url.Values) bool { return form.Get("token") == "x" || form.Get("token") == "null" }
		got := trialWith(t, guestServer{s}, Defaults(), 100, 10*time.Second, "introspect")
		if m := got.Measurements[0]; m.Outcomes.Failed() > 0 {
			t.Errorf("%+v, %v; want no failure", m.Outcomes, m.Cases)
		}
		const want = `"x" with a broken connection, "null" with a broken connection`
		if !slices.ContainsFunc(slices.Collect(maps.Keys(got.Notes)), func(note string) bool {
			return strings.HasSuffix(note, want)
		}) {
			t.Errorf("notes %v; want one that ends with %s", got.Notes, want)
		}
	})
}

// A server that will not introspect or revoke its own tokens, whatever it calls that, is said so before the load.
func TestOwnTokensThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/introspect", "no such function", 501,
			"scenario introspect cannot be measured here: http://fake.test/introspect " +
				"answered 501: introspection refuses a token that was issued a moment ago"},
		{"/introspect", `{"error":"invalid_request"}`, 400, "scenario introspect cannot be measured here: "},
		{"/revoke", `{"error":"invalid_request","error_description":"never"}`, 400,
			`this server does not revoke its own tokens: http://fake.test/revoke answered 400 ` +
				`invalid_request, "never"`},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.lacks = noUsers
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				return c.status, c.body, path == c.path
			}
			_, err := openOn(t, guestServer{s}, Defaults(), 10, strings.TrimPrefix(c.path, "/"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s answers %d: %v; want %q", c.path, c.status, err, c.want)
			}
		})
	}
}
