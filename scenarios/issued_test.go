package scenarios

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// jwtKey signs access tokens with claims that an assertion could not have.
type jwtKey struct {
	id      string
	private *ecdsa.PrivateKey
}

func newJWTKey(t *testing.T, id string) jwtKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jwtKey{id, private}
}

// set is the JWK Set of the key.
func (k jwtKey) set(t *testing.T) string {
	t.Helper()
	point, err := k.private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":%q,"x":%q,"y":%q}]}`, k.id,
		text(point[1:33]), text(point[33:]))
}

func (k jwtKey) sign(t *testing.T, claims string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString
	signed := text([]byte(`{"alg":"ES256","kid":"`+k.id+`"}`)) + "." + text([]byte(claims))
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + text(signature)
}

// Access tokens that are JWTs are judged by their signature and by what they say, and a
// right server may change its key while the load runs.
func TestIssuedJWTsAreJudged(t *testing.T) {
	const good = `"iss":"http://fake.test","exp":9999999999`
	for _, c := range []struct {
		name    string
		claims  string
		rotates bool // to another key, when the load is under way
		leaks   int  // one of so many is signed with a key that is not published; 0: none
		want    string
	}{
		{name: "right", claims: `{` + good + `,"scope":"bench"}`},
		{name: "scope is an array", claims: `{` + good + `,"scope":["bench"]}`},
		{name: "another scope, in an array", claims: `{` + good + `,"scope":["bench","admin"]}`,
			want: "JWT with another scope"},
		{name: "scope is called scp", claims: `{` + good + `,"scp":["bench"]}`},
		{name: "another scope, in scp", claims: `{` + good + `,"scp":"bench admin"}`, want: "JWT with another scope"},
		{name: "scope is an object", claims: `{` + good + `,"scope":{}}`, want: "JWT in which scope is an object"},
		{name: "scope is a number", claims: `{` + good + `,"scope":7}`, want: "JWT with another scope"},
		{name: "another issuer", claims: `{"iss":"http://other.test","exp":9999999999}`, want: "JWT of another issuer"},
		{name: "expired", claims: `{"iss":"http://fake.test","exp":1}`, want: "JWT with an exp in the past"},
		{name: "the key is changed", claims: `{` + good + `}`, rotates: true},
		{name: "unpublished key", claims: `{` + good + `}`, leaks: 1, want: "JWT that the server's keys did not sign"},
		{name: "unpublished key now and then", claims: `{` + good + `}`, leaks: 50,
			want: "JWT that the server's keys did not sign"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				old, published := newJWTKey(t, "old"), newJWTKey(t, "new")
				if !c.rotates {
					old = published
				}
				began := time.Now()
				s.fault = func(path string, form url.Values, _ *fakeToken) (int, string, bool) {
					now := old
					if time.Since(began) > 10*time.Second {
						now = published
					}
					switch path {
					case "/jwks":
						return 200, now.set(t), true
					case "/token":
						if s.issued++; c.leaks > 0 && s.issued%c.leaks == 0 {
							now = newJWTKey(t, now.id)
						}
						token := now.sign(t, c.claims)
						s.tokens[token] = &fakeToken{client: "client-0", scope: DefaultScope,
							expires: time.Now().Add(time.Hour)}
						return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"}`, token), true
					}
					return 0, "", false
				}
				got := trialWith(t, s, Defaults(), 100, 20*time.Second, "token")
				m := got.Measurement("token")
				want := map[string]int64{c.want: 400 / int64(max(c.leaks, 1))}
				if c.want == "" {
					want = nil
				}
				if got.Facts[FactIssued] != 400 || got.Facts[FactJWTs] != 400 ||
					got.Facts[FactIntrospected] > sampleSize {
					t.Errorf("facts %v; want 400 JWTs, all read, and at most %d introspected", got.Facts, sampleSize)
				}
				if verified := got.Facts[FactJWTsVerified]; c.leaks > 0 != (verified < 400) {
					t.Errorf("%d of 400 signatures verified", verified)
				}
				if !maps.Equal(m.Cases, want) || got.Unverified != "" {
					t.Errorf("cases %v, unverified %q; want %v", m.Cases, got.Unverified, want)
				}
			})
		})
	}
}

