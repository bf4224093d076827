package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/http1"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

func openOn(t *testing.T, s reachedServer, p Parameters, offered float64, names ...string) (*Set, error) {
	t.Helper()
	chosen, err := Find(names)
	if err != nil {
		t.Fatal(err)
	}
	client := generator.NewClientTransport(30*time.Second, s)
	return Open(t.Context(), chosen,
		Target{Server: s, HTTP: client.HTTP(), Parallel: 4, Parameters: p, Offered: offered})
}

// A client that is refused is tried once, and the error says how it was sent.
func TestRefusedClientsAreTriedOnce(t *testing.T) {
	for _, c := range []struct {
		path, scenario, answer, want string
		status                       int
	}{
		{"/token", "token", `{"error":"invalid_client","error_description":"who are you"}`,
			`answered 401 invalid_client, "who are you"; id and secret were sent by client_secret_basic: ` +
				`auth=client_secret_post`, 401},
		{"/token", "introspect", `{"error":"invalid_scope"}`, "answered 400 invalid_scope", 400},
		{"/introspect", "revoke", `{"error":"invalid_client"}`, "introspection refuses this client", 401},
		{"/introspect", "token", `{"error":"invalid_client"}`, "", 401},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			asked := 0
			s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
				if path == c.path {
					asked++
				}
				return c.status, c.answer, path == c.path
			}
			set, err := openOn(t, guestServer{s}, Defaults(), 20, c.scenario)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || asked != 1 {
				t.Errorf("%s %d for %s: %v after %d requests; want %q after 1", c.path, c.status, c.scenario, err,
					asked, c.want)
			}
			if err == nil && c.path == "/introspect" &&
				!strings.Contains(strings.Join(set.Notes(), ""), "issued tokens are not introspected") {
				t.Errorf("%s: notes %q; want that tokens are not introspected", c.scenario, set.Notes())
			}
		})
	}
}

// Preparing on a server that is not ours keeps to a small multiple of the load's rate.
func TestPreparingKeepsManners(t *testing.T) {
	for _, c := range []struct{ offered, least, most float64 }{{2, 5, 11}, {20, 60, 90}} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			asked, began := 0, time.Now()
			s.fault = func(string, url.Values, *fakeToken) (int, string, bool) { asked++; return 0, "", false }
			p := Defaults()
			p.States = map[string]float64{stateActive: 50, stateRevoked: 50}
			if _, err := openOn(t, guestServer{s}, p, c.offered, "introspect"); err != nil {
				t.Fatal(err)
			}
			if rate := float64(asked) / time.Since(began).Seconds(); rate < c.least || rate > c.most {
				t.Errorf("%.0f/s offered: prepared at %.1f/s; want %.0f to %.0f", c.offered, rate, c.least, c.most)
			}
		})
	}
}

// rough is a transport whose server is overloaded at first, and closes a kept connection.
type rough struct {
	reachedServer
	answers []any // a status with Retry-After, or an error; then the server's own
	asked   int
}

func (r *rough) RoundTrip(q *http.Request) (*http.Response, error) {
	r.asked++
	if r.asked > len(r.answers) {
		return r.reachedServer.RoundTrip(q)
	}
	switch a := r.answers[r.asked-1].(type) {
	case error:
		return nil, a
	default:
		return &http.Response{StatusCode: a.(int), Header: http.Header{"Retry-After": {"7"}},
			Body: io.NopCloser(strings.NewReader("")), Request: q}, nil
	}
}

