package oauth

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// wellKnown serves documents by path; BASE in them is the server's address. A document
// that begins with > redirects.
func wellKnown(t *testing.T, documents map[string]string) *httptest.Server {
	t.Helper()
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := documents[r.URL.Path]
		text = strings.ReplaceAll(text, "BASE", s.URL)
		switch to, redirects := strings.CutPrefix(text, ">"); {
		case !ok:
			http.NotFound(w, r)
		case redirects:
			http.Redirect(w, r, to, http.StatusMovedPermanently)
		default:
			fmt.Fprint(w, text)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// Where an answer redirects to is shown without what may be a secret.
func TestRedirectsTo(t *testing.T) {
	for _, c := range []struct {
		status      int
		place, want string
	}{
		{200, "https://a.example/x", ""}, {302, "", ""},
		{302, "https://me:hidden@a.example/x?token=abc#part", `"https://a.example/x"`},
		{307, "/login?client_secret=abc", `"/login"`},
		{303, "https://a.example/s3cret-of-the-client", `"https://a.example/***"`},
		{301, "::", "an address that cannot be read"},
	} {
		if got := RedirectsTo(c.status, http.Header{"Location": {c.place}}, "s3cret-of-the-client"); got != c.want {
			t.Errorf("%d to %q: %s; want %s", c.status, c.place, got, c.want)
		}
	}
}

// An issuer with a path has its metadata where RFC 8414 section 3.1 has it, or behind the
// path; what was found out of order counts, and what disagrees is said first.
func TestMetadataIsFound(t *testing.T) {
	const good = `{"issuer":"BASE/tenant","token_endpoint":"BASE/t"}`
	const first, second = "/.well-known/oauth-authorization-server/tenant", "/tenant/.well-known/openid-configuration"
	for name, c := range map[string]struct {
		documents map[string]string
		place     string // where it is found
		want      string // else the error begins so, after the issuer
	}{
		"RFC 8414":           {map[string]string{first: good, second: `{"issuer":"https://other"}`}, first, ""},
		"behind the path":    {map[string]string{second: good}, second, ""},
		"redirected at home": {map[string]string{first: ">/elsewhere", "/elsewhere": good}, first, ""},
		"of another issuer": {map[string]string{
			second: `{"issuer":"https://auth.example.com/x","token_endpoint":"BASE/t"}`}, "",
			"BASE" + second + ` is metadata for issuer "https://auth.example.com/x", not "BASE/tenant": give ` +
				`that as issuer`},
		"redirected away": {map[string]string{second: ">https://login.example/x"}, "",
			"BASE" + second + ` answered 301 and redirects to "https://login.example/x", which is not followed`},
		"broken": {map[string]string{second: "<html>"}, "",
			"BASE" + second + " answered 200 OK with what is not metadata: metadata is not JSON"},
		"without an endpoint": {map[string]string{first: `{"issuer":"BASE/tenant"}`}, "",
			"BASE" + first + " names no token_endpoint"},
		"nowhere": {nil, "", "BASE" + first + " answered 404 Not Found; the same at " +
			"BASE/.well-known/openid-configuration/tenant, BASE/tenant/.well-known/oauth-authorization-server, BASE" +
			second + ": check the issuer's path, or give the endpoints by hand (token=ADDRESS, "},
	} {
		s := wellKnown(t, c.documents)
		m, err := DiscoverMetadata(t.Context(), s.Client(), s.URL+"/tenant")
		if c.place != "" {
			if err != nil || m.Address != s.URL+c.place || m.Token != s.URL+"/t" {
				t.Errorf("%s: %+v, %v; want it at %s", name, m, err, c.place)
			}
			continue
		}
		if want := "discover " + s.URL + "/tenant: " + strings.ReplaceAll(c.want, "BASE", s.URL); err == nil ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v; want %s", name, err, want)
		}
	}
}

// The address of the metadata stands for the issuer that it is of.
func TestWellKnownIsCut(t *testing.T) {
	for given, want := range map[string]string{
		"https://as/.well-known/openid-configuration":              "https://as",
		"https://as/tenant/.well-known/openid-configuration":       "https://as/tenant",
		"https://as/.well-known/oauth-authorization-server/tenant": "https://as/tenant",
		"https://as/.well-known/oauth-authorization-server/":       "https://as",
		"https://as/tenant/": "https://as/tenant/",
	} {
		if got := CutWellKnown(given); got != want {
			t.Errorf("%s: %s; want %s", given, got, want)
		}
	}
}

// Metadata cannot send a secret anywhere else than to its issuer, and the refusal names
// the member and shows no password.
func TestFoundEndpointsAreAtHome(t *testing.T) {
	for address, want := range map[string]string{
		"https://as.example/t": "", "https://AS.example:443/x?y=z": "",
		"http://as.example/t":            "is http, and the issuer is https",
		"https://other.example/t":        `is at "https://other.example", which is another origin`,
		"https://as.example:8443/t":      "which is another origin",
		"https://u:passw0rd@as.example/": "has a user's name or password",
		"file:///etc/passwd":             "is neither http nor https",
		"gopher://as.example/":           "is neither http nor https",
		"https://as.example/t\r\nX: y":   "is no address (net/url: invalid control character in URL)",
		"https://as.example/t#f":         "has a fragment",
		"/t":                             "is neither http nor https",
		"https:///t":                     "has no host",
	} {
		err := CheckFound("https://as.example", Named{"token_endpoint", &address})
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "token_endpoint") || strings.Contains(err.Error(), "passw0rd")) {
			t.Errorf("%q: %v; want %q", address, err, want)
		}
	}
}
