package targets

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/plan"
)

// elsewhere is a server whose metadata is a document in which BASE is its own address.
func elsewhere(t *testing.T, document string) *httptest.Server {
	t.Helper()
	t.Setenv("OAUTHBENCH_CLIENT_ID", "id")
	t.Setenv("OAUTHBENCH_CLIENT_SECRET", "secret ")
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/.well-known/") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(document, "BASE", s.URL))
	}))
	t.Cleanup(s.Close)
	return s
}

func reach(t *testing.T, text string) (*Deployment, error) {
	t.Helper()
	target, err := Parse(text, plan.Default(plan.Run))
	if err != nil {
		return nil, err
	}
	return target.Start(t.Context(), func(string) {})
}

// Blue and green stand under production's issuer at addresses of their own: names stay,
// connections go elsewhere.
func TestConnectToAnotherAddress(t *testing.T) {
	s := elsewhere(t, `{"issuer":"http://issuer.test","token_endpoint":"http://issuer.test/t"}`)
	green := strings.TrimPrefix(s.URL, "http://")
	d, err := reach(t, "http://issuer.test?connect="+green)
	if err != nil {
		t.Fatal(err)
	}
	if d.Connect["issuer.test:80"] != green || d.Endpoints().Token != "http://issuer.test/t" {
		t.Errorf("%v, %+v", d.Connect, d.Endpoints())
	}
}

// A run says where secrets and load went: endpoints that were found are stored like those
// given by hand, and what is in the way of being believed is a note.
func TestWhereSecretsGoIsStored(t *testing.T) {
	s := elsewhere(t,
		`{"issuer":"BASE","token_endpoint":"BASE/t","revocation_endpoint":"BASE/r",
		"jwks_uri":"BASE/k","access_token_issuer":"https://sts.test"}`)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "")
	}
	t.Setenv("http_proxy", "http://joe:passw0rd@127.0.0.1:9") // Whoever uses it reaches nothing.
	d, err := reach(t, s.URL+"/.well-known/openid-configuration?introspection=https://admin.test/i")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"issuer": s.URL, "token": s.URL + "/t", "revocation": s.URL + "/r", "jwks": s.URL + "/k",
		"introspection": "https://admin.test/i",
		"token_issuer":  "https://sts.test", "metadata": s.URL + "/.well-known/oauth-authorization-server",
	} {
		if got := d.Identity.Settings[key]; got != want {
			t.Errorf("%s: %q; want %q", key, got, want)
		}
	}
	for _, want := range []string{
		"credentials and load were sent to " + s.URL + ", https://admin.test",
		"no proxy is used: metadata and load were sent directly, though the environment has http_proxy",
		"the client's id or secret begins or ends with white space, and is sent so",
	} {
		if !slices.Contains(d.Notes, want) {
			t.Errorf("no note %q in %q", want, d.Notes)
		}
	}
}

// What metadata must not decide is refused, unless it was given by hand.
func TestMetadataOfAStranger(t *testing.T) {
	for member, document := range map[string]string{
		"token_endpoint": `{"issuer":"BASE","token_endpoint":"https://mallory.test/t"}`,
		"introspection_endpoint": `{"issuer":"BASE","token_endpoint":"BASE/t",
			"introspection_endpoint":"file:///etc/passwd"}`,
		"jwks_uri": `{"issuer":"BASE","token_endpoint":"BASE/t","jwks_uri":"http://127.0.0.1:1/k"}`,
	} {
		s := elsewhere(t, document)
		if _, err := reach(t, s.URL); err == nil || !strings.Contains(err.Error(), member+" is ") ||
			!strings.Contains(err.Error(), "by hand") {
			t.Errorf("%s: %v; want a refusal that names it", member, err)
		}
		if _, err := reach(t, s.URL+"?"+settingOf[member]+"=https://mallory.test/x"); err != nil {
			t.Errorf("%s by hand: %v", member, err)
		}
	}
}

// What a server spends that runs already is known by its number, when that can be looked at;
// the number is no property of the server, and one that there is not is refused.
func TestProcessesOfARunningServer(t *testing.T) {
	s := elsewhere(t, `{"issuer":"BASE","token_endpoint":"BASE/t"}`)
	d, err := reach(t, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if d.Spent().Server.Known || !d.Lasting || !strings.Contains(strings.Join(d.Notes, "\n"), "is not known") {
		t.Errorf("the test's own process is taken for the server: %v", d.Notes)
	}
	for pid, want := range map[string]string{"4194304": "no such process", "1": "not the number",
		"x": "not the number"} {
		if _, err := reach(t, s.URL+"?pid="+pid); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("pid=%s: %v; want %q", pid, err, want)
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	idle := exec.Command("sleep", "60")
	if err := idle.Start(); err != nil {
		t.Skip(err)
	}
	defer func() {
		_ = idle.Process.Kill()
		_ = idle.Wait()
	}()
	number := strconv.Itoa(idle.Process.Pid)
	if d, err = reach(t, s.URL+"?pid="+number); err != nil {
		t.Fatal(err)
	}
	if _, stored := d.Identity.Settings["pid"]; stored || !d.Spent().Server.Known ||
		!strings.Contains(strings.Join(d.Notes, "\n"), "(process "+number+")") {
		t.Errorf("%+v, %v, %v", d.Identity.Settings, d.Spent(), d.Notes)
	}
}

// Limits of containers are refused where there is none.
func TestLimitsOfNoContainer(t *testing.T) {
	p := plan.Default(plan.Run)
	p.Limits = map[string]plan.Limits{"server": {CPUs: 1}}
	for _, text := range []string{"http://issuer.test", "embedded:v2"} {
		if _, err := Parse(text, p); err == nil || !strings.Contains(err.Error(), "runs in none") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
