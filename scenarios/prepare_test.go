package scenarios

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/notebook"
)

// What a scenario asks of a server before its trial, registrations of clients included,
// never comes faster than the preparation's rate.
func TestPreparationKeepsItsRate(t *testing.T) {
	for _, s := range All {
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := newFakeServer()
				var asked atomic.Int64
				server.host = func(string) { asked.Add(1) }
				p := Defaults()
				p.Clients, p.PrepareRate = 50, 10
				client := generator.NewClientTransport(30*time.Second, server)
				began := time.Now()
				set, err := Open(t.Context(), []Scenario{s},
					Target{Server: server, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 1, Parameters: p})
				if err != nil {
					t.Fatal(err)
				}
				load := bench.Load{Process: "constant", Length: 10 * time.Second, Timeout: time.Second,
					Streams: []bench.Stream{{Scenario: s.Name, Rate: 10}}}
				schedule, err := load.Draw(1)
				if err != nil {
					t.Fatal(err)
				}
				w, err := set.Prepare(t.Context(), load, schedule, 1)
				if err != nil {
					t.Fatal(err)
				}
				n := asked.Load() + int64(len(server.clients)+len(server.codes))
				if took, least := time.Since(began), time.Duration(n-1)*time.Second/10; took < least {
					t.Errorf("%d requests took %v; want at least %v", n, took, least)
				}
				if _, err := w.Verify(t.Context()); err != nil { // ends the oracle
					t.Fatal(err)
				}
			})
		})
	}
}

// A server that limits requests while a trial is prepared is no reason to guess.
func TestRateLimitsNameTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFakeServer()
		server.fault = func(path string, _ url.Values, _ *fakeToken) (int, string, bool) {
			return 429, "", path == "/token"
		}
		client := generator.NewClientTransport(time.Second, server)
		_, err := Open(t.Context(), []Scenario{introspect},
			Target{Server: server, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 1, Parameters: Defaults()})
		if err == nil || !strings.Contains(err.Error(),
			"answered 429: the server limits requests, so lower prepare-rate") {
			t.Errorf("error %v", err)
		}
	})
}

// Whatever redirects says where to: off the clock in its error, under load in a note of its case.
func TestRedirectionsSayWhereTo(t *testing.T) {
	const place, want = "https://login.example.test/start?state=1", `redirects to "https://login.example.test/start"`
	synctest.Test(t, func(t *testing.T) {
		server := newFakeServer()
		server.fault = func(string, url.Values, *fakeToken) (int, string, bool) { return 302, place, true }
		client := generator.NewClientTransport(time.Second, server)
		target := Target{Server: server, HTTP: client.HTTP(), Parallel: 1, Parameters: Defaults()}
		keys := server.Endpoints().JWKS
		_, err := target.ask(t.Context(), oauth.Get(keys))
		if err == nil || !strings.Contains(err.Error(), keys+" answered 302 and "+want) {
			t.Errorf("a key set: %v", err)
		}
	})
	book := notebook.New()
	request := oauth.Get(fakeIssuer + "/jwks")
	a := drawnArrivals(Ask{book: book}, func(int) (*oauth.Request, *rule) {
		return &request, ruleOf("jwks", kindNothing, stateFresh)
	})
	answer := a.refusal(0, &vegeta.Result{Code: 302, Headers: http.Header{"Location": {place}}})
	if answer.Case != "status 302" {
		t.Errorf("under load: %+v", answer)
	}
	for note := range book.Take().Notes {
		if !strings.Contains(note, want) {
			t.Errorf("note %q; want %q", note, want)
		}
	}
}