// A server whose tokens are no JWTs may publish an empty key set.
func TestAnEmptyKeySetStopsNothing(t *testing.T) {
	for token, want := range map[string]string{"opaque": "", "eyJhbGciOiJFUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.AAAA": "",
		"eyJhbGciOiJub25lIn0.e30.": "JWT without a signature (alg none)"} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				switch path {
				case "/jwks":
					return 200, `{"keys":[]}`, true
				case "/token":
					s.tokens[token] = &fakeToken{client: "client-0", expires: time.Now().Add(time.Hour)}
					return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"}`, token), true
				}
				return 0, "", false
			}
			got := trialWith(t, s, Defaults(), 100, 20*time.Second, "token")
			if m := got.Measurement("token"); m.Outcomes.Failed() != m.Cases[want] ||
				(m.Outcomes.Failed() > 0) != (want != "") {
				t.Errorf("%s: %v; want %q", token, m.Cases, want)
			}
		})
	}
}

// A key set is read although it is large, has keys that nobody can use, or gives away a secret, which
// is a flaw of the server and costs no token its signature.
func TestKeySetsAsTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		more  string // keys before the one that signs
		flaws []bench.Flaw
		notes string
	}{
		"large":  {`{"kty":"AKP","x5c":["` + strings.Repeat("A", 3<<20) + `"]},`, nil, "was not judged"},
		"secret": {`{"kty":"oct","k":"c2VjcmV0"},`, []bench.Flaw{{Check: checkKeySet, What: privateKey}}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, key := newFakeServer(), newJWTKey(t, "key")
			s.lacks = noUsers
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				switch path {
				case "/jwks":
					return 200, strings.Replace(key.set(t), `[`, `[`+c.more, 1), true
				case "/token":
					token := key.sign(t, `{"exp":9999999999}`)
					s.tokens[token] = &fakeToken{client: "client-0", scope: DefaultScope,
						expires: time.Now().Add(time.Hour)}
					return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"}`, token), true
				}
				return 0, "", false
			}
			got := trialWith(t, guestServer{s}, Defaults(), 100, 6*time.Second, "token", "jwks")
			if got.Facts[FactJWTsVerified] != got.Facts[FactJWTs] || got.Facts[FactJWTs] == 0 ||
				got.Measurement("token").Outcomes.Failed() > 0 || !slices.Equal(got.Flaws, c.flaws) {
				t.Errorf("%s: facts %v, flaws %v; want all verified and %v", name, got.Facts, got.Flaws, c.flaws)
			}
			keys := got.Measurement("jwks").Cases
			if notes := fmt.Sprint(got.Notes); !strings.Contains(notes, c.notes) ||
				(keys[privateKey] > 0) != (c.flaws != nil) {
				t.Errorf("%s: jwks %v, notes %.500s", name, keys, notes)
			}
		})
	}
}

// Of JWTs that were granted a scope all tell it, or none.
func TestScopesOfJWTsAgree(t *testing.T) {
	const want = "JWT without the scope that others of this server carry"
	for every, wrong := range map[int]bool{1: false, 10: true, 1000: false} { // one of so many tells none
		synctest.Test(t, func(t *testing.T) {
			s, key := newFakeServer(), newJWTKey(t, "key")
			s.lacks = noUsers
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				switch path {
				case "/jwks":
					return 200, key.set(t), true
				case "/token":
					s.issued++
					claims := fmt.Sprintf(`{"exp":9999999999,"scope":"bench","jti":"%d"}`, s.issued)
					if s.issued%every == 0 {
						claims = fmt.Sprintf(`{"exp":9999999999,"jti":"%d"}`, s.issued)
					}
					token := key.sign(t, claims)
					s.tokens[token] = &fakeToken{client: "client-0", scope: DefaultScope,
						expires: time.Now().Add(time.Hour)}
					return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"}`, token), true
				}
				return 0, "", false
			}
			got := trialWith(t, guestServer{s}, Defaults(), 100, 6*time.Second, "token")
			if m := got.Measurement("token"); m.Outcomes.Failed() != m.Cases[want] || (m.Cases[want] > 0) != wrong {
				t.Errorf("one of %d: %v; want some wrong: %v", every, m.Cases, wrong)
			}
		})
	}
}

