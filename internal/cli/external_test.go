package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/process"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/session"
)

// A server that somebody else runs is measured with the client whose secret is in
// the environment; the secret is in no file.
func TestExternalServerIsMeasured(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	told, err := settings.Parse(settings.V2, map[string][]string{"pbkdf2_rounds": {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	server, err := process.Start(t.Context(), process.Options{
		Command: []string{self, "serve"}, Env: append(os.Environ(), asProgram+"=1"), Settings: told,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client, err := server.RegisterClient(context.Background(), oauth.ClientSpec{
		Name: "external", AuthMethod: oauth.AuthPost, GrantTypes: []string{"client_credentials"}, Scope: "api",
	})
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"THEIR_ID=" + client.ClientID, "THEIR_SECRET=" + client.Secret}
	dir := t.TempDir()
	text := fmt.Sprintf("external:\n  theirs:\n    issuer: %s\n    auth: client_secret_post\n    scope: api\n    "+
		"client_id_env: THEIR_ID\n    client_secret_env: THEIR_SECRET\n"+
		"target: external:theirs\nrate: 30/s\nduration: 2s\nout: r\n", server.Endpoints().Issuer)
	if err := os.WriteFile(filepath.Join(dir, "plan.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := oauthbenchWith(t, env, dir, "run", "--plan", "plan.yaml", "--allow-secret-env",
		"THEIR_ID,THEIR_SECRET")
	if code != exitcode.Pass {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	run, err := session.Read(filepath.Join(dir, "r"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(run.Operations(), " "); got != "introspect revoke token" {
		t.Errorf("operations %q; want all three", got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "r", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if data, err := os.ReadFile(f); err != nil || strings.Contains(string(data), client.Secret) {
			t.Errorf("%s: %v, or it holds the secret", f, err)
		}
	}
}

// someCredentials are those of a client that the server need not know.
var someCredentials = []string{"OAUTHBENCH_CLIENT_ID=id", "OAUTHBENCH_CLIENT_SECRET=secret"}

// A server that cannot be measured is said so in one line, before any load.
func TestServersThatCannotBeMeasured(t *testing.T) {
	t.Parallel()
	serve := func(answer http.HandlerFunc) string {
		s := httptest.NewServer(answer)
		t.Cleanup(s.Close)
		return s.URL
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	closed := httptest.NewServer(nil)
	closed.Close()
	page := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Welcome</html>") }
	broken := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oops", 500) }
	for name, c := range map[string]struct{ target, want string }{
		"answers HTML":    {serve(page), "not metadata"},
		"answers 500":     {serve(broken), "500 Internal Server Error"},
		"answers nothing": {"http://" + silent.Addr().String() + " --timeout 300ms", "imeout"},
		"is not there":    {closed.URL, "connection refused"},
		"is another": {serve(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"issuer":"https://other"}`)
		}), `is metadata for issuer "https://other"`},
		"has HTML tokens":    {serve(page) + "?token=" + serve(page), "not metadata"},
		"refuses the client": {"external:by-hand", "answered 401 invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			refusing := serve(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(401)
				fmt.Fprint(w, `{"error":"invalid_client"}`)
			})
			plan := fmt.Sprintf("external:\n  by-hand: {token: %s/t, introspection: %s/i, revocation: %s/r}\n",
				refusing, refusing, refusing)
			if err := os.WriteFile(filepath.Join(dir, "plan.yaml"), []byte(plan), 0o600); err != nil {
				t.Fatal(err)
			}
			args := strings.Fields("run --plan plan.yaml --rate 10/s --out r --target " + c.target)
			code, stdout, stderr := oauthbenchWith(t, someCredentials, dir, args...)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			if last := lines[len(lines)-1]; code != exitcode.NoTarget || !strings.Contains(last, c.want) ||
				!strings.HasPrefix(last, "oauthbench: ") || stdout != "" {
				t.Errorf("exit %d, stdout %q, stderr\n%s\nwant %d and a last line with %q", code, stdout, stderr,
					exitcode.NoTarget, c.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "r")); !os.IsNotExist(err) {
				t.Errorf("a directory of a run that never was: %v", err)
			}
		})
	}
}

// A server that calls every token active fails the run, however fast it is.
func TestLyingServerFailsTheRun(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	var issued atomic.Int64
	mux.HandleFunc("/t", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer"}`, issued.Add(1))
	})
	mux.HandleFunc("/i", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"active":true}`) })
	mux.HandleFunc("/r", func(http.ResponseWriter, *http.Request) {})
	s := httptest.NewServer(mux)
	defer s.Close()
	dir := t.TempDir()
	target := fmt.Sprintf("%s?token=%s/t&introspection=%s/i&revocation=%s/r", s.URL, s.URL, s.URL, s.URL)
	code, stdout, _ := oauthbenchWith(t, someCredentials, dir, "run", "--target", target, "--rate", "50/s",
		"--duration", "2s", "--out", "r")
	text := oneLine(stdout)
	if code != exitcode.Regression || !strings.Contains(text, "unknown token called active") ||
		!strings.Contains(text, "revoked token is still active") {
		t.Errorf("exit %d; want %d and the lies by name\n%s", code, exitcode.Regression, stdout)
	}
}

func TestExternalSettingsAreChecked(t *testing.T) {
	dir := t.TempDir()
	for target, want := range map[string]string{
		"external:nobody":        `no external block "nobody"`,
		"https://issuer.example": "OAUTHBENCH_CLIENT_ID is not set",
		"https://issuer.example?client_id_env=OAUTHBENCH_NOT": "OAUTHBENCH_NOT is not set",
		"https://issuer.example?client_secret_env=PATH": "client_secret_env names the environment " +
			"variable PATH: only OAUTHBENCH_* may be sent",
		"https://issuer.example?introspection_token_env=PATH": "introspection_token_env names the " +
			"environment variable PATH",
		"https://joe:passw0rd@issuer.example": "issuer has a user's name or a password " +
			"in its address",
		"https://issuer.example?jwks=https://joe:passw0rd@issuer.example": "jwks has a user's name or a password in " +
			"its address",
		"https://issuer.example?connect=issuer.example": `connect "issuer.example" is not a host with a port`,
		"https://issuer.example?auth=hope":              `"hope"`,
		"https://issuer.example?secret=x":               `no setting "secret"`,
		"https://issuer.example?token=ftp://x":          `token "ftp://x" is not an address`,
	} {
		code, _, stderr := oauthbench(t, dir, "run", "--target", target, "--out", "r")
		if code != exitcode.Usage || strings.Contains(stderr, "passw0rd") || !strings.Contains(stderr, want) ||
			strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit %d, %q; want %d and one line with %q", target, code, stderr, exitcode.Usage, want)
		}
	}
}
