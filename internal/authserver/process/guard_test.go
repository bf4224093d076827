//go:build unix

package process

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// The admin interface answers programs on this machine and no page of another site.
func TestAdminIsLocal(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V2, "")))
	port := strings.TrimPrefix(p.AdminURL(), "http://127.0.0.1")
	for _, test := range []struct {
		host, name, value string
		want              int
	}{
		{"127.0.0.1" + port, "", "", http.StatusOK},
		{"localhost" + port, "", "", http.StatusOK},
		{"[::1]" + port, "", "", http.StatusOK},
		{"127.0.0.1" + port, "Sec-Fetch-Site", "none", http.StatusOK},
		{"evil.example", "", "", http.StatusForbidden},
		{"127.0.0.1.evil.example" + port, "", "", http.StatusForbidden},
		{"127.0.0.1" + port, "Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{"127.0.0.1" + port, "Sec-Fetch-Site", "same-site", http.StatusForbidden},
		{"127.0.0.1" + port, "Origin", "https://evil.example", http.StatusForbidden},
	} {
		req, err := http.NewRequest(http.MethodGet, p.AdminURL()+settings.IntrospectorsPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = test.host
		if test.name != "" {
			req.Header.Set(test.name, test.value)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != test.want {
			t.Errorf("host %q with %s %q = %d; want %d", test.host, test.name, test.value, resp.StatusCode, test.want)
		}
	}
	// In a network of its own the server has other names, and pages are still kept out.
	handler := local(true, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for site, want := range map[string]int{"": http.StatusOK, "cross-site": http.StatusForbidden} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://server:4445/", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		if handler.ServeHTTP(w, r); w.Code != want {
			t.Errorf("in a container, from %q = %d; want %d", site, w.Code, want)
		}
	}
}

// A child gets none of the secrets that this process may have.
func TestChildGetsNoSecrets(t *testing.T) {
	for _, name := range []string{"OAUTHBENCH_CLIENT_SECRET", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "PATHS"} {
		t.Setenv(name, "secret")
	}
	t.Setenv(settings.PostgresVariable, "postgres://user:secret@host/db")
	got := environment(settings.Settings{Database: settings.SQLite})
	if i := slices.IndexFunc(got, func(pair string) bool { return strings.Contains(pair, "secret") }); i >= 0 {
		t.Errorf("a child gets %q", got[i])
	}
	if !slices.Contains(got, "PATH="+os.Getenv("PATH")) {
		t.Errorf("a child gets %q; want its PATH", got)
	}
	if got := environment(settings.Settings{Database: settings.Postgres}); !slices.ContainsFunc(got,
		func(pair string) bool {
			return strings.HasPrefix(pair, settings.PostgresVariable+"=")
		}) {
		t.Error("a child with db=postgres does not get its data source name")
	}
}

// A server that dies says how, and what it last said; a fresh one goes on with its data.
func TestDeathIsTold(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V2, "fault.dies_at=3@token")))
	c, err := p.RegisterClient(t.Context(),
		oauth.ClientSpec{Name: "x", GrantTypes: []string{"client_credentials"}, Scope: "read"})
	if err != nil {
		t.Fatal(err)
	}
	first := mint(t, p, c)
	mint(t, p, c)
	if died := p.Death(t.Context()); died != "" {
		t.Fatalf("alive, Death() = %q", died)
	}
	if a, err := send(http.DefaultClient, oauth.ClientCredentials(p.Endpoints().Token, c, "")); err == nil {
		t.Fatalf("third request = %s; want no answer", a)
	}
	if died := p.Death(t.Context()); !strings.Contains(died, "exit status 70") ||
		!strings.Contains(died, "dies at request 3") {
		t.Errorf("Death() = %q; want its status and its last words", died)
	}
	if err := p.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if died := p.Death(t.Context()); died != "" {
		t.Errorf("after a restart, Death() = %q", died)
	}
	resource, err := p.IntrospectionCredential(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !isActive(t, p, resource, first) {
		t.Error("a token of before the death is inactive")
	}
}

// A database that refuses writes is in the log.
func TestLogTellsTheCause(t *testing.T) {
	p := start(t, childOptions(t, "serve", quick(t, settings.V2, "")))
	if got := p.Log(); got != "" {
		t.Errorf("Log() of a right server = %q; want nothing", got)
	}
	for _, file := range []string{"oauth.db", "oauth.db-wal", "oauth.db-shm"} {
		if err := os.Truncate(p.home.directory+"/"+file, 0); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	c := oauth.Credential{Method: oauth.AuthBasic, ClientID: "x", Secret: "y"}
	if a, err := send(http.DefaultClient, oauth.ClientCredentials(p.Endpoints().Token, c, "")); err != nil ||
		a.status != http.StatusInternalServerError {
		t.Fatalf("token of a broken database = %s, %v; want 500", a, err)
	}
	if got := p.Log(); !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "oidc_error.parent=") {
		t.Errorf("Log() = %q; want the error with its cause", got)
	}
}