// A key set that cannot be read stops nothing as long as no token is a JWT; where tokens are,
// it is refused before the load.
func TestAnUnreadableKeySet(t *testing.T) {
	for token, jwt := range map[string]bool{"opaque": false,
		"eyJhbGciOiJFUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.AAAA": true} {
		for _, body := range []string{"", "<html>"} {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
					switch {
					case path == "/jwks" && body == "":
						return 404, "", true
					case path == "/jwks":
						return 200, body, true
					case path == "/token":
						s.tokens[token] = &fakeToken{client: "client-0", expires: time.Now().Add(time.Hour)}
						return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"}`, token), true
					}
					return 0, "", false
				}
				if jwt {
					if _, err := openOn(t, s, Defaults(), 20, "token"); err == nil {
						t.Errorf("%q: JWTs that nobody can verify are measured", body)
					}
					return
				}
				got := trialWith(t, s, Defaults(), 100, 20*time.Second, "token")
				if m := got.Measurement("token"); m.Outcomes.Failed() > 0 || got.Unverified != "" ||
					len(got.Notes) == 0 {
					t.Errorf("%q: %v, unverified %q, notes %v", body, m.Cases, got.Unverified, got.Notes)
				}
			})
		}
	}
}

// A server that gives one user's token to another is found, whatever the grant; the
// subject of a machine's token is its own affair.
func TestTokensOfOtherUsersAreFound(t *testing.T) {
	for scenario, found := range map[string]bool{
		"authcode": true, "refresh": true, "device": true, "jwt-bearer": true, "exchange": true, "introspect": true,
		"token": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.fault = func(path string, _ url.Values, tok *fakeToken) (int, string, bool) {
				if path != "/introspect" || !tok.live() {
					return 0, "", false
				}
				return 200, fmt.Sprintf(`{"active":true,"client_id":%q,"scope":%q,"sub":"mallory"}`, tok.client,
					tok.scope), true
			}
			var failed int64
			got := trialWith(t, s, Defaults(), 100, 20*time.Second, scenario)
			for _, m := range got.Measurements {
				failed += m.Outcomes.Failed() - m.Cases["active token of another user"]
				if m.Operation == "authorize" || m.Operation == "device" {
					continue // these answer without tokens
				}
				if (m.Cases["active token of another user"] > 0) != found {
					t.Errorf("%s: %v; want another user found: %v", m.Operation, m.Cases, found)
				}
			}
			if failed > 0 {
				t.Errorf("%s: other faults found, too", scenario)
			}
		})
	}
	var s sample
	s.inspector = &inspector{target: Target{Server: newFakeServer()}}
	if what := s.judgeJWT(issuedToken{promise: promise{subject: "user-1"}},
		oauth.JWT{Claims: oauth.Claims{Subject: "user-2", Expires: 1e10}}); what != "JWT of another user" {
		t.Errorf("a JWT of another user: %q", what)
	}
}