// A server that says when to come back is waited for, and a connection that it was just
// closing is no failure of a request that is not measured.
func TestPreparingIsPatient(t *testing.T) {
	broken := &http1.Error{Kind: http1.BrokenKept, Err: errors.New("EOF")}
	for name, c := range map[string]struct {
		answers []any
		waited  time.Duration
		want    string
	}{
		"overloaded":          {[]any{429, 503}, 14 * time.Second, ""},
		"overloaded for long": {[]any{429, 429, 429, 429}, 21 * time.Second, "answered 429"},
		"closing":             {[]any{broken}, 0, ""},
		"closing again":       {[]any{broken, broken}, 0, "kept connection broken"},
		"gone": {[]any{&http1.Error{Kind: http1.BrokenNew, Err: errors.New("EOF")}}, 0,
			"new connection broken"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &rough{reachedServer: newFakeServer(), answers: c.answers}
			target := Target{Server: s, HTTP: generator.NewClientTransport(30*time.Second, s).HTTP(), Parallel: 1,
				Parameters: Defaults()}
			began := time.Now()
			_, err := target.ask(t.Context(), oauth.Get(fakeIssuer+"/jwks"))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) ||
				time.Since(began) != c.waited {
				t.Errorf("%s: %v after %v; want %q after %v", name, err, time.Since(began), c.want, c.waited)
			}
		})
	}
}

// What is left at a server that is not ours is counted: what was issued and not revoked.
func TestWhatIsLeftIsCounted(t *testing.T) {
	for _, scenario := range []string{"token", "introspect", "revoke"} {
		synctest.Test(t, func(t *testing.T) {
			s := newFakeServer()
			s.lacks = noUsers
			got := trialWith(t, guestServer{s}, Defaults(), 100, 20*time.Second, scenario)
			var alive int64
			for _, token := range s.tokens {
				if token.live() {
					alive++
				}
			}
			if n := got.Notes["tokens left at the server, alive until they expire"]; n != alive || n == 0 {
				t.Errorf("%s: %d left; want %d (%v)", scenario, n, alive, got.Notes)
			}
		})
	}
}

// Introspection may call a live token inactive that whoever asks may not see (RFC 7662
// section 2.2): that is refused before the load where nothing could be told then, and
// convicts nobody.
func TestIntrospectionThatShowsNothing(t *testing.T) {
	key := newJWTKey(t, "k")
	signed := key.sign(t, `{"iss":"`+fakeIssuer+`","aud":"account","exp":4102444800}`)
	foreign := key.sign(t, `{"iss":"http://other.test","aud":"account","exp":4102444800}`)
	for _, c := range []struct {
		name, scenario string
		token          string        // a JWT; "" for an opaque one
		hidden         time.Duration // from the first question on; 0: for good
		want           string        // of the error; "" when there is none
		note           string
	}{
		{name: "opaque", scenario: "introspect", want: "scenario introspect cannot be measured here"},
		{name: "opaque", scenario: "revoke", want: "inactive that was issued a moment ago"},
		{name: "opaque", scenario: "token", want: "whether issued tokens are good for anything"},
		{name: "JWT", scenario: "introspect", token: signed, want: `its aud is "account"`},
		{name: "JWT", scenario: "token", token: signed, note: `its aud is "account"`},
		{name: "JWT under another name", scenario: "revoke", token: foreign, want: `its iss is "http://other.test"`},
		{name: "seen late", scenario: "token", hidden: time.Second},
	} {
		t.Run(c.name+", "+c.scenario, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFakeServer()
				var asked time.Time
				s.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
					switch {
					case path == "/introspect":
						if asked.IsZero() {
							asked = time.Now()
						}
						active := c.hidden > 0 && time.Since(asked) >= c.hidden
						return 200, fmt.Sprintf(`{"active":%v}`, active), true
					case path == "/token" && c.token != "":
						return 200, `{"access_token":"` + c.token + `","token_type":"Bearer"}`, true
					case path == "/jwks":
						return 200, key.set(t), true
					}
					return 0, "", false
				}
				set, err := openOn(t, askingClient{guestServer{s}}, Defaults(), 20, c.scenario)
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Fatalf("%v; want %q", err, c.want)
				}
				if c.note != "" && !strings.Contains(strings.Join(set.Notes(), "\n"), c.note) {
					t.Errorf("notes %q; want %q", set.Notes(), c.note)
				}
			})
		})
	}
}

// askingClient is a guest at which the one client introspects, too.
type askingClient struct{ guestServer }

func (askingClient) IntrospectionCredential(context.Context) (oauth.Credential, error) {
	return oauth.Credential{Method: oauth.AuthBasic, ClientID: "client-0", Secret: fakeSecret}, nil
}