// JWTs that no resource server would take are wrong, whatever the server calls them.
func TestJWTsThatNobodyWouldTake(t *testing.T) {
	for _, c := range []struct{ claims, want string }{ // %d is another number each time
		{`"sub":"me","jti":"%d","exp":4102444800`, ""},
		{`"sub":"me","jti":"one","more":%d,"exp":4102444800`, "JWT with the jti of another token"},
		{`"sub":"user-%d","exp":4102444800`, "JWT with another sub than the client's other tokens"},
		{`"sub":"me","more":%d,"exp":4102444800,"nbf":4102444000`, "JWT with an nbf in the future"},
		{`"sub":"me","more":%d`, "JWT without exp"},
		{`"sub":"me","more":%d,"exp":4102444800000`, "JWT with an exp that is no number of seconds"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, key := newFakeServer(), newJWTKey(t, "key")
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				switch path {
				case "/jwks":
					return 200, key.set(t), true
				case "/token":
					s.issued++
					token := key.sign(t, "{"+fmt.Sprintf(c.claims, s.issued)+"}")
					s.tokens[token] = &fakeToken{client: "client-0", subject: "me", scope: DefaultScope,
						expires: time.Unix(4102444800, 0)}
					return 200, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer"}`, token), true
				case "/introspect":
					return 200, `{"active":true}`, true
				}
				return 0, "", false
			}
			got := trialWith(t, s, Defaults(), 100, 6*time.Second, "token")
			m := got.Measurement("token")
			if m.Outcomes.Failed() != m.Cases[c.want] || (m.Outcomes.Failed() > 0) != (c.want != "") {
				t.Errorf("%s: %v; want %q", c.claims, m.Cases, c.want)
			}
		})
	}
}

// When old tokens die, what the dead have in common is said.
func TestWhatDeadTokensHaveInCommon(t *testing.T) {
	for name, c := range map[string]struct {
		dead  func(n int) bool
		noted bool
	}{
		"a restart lost the older ones": {func(n int) bool { return n < 200 }, true},
		"now and then one is lost":      {func(n int) bool { return n%3 == 0 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
					n := 0
					fmt.Sscanf(form.Get("token"), "token-%d-", &n)
					return 200, `{"active":false}`, path == "/introspect" && tok != nil && s.issued > 300 &&
						c.dead(n)
				}
				got := trialWith(t, s, Defaults(), 100, 20*time.Second, "token")
				noted := false
				for text := range got.Notes {
					noted = noted || strings.HasPrefix(text, "tokens that died are older than all that live")
				}
				if noted != c.noted || got.Measurement("token").Cases[caseInactive] == 0 {
					t.Errorf("notes %v, cases %v; want age noted: %v", got.Notes, got.Measurement("token").Cases,
						c.noted)
				}
			})
		})
	}
}

// A server that calls live tokens inactive while it has too much to do is asked again when the load
// is over: it is noted, and convicts nobody, unless the tokens stay dead.
func TestTokensCalledInactiveAreAskedAboutAgain(t *testing.T) {
	for name, c := range map[string]struct {
		wrongly   int // how often each token is called inactive
		convicted bool
	}{"once": {1, false}, "always": {1 << 30, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, asked := newFakeServer(), map[string]int{}
				began := time.Now()
				s.fault = func(path string, form url.Values, tok *fakeToken) (int, string, bool) {
					if path != "/introspect" || tok == nil || time.Since(began) < 10*time.Second {
						return 0, "", false
					}
					asked[form.Get("token")]++
					return 200, `{"active":false}`, asked[form.Get("token")] <= c.wrongly
				}
				got := trialWith(t, s, Defaults(), 100, 20*time.Second, "token")
				noted := false
				for text := range got.Notes {
					noted = noted || strings.HasPrefix(text,
						"issued tokens were called inactive when the trial had just ended")
				}
				convicted := got.Measurement("token").Cases[caseInactive] > 0
				if len(asked) == 0 || noted == c.convicted || convicted != c.convicted {
					t.Errorf("%d tokens asked about, notes %v, cases %v; want convicted: %v", len(asked), got.Notes,
						got.Measurement("token").Cases, c.convicted)
				}
			})
		})
	}
}
